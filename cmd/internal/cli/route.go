package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"mailsim/sim"
	"mailsim/topology"
	"mailsim/topology/route"
)

// routeFlags are the flags of route.
type routeFlags struct {
	overrides
	from, to, server, size, at, format, svg string
	timed                                   bool // --at was given
}

func newRoute(env Env) *cobra.Command {
	var o routeFlags
	cmd := &cobra.Command{
		Use:   "route FILE --from WHO --to WHOM",
		Short: "Which way does a message take, and why?",
		Long: `route follows one message through the organisation of a scenario: the least-cost path, the next hop, the servers that are tried,
where the message ends, and the rule behind every step. No mail is run. Without --at the organisation is that of the start, with
everything working; with it the faults and actions up to that instant apply, the instant included, each server decides by what it
knows then, and the answer says where the mail would rest. Random draws are those of the first replication.

WHO sends: a site, a transport server or a mailbox server. WHOM it is for: a site, a mailbox server, a distribution group, an address
outside, or "internet"; several, with commas between them, are recipients of one message and share copies. Of a group each member
gets an answer. A bare name is looked up in this order; site:NAME, server:NAME, mailbox:NAME, group:NAME, domain:NAME and
TYPE:address (FAX:12345) say which it is. --svg draws the sites with the costs of their links, the way that is taken, those that lose
at the same cost and what is cut. Of a sweep the first setting counts.`,
		Example: `  mailsim route @eleven-sites --from Milan --to Lisbon
  mailsim route @eleven-sites --from Milan --to Paris --at 10h30m
  mailsim route my.toml --from tyo-hub2 --to anna@customer.example --size 12MB
  mailsim route @eleven-sites --from Milan --to Lisbon,Warsaw,anna@customer.example
  mailsim route my.toml --from Tokyo --to group:all-osaka --format json
  mailsim route my.toml --from Tokyo --to Osaka --svg way.svg`,
		Args:              wants("scenario", false),
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(o.format); err != nil {
				return err
			}
			o.timed = cmd.Flags().Changed("at")
			return o.run(cmd.Context(), env, args[0])
		},
	}
	addSet(cmd, &o.overrides)
	addFormat(cmd, &o.format)
	f := cmd.Flags()
	f.StringVar(&o.from, "from", "", "who sends: a site, server or mailbox server")
	f.StringVar(&o.to, "to", "", "whom it is for: a site, mailbox server, group or address, or several with commas between them")
	f.StringVar(&o.server, "server", "", "transport server of the sender's site that takes the message first (default: by the rules)")
	f.StringVar(&o.size, "size", "10KB", "size of the message: 512B, 12MB")
	f.StringVar(&o.at, "at", "", "instant whose faults and actions apply: 90m since the start, 10:30, or 2026-03-02T10:30:00Z (default: none of them)")
	f.StringVar(&o.svg, "svg", "", "file for a drawing of the sites and the way")
	return cmd
}

func (o *routeFlags) run(ctx context.Context, env Env, file string) error {
	cfg, err := firstSetting(file, o.overrides)
	if err != nil {
		return err
	}
	m, errAt := o.moment(ctx, cfg)
	if m == nil {
		return errAt
	}
	book := route.NewBook()
	q, dests, err := o.query(book, m)
	if err := errors.Join(err, errAt); err != nil {
		return wrongUsage(err)
	}
	q.LoopLimit = loopLimit(cfg)
	ways, copies := route.FollowTogether(book, m.seenFrom(q.Site), q, dests)
	a := newAnswer(m, book, asked{recipientNames(o.to), dests}, ways, copies)
	if o.svg != "" {
		picture := a.picture(book, o.from, q.Site)
		if err := writeWhole(o.svg, picture.WriteSVG); errors.Is(err, fs.ErrNotExist) {
			return wrongUsage(fmt.Errorf("--svg %s: there is no folder %q", o.svg, filepath.Dir(o.svg)))
		} else if err != nil {
			return fmt.Errorf("--svg %s: %w", o.svg, err)
		}
	}
	if o.format == formatJSON {
		return writeJSON(env.Stdout, a.json())
	}
	_, err = fmt.Fprint(env.Stdout, a.text())
	return err
}

// query reads who and whom. All that is wrong is reported in one go.
func (o *routeFlags) query(book *route.Book, m *moment) (route.Query, []route.DestID, error) {
	org := m.org
	q := route.Query{Server: topology.None, Site: topology.None, Reach: m.reach(), Name: m.names(), Offer: m.offer(), Home: m.homes(), View: m.views(), Silence: m.silences()}
	errFrom := parseSender(org, o.from, &q)
	if errFrom == nil {
		org, errFrom = m.seenFrom(q.Site), m.present(o.from, &q)
	}
	var dests []route.DestID
	var errTo []error
	for _, whom := range recipientNames(o.to) {
		dest, err := parseRecipient(org, whom)
		if errTo = append(errTo, err); err == nil {
			dests = append(dests, book.Dest(dest))
		}
	}
	var errServer, errSize error
	if o.server != "" && errFrom == nil {
		errServer = firstServer(org, o.server, &q)
	}
	q.Size, errSize = parseSize(o.size)
	return q, dests, errors.Join(errFrom, errors.Join(errTo...), errServer, errSize)
}

// loopLimit is the limit of the model (D-19) as a query has it. All transport servers have the same; other machines have none.
func loopLimit(cfg *sim.Config) int {
	for i := range cfg.Org.Servers {
		switch limit := cfg.Servers[i].Profile.LoopLimit; {
		case !cfg.Org.Servers[i].Transport():
		case limit == 0:
			return -1
		default:
			return limit
		}
	}
	return 0
}

// recipientNames cuts --to at its commas.
func recipientNames(list string) []string {
	names := strings.Split(list, ",")
	for i, n := range names {
		names[i] = strings.TrimSpace(n)
		if names[i] == "" && len(names) > 1 {
			names[i] = "," // which parseRecipient complains of
		}
	}
	return names
}

// parseSize reads a size as scenarios write it: a number with its unit, 1024-based.
func parseSize(text string) (int64, error) {
	units := []struct {
		name string
		size float64
	}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"KB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}, {"B", 1}}
	for _, u := range units {
		number, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		number = strings.TrimSpace(number)
		v, err := strconv.ParseFloat(number, 64)
		if err != nil || strings.Trim(number, "0123456789.") != "" || !(v >= 0 && v*u.size <= 1<<50) {
			break
		}
		return int64(v * u.size), nil
	}
	return 0, fmt.Errorf("--size %s: a size is a number with its unit: 512B, 10KB, 25MB", text)
}
