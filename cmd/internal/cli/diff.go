package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"mailsim/topology"
	"mailsim/topology/route"
)

// diffFlags are the flags of diff.
type diffFlags struct {
	overrides
	size, format string
}

func newDiff(env Env) *cobra.Command {
	var o diffFlags
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Which routes change between two scenarios, and why?",
		Long: `diff compares the routing of two scenarios: between all pairs of sites and from every site to every address space it tells where path,
cost, next hop, delivery type or connector change, and which rule decided before and after. Sites, servers and connectors are
the same when their names are. No mail is run; the organisations are those of the start, and of a sweep the first setting counts.

The exit code is 0 when nothing differs, 1 when something does, 2 when a scenario is wrong. --set changes the second scenario only, so
that "diff X X --set PATH=VALUE" tells what a change would do.`,
		Example: `  mailsim diff today.toml tomorrow.toml
  mailsim diff @eleven-sites @eleven-sites --set link.Frankfurt-Milan.cost=9
  mailsim diff today.toml tomorrow.toml --size 12MB --format json`,
		Args:              wantsTwo,
		ValidArgsFunction: completeScenario,
		RunE: func(_ *cobra.Command, files []string) error {
			if err := checkFormat(o.format); err != nil {
				return err
			}
			return o.run(env, files[0], files[1])
		},
	}
	addSet(cmd, &o.overrides)
	addFormat(cmd, &o.format)
	cmd.Flags().StringVar(&o.size, "size", "10KB", "size of the messages: 512B, 12MB")
	return cmd
}

// wantsTwo checks that two scenarios are named.
func wantsTwo(cmd *cobra.Command, args []string) error {
	if len(args) != 2 {
		return wrongUsage(fmt.Errorf("%s: compares two scenarios, not %d; mailsim %s --help tells how", cmd.CommandPath(), len(args), cmd.Name()))
	}
	return nil
}

func (o *diffFlags) run(env Env, before, after string) error {
	size, err := parseSize(o.size)
	if err != nil {
		return wrongUsage(err)
	}
	old, errOld := readOrganisation(before, overrides{seed: -1})
	now, errNow := readOrganisation(after, o.overrides)
	if errOld != nil && errNow != nil {
		env.conclude(errOld) // both are told; the second ends the command
	}
	switch {
	case errNow != nil:
		return errNow
	case errOld != nil:
		return errOld
	}
	c := comparison{before, after, route.Compare(old, now, size)}
	if o.format == formatJSON {
		err = writeJSON(env.Stdout, c.json())
	} else {
		_, err = io.WriteString(env.Stdout, c.text())
	}
	if err == nil && !c.found.None() {
		return &failure{code: exitFound}
	}
	return err
}

// readOrganisation reads the organisation of a scenario's first setting.
func readOrganisation(file string, o overrides) (*topology.Organisation, error) {
	cfg, err := firstSetting(file, o)
	if err != nil {
		return nil, err
	}
	return cfg.Org, nil
}

// comparison is what diff found out.
type comparison struct {
	before, after string // as given
	found         route.Differences
}

// text tells it to people: what stands alone, then the routes, pair by pair.
func (c *comparison) text() string {
	var b strings.Builder
	if c.found.None() {
		fmt.Fprintf(&b, "no route, next hop or connector differs\n")
		return b.String()
	}
	fmt.Fprintf(&b, "before  %s\nafter   %s\n", c.before, c.after)
	c.lone(&b, "sites", c.found.Sites)
	c.lone(&b, "servers", c.found.Servers)
	c.lone(&b, "connectors", c.found.Connectors)
	pairs := 0
	for i := range c.found.Changes {
		x := &c.found.Changes[i]
		if p := i - 1; p < 0 || c.found.Changes[p].From != x.From || c.found.Changes[p].To != x.To || c.found.Changes[p].Space != x.Space {
			fmt.Fprintf(&b, "\n%s to %s\n", x.From, x.To)
			pairs++
		}
		fmt.Fprintf(&b, "  %s\n", parties(x))
		describeRoute(&b, "before", &x.Before)
		describeRoute(&b, "after", &x.After)
	}
	if pairs > 0 {
		fmt.Fprintf(&b, "\n%s changed\n", count(pairs, "route"))
	}
	return b.String()
}

// lone lists what stands alone or moves.
func (c *comparison) lone(b *strings.Builder, noun string, list []route.Lone) {
	if len(list) > 0 {
		fmt.Fprintf(b, "\n%s\n", noun)
	}
	for _, l := range list {
		in := func(where string) string {
			if noun == "servers" {
				return " (" + where + ")"
			}
			return ""
		}
		switch {
		case l.After == "":
			fmt.Fprintf(b, "  %s: only before%s\n", l.Name, in(l.Before))
		case l.Before == "":
			fmt.Fprintf(b, "  %s: only after%s\n", l.Name, in(l.After))
		default:
			fmt.Fprintf(b, "  %s: moves from %s to %s\n", l.Name, l.Before, l.After)
		}
	}
}

