package plots

import "mailsim/sim/result"

// When a chart of some servers' queues needs the company of one of all servers.
const (
	elsewhereShare = 1.25 // the queue of all peaks at so many times that of the servers shown, in at least one setting
	elsewhereLeast = 10   // and at so many messages: a handful in passing is no backlog
)

// companion draws the queues of all servers together, and tells whether that says more than the chart of the swept servers: a backlog
// that stands before them is in no queue of theirs.
func (c *timeChart) companion(s *result.Study) (f Figure, more bool, err error) {
	servers := serversWith(s, c.takes)
	if !isSweep(s) || len(servers) == 0 {
		return Figure{}, false, nil
	}
	swept := sweptServers(s, servers)
	if swept.servers == nil {
		return Figure{}, false, nil
	}
	const onSwept, onAll = 0, 1
	both := make([][]curve, 2)
	for i, of := range []selection{onSwept: swept, onAll: everyServer()} {
		sum, err := curves(s, 1, func(p *result.PointSeries) (int, bool) { return 0, c.takes(p) && of.has(p.Labels.Get("server")) })
		if err != nil {
			return Figure{}, false, err
		}
		both[i] = sum[0]
	}
	var calc spreads
	for point := range s.File.Points {
		here := calc.of(both[onSwept][point].peaks()).mean
		everywhere := calc.of(both[onAll][point].peaks()).mean
		if everywhere >= elsewhereLeast && !(everywhere < elsewhereShare*here) { // true where nothing is here (NaN)
			more = true
		}
	}
	if !more {
		return Figure{}, false, nil
	}
	whole := *c
	whole.stem = "queue-all"
	f, err = whole.bySetting(s, everyServer())
	return f, true, err
}
