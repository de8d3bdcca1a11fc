package plots

import (
	"slices"

	"mailsim/sim/result"
)

// duplicateFigure draws what mailboxes took and what they dropped as second copies, a panel a mailbox server, of a study without a sweep; it tells whether they
// dropped any.
func duplicateFigure(s *result.Study) (Figure, bool, error) {
	metrics := []string{"mailbox.deliveries", "mailbox.duplicates"}
	ofMailbox := func(p *result.PointSeries) bool { return slices.Contains(metrics, p.Metric) }
	servers := serversWith(s, ofMailbox)
	if !slices.ContainsFunc(s.Series, func(p result.PointSeries) bool {
		return p.Metric == metrics[1] && slices.ContainsFunc(p.Max, func(v float64) bool { return v > 0 })
	}) {
		return Figure{}, false, nil
	}
	all, err := curves(s, len(servers)*len(metrics), func(p *result.PointSeries) (int, bool) {
		return slices.Index(servers, p.Labels.Get("server"))*len(metrics) + slices.Index(metrics, p.Metric), ofMailbox(p)
	})
	if err != nil {
		return Figure{}, false, err
	}
	c := timeChart{} // rates are drawn as averages
	names := []string{"delivered", "dropped as second copies"}
	f := overTime(s, "duplicates", "What mailboxes take, and what they drop as second copies", "Messages per minute, one for each recipient")
	for i, server := range servers {
		row := make([]curve, len(metrics))
		for j := range row {
			row[j] = all[i*len(metrics)+j][0]
			row[j].reps = minutes(row[j].reps)
		}
		f.Panels = append(f.Panels, Panel{Title: server, Lines: c.linesOf(s, row, names)})
	}
	if len(servers) == 1 {
		f.Title, f.Panels[0].Title = "What mailboxes on "+servers[0]+" take, and what they drop as second copies", ""
	}
	f.legend("Messages", names)
	f.limitPanels("mailbox servers")
	f.declutter()
	f.finishTime(s, c.averages(s))
	return f, true, nil
}