// parties says who sends to whom.
func parties(x *route.Change) string {
	switch {
	case len(x.Senders) == 0:
		return "path"
	case len(x.Recipients) == 0:
		return "from " + strings.Join(x.Senders, ", ")
	}
	return "from " + strings.Join(x.Senders, ", ") + " to " + strings.Join(x.Recipients, ", ")
}

// describeRoute writes a route in a line and its reasons below.
func describeRoute(b *strings.Builder, title string, r *route.Route) {
	var parts []string
	if len(r.Path) > 0 {
		cost := fmt.Sprintf(" (cost %d", r.Cost)
		if r.TotalCost != r.Cost {
			cost += fmt.Sprintf(", %d with the address space", r.TotalCost)
		}
		parts = append(parts, strings.Join(r.Path, " > ")+cost+")")
	}
	if r.NextHop != "" {
		parts = append(parts, fmt.Sprintf("next hop %s (%s)", r.NextHop, r.DeliveryType))
	}
	if r.Connector != "" {
		parts = append(parts, "connector "+r.Connector)
	}
	switch {
	case strings.HasPrefix(r.Outcome, "ndr"):
		parts = append(parts, "returned: NDR"+strings.TrimPrefix(r.Outcome, "ndr"))
	case r.Outcome == "unreachable":
		parts = append(parts, "no route: Unreachable queue")
	case r.Outcome == "no server":
		parts = append(parts, "no transport server")
	case len(parts) == 0:
		parts = append(parts, "no path")
	}
	fmt.Fprintf(b, "    %-7s %s\n", title, strings.Join(parts, "; "))
	for _, why := range r.Reasons {
		fmt.Fprintf(b, "              %s\n", why)
	}
}

// diffJSON is the comparison for programs; docs/commands.md describes it.
type diffJSON struct {
	Sites      []loneJSON   `json:"sites"`
	Servers    []loneJSON   `json:"servers"`
	Connectors []loneJSON   `json:"connectors"`
	Changes    []changeJSON `json:"changes"`
}

type loneJSON struct {
	Name   string `json:"name"`
	Before string `json:"before"`
	After  string `json:"after"`
}

type changeJSON struct {
	From       string       `json:"from"`
	To         string       `json:"to"`
	Kind       string       `json:"kind"`
	Senders    []string     `json:"senders"`
	Recipients []string     `json:"recipients"`
	Before     decisionJSON `json:"before"`
	After      decisionJSON `json:"after"`
}

type decisionJSON struct {
	Outcome      string         `json:"outcome"`
	Path         []string       `json:"path"`
	Cost         int64          `json:"cost"`
	TotalCost    int64          `json:"total_cost"`
	NextHop      string         `json:"next_hop"`
	DeliveryType string         `json:"delivery_type"`
	Connector    string         `json:"connector"`
	Reasons      []decidingJSON `json:"reasons"`
}

type decidingJSON struct {
	Rule string `json:"rule"`
	Text string `json:"text"`
}

func (c *comparison) json() diffJSON {
	lone := func(list []route.Lone) []loneJSON {
		out := []loneJSON{}
		for _, l := range list {
			out = append(out, loneJSON(l))
		}
		return out
	}
	out := diffJSON{lone(c.found.Sites), lone(c.found.Servers), lone(c.found.Connectors), []changeJSON{}}
	for i := range c.found.Changes {
		x := &c.found.Changes[i]
		kind := "site"
		if x.Space {
			kind = "address_space"
		}
		out.Changes = append(out.Changes, changeJSON{
			From: x.From, To: x.To, Kind: kind, Senders: append([]string{}, x.Senders...), Recipients: append([]string{}, x.Recipients...),
			Before: routeJSON(&x.Before), After: routeJSON(&x.After),
		})
	}
	return out
}

func routeJSON(r *route.Route) decisionJSON {
	out := decisionJSON{
		Outcome: r.Outcome, Path: append([]string{}, r.Path...), Cost: r.Cost, TotalCost: r.TotalCost,
		NextHop: r.NextHop, DeliveryType: r.DeliveryType, Connector: r.Connector, Reasons: []decidingJSON{},
	}
	for _, why := range r.Reasons {
		out.Reasons = append(out.Reasons, decidingJSON{why.Rule, why.Text})
	}
	return out
}
