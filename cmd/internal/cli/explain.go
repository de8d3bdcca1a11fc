package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mailsim/sim"
	"mailsim/sim/directory"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// explainFlags are the flags of explain.
type explainFlags struct {
	overrides
	at, server, format string
}

func newExplain(env Env) *cobra.Command {
	var o explainFlags
	cmd := &cobra.Command{
		Use:   "explain FILE --at TIME",
		Short: "What does each server believe at an instant, and what of it is not so?",
		Long: `explain runs a scenario up to an instant, the instant included, and tells what each server and domain controller believes then: what its
clock shows, where it reads the configuration and which version it has, what it lacks of the newest one and when that arrives, and
which hubs refuse each other because a clock is wrong or because an earlier session has latched the pair (S1-9).

What is still to come is what the rest of the scenario brings, with its faults and remedies; past its end, what follows when nothing
else happens. TIME is a duration since the start (90m), a time of day (10:30) or an instant of RFC 3339. It is the first replication of
the first setting of a sweep.`,
		Example: `  mailsim explain @clock-skew --at 10:50
  mailsim explain @replication-lag --at 2h --server ngo-hub1
  mailsim explain my.toml --at 2026-03-02T10:30:00Z --format json`,
		Args:              wants("scenario", false),
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(o.format); err != nil {
				return err
			}
			return o.run(cmd.Context(), env, args[0])
		},
	}
	addSet(cmd, &o.overrides)
	addFormat(cmd, &o.format)
	f := cmd.Flags()
	f.StringVar(&o.at, "at", "", "instant: 90m since the start, 10:30, or 2026-03-02T10:30:00Z")
	f.StringVar(&o.server, "server", "", "only this server, with its domain controller and the sessions that it takes part in (default: all)")
	return cmd
}

func (o *explainFlags) run(ctx context.Context, env Env, file string) error {
	cfg, err := firstSetting(file, o.overrides)
	if err != nil {
		return err
	}
	at, errAt := instantOf(o.at, cfg)
	switch {
	case o.at == "":
		errAt = fmt.Errorf("--at is missing; %s", instantForms(cfg))
	case errAt != nil:
		errAt = fmt.Errorf("--at %s: %w", o.at, errAt)
	}
	only, errServer := o.only(cfg.Org)
	if err := errors.Join(errAt, errServer); err != nil {
		return wrongUsage(err)
	}
	const replication = 0
	beliefs, err := sim.Explain(ctx, cfg, replication, simtime.Time(at))
	if err != nil {
		return err
	}
	e := &explanation{&moment{org: cfg.Org, start: cfg.Start, at: at, state: beliefs.State, mail: true}, beliefs, only}
	if only != topology.None && !beliefs.State.Present(only) {
		return wrongUsage(fmt.Errorf("--server %s: is declared, but not part of the organisation at %s; name another server or instant", o.server, clock(at)))
	}
	if o.format == formatJSON {
		return writeJSON(env.Stdout, e.json())
	}
	_, err = fmt.Fprint(env.Stdout, e.text())
	return err
}

// only reads --server; None without it.
func (o *explainFlags) only(org *topology.Organisation) (topology.ServerID, error) {
	if o.server == "" {
		return topology.None, nil
	}
	var names []string
	for i := range org.Servers {
		if topology.CompareNames(org.Servers[i].Name, o.server) == 0 {
			return topology.ServerID(i), nil
		}
		names = append(names, org.Servers[i].Name)
	}
	return topology.None, fmt.Errorf("--server %s: there is no such server; %s", o.server, suggest(o.server, names))
}

// explanation is what explain found out.
type explanation struct {
	*moment
	beliefs *sim.Beliefs
	only    topology.ServerID // that is asked about; None = all
}

