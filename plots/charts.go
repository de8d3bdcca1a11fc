package plots

import (
	"errors"
	"fmt"

	"mailsim/sim/result"
)

const (
	maxLines  = 6  // lines in one panel; with more, each gets a panel of its own
	maxPanels = 16 // small multiples in one figure; with more, those with the highest values are shown
	manySites = 4  // from this number of sites on, a sweep gets a chart with a panel a site
)

// Charts returns the standard charts of a study, in fixed order:
//
//	queue        messages queued over time
//	queue-all    messages queued on all servers (a sweep that changes some servers, while clearly more waits on others)
//	throughput   messages per second through servers or, where these would have to be added up, deliveries per second
//	connections  open connections over time
//	delay        mean and 95th percentile of the delivery delay, against the swept setting or by site
//	queue-sites  messages queued over time, a panel a site (a sweep over an organisation of at least four sites)
//	links        utilisation of each link over time (no sweep, and a scenario that records links)
//	waiting      messages that no server takes, by site of the sender (no sweep, and there are some)
//	services     which services of E-Post servers run (no sweep, and one was stopped)
//	duplicates   what mailboxes take and what they drop as second copies, a panel a mailbox server (no sweep, and some was dropped)
//	clients      messages that mail clients hand in, a line a server (no sweep, and there are mail clients)
//	drafts       messages that they could not hand in (... and there are some)
//	broken       clients that an update keeps from sending (... and there are some)
//
// With a sweep the first three have a line a setting, for the servers that the sweep changes; without, a line a server or, where
// there are more than six, a panel a site. Lines that lie on each other for most of the time get a panel each, with the others in
// grey. Rates, connections and utilisations are averaged over times that leave at most 150 points, queue lengths are not. Data that
// the study does not have leave a panel that says so. It is an error when the study has no sweep points or its series do not fit
// together.
func Charts(s *result.Study) ([]Figure, error) {
	if s == nil || len(s.File.Points) == 0 {
		return nil, errors.New("charts: the study has no sweep points, so there is nothing to draw: run the scenario again")
	}
	var figures []Figure
	for _, c := range timeCharts() {
		f, err := c.figure(s)
		if err != nil {
			return nil, fmt.Errorf("charts: %s: %w", c.stem, err)
		}
		figures = append(figures, f)
		if c.queues {
			elsewhere, more, err := c.companion(s)
			if err != nil {
				return nil, fmt.Errorf("charts: queue-all: %w", err)
			}
			if more {
				figures[len(figures)-1].note("More messages wait on other servers: chart queue-all shows them all.")
				figures = append(figures, elsewhere)
			}
		}
	}
	figures = append(figures, delayFigure(s))
	if isSweep(s) && len(s.File.Points) <= maxLines {
		f, sites, err := siteFigure(s)
		if err != nil {
			return nil, fmt.Errorf("charts: queue-sites: %w", err)
		}
		if sites >= manySites {
			figures = append(figures, f)
		}
	}
	if !isSweep(s) {
		for _, more := range []struct {
			stem string
			draw func(*result.Study) (Figure, bool, error)
		}{{"links", linkFigure}, {"waiting", waitingFigure}, {"services", serviceFigure}, {"duplicates", duplicateFigure}, {"clients", submissionsChart().figure},
			{"drafts", draftsChart().figure}, {"broken", brokenChart().figure}} {
			f, ok, err := more.draw(s)
			if err != nil {
				return nil, fmt.Errorf("charts: %s: %w", more.stem, err)
			}
			if ok {
				figures = append(figures, f)
			}
		}
	}
	return figures, nil
}

// isSweep tells whether the study compares settings.
func isSweep(s *result.Study) bool { return len(s.File.Points) > 1 }
