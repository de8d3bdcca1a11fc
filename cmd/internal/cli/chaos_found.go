package cli

import (
	"fmt"
	"io"

	"mailsim/scenarios/chaos"
)

// chaosFound is what a search has come to, as --format json prints it.
type chaosFound struct {
	Scenario string   `json:"scenario"`
	Seed     int64    `json:"seed"`
	Budget   int      `json:"budget"`
	Survived int      `json:"survived"` // plans
	TimeUp   bool     `json:"time_up"`
	Broken   []string `json:"broken"` // ids of expectations; none = every plan was survived
	Text     string   `json:"text,omitempty"`

	Plan   int          `json:"plan,omitempty"` // the number of the plan that failed; absent: the scenario fails without any
	Drawn  int          `json:"drawn,omitempty"`
	Faults []chaosFault `json:"faults,omitempty"`
	Judged int          `json:"judged,omitempty"` // plans judged while shrinking
	File   string       `json:"file,omitempty"`
}

// chaosFault is a fault of the smallest plan.
type chaosFault struct {
	Kind     string `json:"kind"`
	Target   string `json:"target"`
	Other    string `json:"other,omitempty"`
	Mode     string `json:"mode,omitempty"`
	OffsetNS int64  `json:"offset_ns,omitempty"`
	StartNS  int64  `json:"start_ns"`
	LastsNS  int64  `json:"duration_ns"`
	words    string
}

// take notes the finding.
func (f *chaosFound) take(x *chaos.Finding) {
	f.Broken, f.Text = x.Failure.Broken, x.Failure.Text
	f.Plan, f.Drawn, f.Judged = x.Number, len(x.Drawn), x.Judged
	for _, y := range x.Smallest {
		f.Faults = append(f.Faults, chaosFault{
			Kind: y.Kind.String(), Target: y.Target, Other: y.Other, Mode: y.Mode, OffsetNS: int64(y.Offset),
			StartNS: int64(y.Start), LastsNS: int64(y.Duration), words: y.String(),
		})
	}
}

// text writes it for people.
func (f *chaosFound) text(w io.Writer) error {
	tried := count(f.Survived, "plan")
	if f.TimeUp {
		tried += fmt.Sprintf(" of %d, then time was up", f.Budget)
	}
	switch {
	case f.Plan == 0 && len(f.Broken) > 0:
		_, err := fmt.Fprintf(w, "%s fails without any added fault: %s: %s\n", f.Scenario, f.Broken[0], f.Text)
		return err
	case f.Plan == 0:
		_, err := fmt.Fprintf(w, "%s survives %s\n", f.Scenario, tried)
		return err
	}
	fmt.Fprintf(w, "%s does not survive plan %d of %d\n\n", f.Scenario, f.Plan, f.Budget)
	fmt.Fprintf(w, "%s: %s\n\n", f.Broken[0], f.Text)
	fmt.Fprintf(w, "smallest plan: %d of its %s", len(f.Faults), count(f.Drawn, "fault"))
	if f.TimeUp {
		fmt.Fprint(w, " (time was up: there may be a smaller one)")
	}
	fmt.Fprintln(w)
	for _, x := range f.Faults {
		fmt.Fprintf(w, "  %s\n", x.words)
	}
	_, err := fmt.Fprintf(w, "\nreplay it with: mailsim test %s\n", quote(f.File))
	return err
}