// text is three tables: servers, domain controllers, and sessions that fail.
func (e *explanation) text() string {
	var b strings.Builder
	b.WriteString(e.moment.text())
	rows := [][]string{{"server", "site", "clock", "reads", "version", "lacks", "arrives"}}
	for _, x := range e.servers() {
		o := &e.org.Servers[x.Server]
		rows = append(rows, e.rows([]string{o.Name, e.org.Sites[o.Site].Name, e.clock(x.Clock), or(e.binding(x), "-"), fmt.Sprint(x.Version)}, x.Lacks)...)
	}
	b.WriteString(leftAligned(rows))
	if dcs := e.controllers(); len(dcs) > 0 {
		rows = [][]string{{"domain controller", "site", "clock", "version", "lacks", "arrives"}}
		for _, x := range dcs {
			o := &e.org.DCs[x.DC]
			name := o.Name
			if x.Condition != directory.Serving {
				name += " (" + x.Condition.String() + ")"
			}
			rows = append(rows, e.rows([]string{name, e.org.Sites[o.Site].Name, e.clock(x.Clock), fmt.Sprint(x.Version)}, x.Lacks)...)
		}
		b.WriteString("\n" + leftAligned(rows))
	}
	fmt.Fprintf(&b, "\nThe newest configuration is version %d.\n", e.beliefs.Newest)
	if refusals := e.refusals(); len(refusals) > 0 {
		rows = [][]string{{"session from", "to", "fails", "since"}}
		clocks := false
		for _, x := range refusals {
			clocks = clocks || x.Cause == directory.AuthSkew || x.Cause == directory.AuthLatched
			why := "clocks are " + x.Spread.String() + " apart"
			if x.Since != simtime.Never {
				why = "latched, " + why
				if x.Spread == 0 {
					why = "latched, though clocks agree"
				}
			}
			switch {
			case x.Cause == directory.AuthNoTicket:
				why = "no ticket, and no domain controller in reach"
			case x.Cause == directory.AuthNoName:
				why = "no ticket: the domain controller does not know the name of the receiver"
			case x.Cause == directory.AuthNoLogon:
				why = "no ticket: the domain controller does not take the secret of the sender"
			case x.Cause == directory.AuthKey:
				why = "the ticket is sealed for another account, or with a secret that the receiver does not have"
			case x.Cause == directory.AuthApart:
				why = "replication between the two sites fails, or has not caught up"
			case x.Cause == directory.AuthStripped:
				why = "SMTP inspection takes the verbs of authentication out"
			case x.Cause == directory.AuthSkew && x.Spread == 0:
				why = "the ticket bears the time of a clock that was wrong"
			}
			rows = append(rows, []string{e.org.Servers[x.From].Name, e.org.Servers[x.To].Name, why, or(e.time(x.Since), "-")})
		}
		b.WriteString("\n" + leftAligned(rows))
		if clocks {
			b.WriteString("A latch is cleared by a restart of the operating system of either server, once the clocks are right.\n")
		}
	}
	return b.String()
}

// rows are the lines of one believer: what it lacks gets a line each.
func (e *explanation) rows(first []string, lacks []sim.Missing) [][]string {
	if len(lacks) == 0 {
		return [][]string{append(first, "-")}
	}
	var out [][]string
	for _, l := range lacks {
		out = append(out, append(first, l.Text, or(e.time(l.Arrives), "not to be seen")))
		first = make([]string, len(first))
	}
	return out
}

// clock says how a clock is wrong and when it will be right again.
func (e *explanation) clock(c sim.ClockBelief) string {
	if c.Offset == 0 {
		return "right"
	}
	way := "fast"
	if c.Offset < 0 {
		way = "slow"
	}
	text := fmt.Sprintf("%s %s since %s", c.Offset.Abs(), way, e.time(c.Since))
	if c.Right == simtime.Never {
		return text + ", stays so"
	}
	return text + ", right at " + e.time(c.Right)
}

// source names where a server reads the configuration; "" where everybody knows everything at once.
func (e *explanation) source(x sim.ServerBelief) string {
	switch {
	case x.Hub != topology.None:
		return e.org.Servers[x.Hub].Name
	case x.DC != topology.None:
		return e.org.DCs[x.DC].Name
	}
	return ""
}

// binding is source for people: with the domain controller that is meant for the server where it is another one, and whether it answers.
func (e *explanation) binding(x sim.ServerBelief) string {
	text := e.source(x)
	if x.Meant != x.DC {
		text += ", not " + e.org.DCs[x.Meant].Name
	}
	if x.Silent {
		text += ", no answer"
	}
	return text
}

// time writes an instant as a time of day, with the date when that is not the one of the instant asked about; "" for never.
func (e *explanation) time(t simtime.Time) string {
	if t == simtime.Never {
		return ""
	}
	at, now := e.start.Add(time.Duration(t)), e.start.Add(e.at)
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return at.Format("15:04:05")
	}
	return at.Format(time.DateTime)
}

func (e *explanation) servers() []sim.ServerBelief {
	var out []sim.ServerBelief
	for _, x := range e.beliefs.Servers {
		if e.only == topology.None || x.Server == e.only {
			out = append(out, x)
		}
	}
	return out
}

// controllers are all domain controllers, or that of the server asked about, with the one that is meant for it; of an Edge, that of the hub which feeds it.
func (e *explanation) controllers() []sim.DCBelief {
	if e.only == topology.None {
		return e.beliefs.Controllers
	}
	reader := e.only
	for _, x := range e.beliefs.Servers {
		if x.Server == e.only && x.Hub != topology.None {
			reader = x.Hub
		}
	}
	var out []sim.DCBelief
	for _, x := range e.beliefs.Servers {
		if x.Server == reader && x.DC != topology.None {
			out = append(out, e.beliefs.Controllers[x.DC])
			if x.Meant != x.DC {
				out = append(out, e.beliefs.Controllers[x.Meant])
			}
		}
	}
	return out
}

func (e *explanation) refusals() []sim.Refusal {
	var out []sim.Refusal
	for _, x := range e.beliefs.Refusals {
		if e.only == topology.None || x.From == e.only || x.To == e.only {
			out = append(out, x)
		}
	}
	return out
}

// or is a text, or another one where it is empty.
func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
