package route

import (
	"fmt"

	"mailsim/topology"
)

// Reason is one step of a decision: the rule that was applied and what it said here.
type Reason struct {
	Rule string // such as "R-3.10", or "R-3.1 step 3"
	Text string
}

// String writes "R-3.10: text".
func (r Reason) String() string { return r.Rule + ": " + r.Text }

// notes collects reasons while a decision is made. A nil *notes takes none.
type notes struct{ reasons []Reason }

func (n *notes) add(rule, format string, args ...any) {
	if n != nil {
		n.reasons = append(n.reasons, Reason{rule, fmt.Sprintf(format, args...)})
	}
}

func (t *Table) explainPath(n *notes, to topology.SiteID)           {}
func (t *Table) explainHubSites(n *notes, to topology.SiteID)       {}
func (t *Table) explainChoice(q *question, best *bid, losers []bid) {}
