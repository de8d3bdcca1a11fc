package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"mailsim/sim/load"
	"mailsim/topology"
	"mailsim/topology/route"
)

// routeFlags are the flags of route.
type routeFlags struct {
	overrides
	from, to, server, size, format, svg string
}

func newRoute(env Env) *cobra.Command {
	var o routeFlags
	cmd := &cobra.Command{
		Use:   "route FILE --from WHO --to WHOM",
		Short: "Which way does a message take, and why?",
		Long: `route follows one message through the organisation of a scenario, as it stands at the start and with everything working: the
least-cost path, the next hop, the servers that are tried, and the rule behind every step. No mail is run.

WHO sends: a site, a transport server or a mailbox server. WHOM it is for: a site, a mailbox server, an address outside, or
"internet"; several, with commas between them, are recipients of one message and share copies. --svg draws the sites with the costs
of their links, the way that is taken and those that lose at the same cost. A bare name is looked up in this order; site:NAME, server:NAME, mailbox:NAME, domain:NAME and TYPE:address (FAX:12345)
say which it is. Of a sweep the first setting counts.`,
		Example: `  mailsim route @eleven-sites --from Milan --to Lisbon
  mailsim route my.toml --from tyo-hub2 --to anna@customer.example --size 12MB
  mailsim route @eleven-sites --from Milan --to Lisbon,Warsaw,anna@customer.example
  mailsim route my.toml --from Tokyo --to Osaka --format json
  mailsim route my.toml --from Tokyo --to Osaka --svg way.svg`,
		Args:              wants("scenario", false),
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(o.format); err != nil {
				return err
			}
			return o.run(env, args[0])
		},
	}
	addSet(cmd, &o.overrides)
	addFormat(cmd, &o.format)
	f := cmd.Flags()
	f.StringVar(&o.from, "from", "", "who sends: a site, server or mailbox server")
	f.StringVar(&o.to, "to", "", "whom it is for: a site, mailbox server or address, or several with commas between them")
	f.StringVar(&o.server, "server", "", "transport server that takes the message first (default: by the rules)")
	f.StringVar(&o.size, "size", "10KB", "size of the message: 512B, 12MB")
	f.StringVar(&o.svg, "svg", "", "file for a drawing of the sites and the way")
	return cmd
}

func (o *routeFlags) run(env Env, file string) error {
	s, err := readScenario(file, o.overrides)
	if err != nil {
		return err
	}
	cfg, err := s.Config(s.Points()[0])
	if err != nil {
		return wrongUsage(err)
	}
	book := route.NewBook()
	q, dests, err := o.query(book, cfg.Org)
	if err != nil {
		return wrongUsage(err)
	}
	ways, copies := route.FollowTogether(book, cfg.Org, q, dests)
	a := newAnswer(cfg.Org, recipientNames(o.to), ways, copies)
	if o.svg != "" {
		picture := a.picture(book, o.from)
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
func (o *routeFlags) query(book *route.Book, org *topology.Organisation) (route.Query, []route.DestID, error) {
	q := route.Query{Server: topology.None, Site: topology.None}
	var dests []route.DestID
	var errTo []error
	for _, whom := range recipientNames(o.to) {
		dest, err := parseRecipient(org, whom)
		if errTo = append(errTo, err); err == nil {
			dests = append(dests, book.Dest(dest))
		}
	}
	errFrom := parseSender(org, o.from, &q)
	var errServer, errSize error
	if o.server != "" && errFrom == nil {
		errServer = firstServer(org, o.server, &q)
	}
	q.Size, errSize = parseSize(o.size)
	return q, dests, errors.Join(errFrom, errors.Join(errTo...), errServer, errSize)
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

// parseSender reads --from.
func parseSender(org *topology.Organisation, who string, q *route.Query) error {
	kind, name := splitKind(who, "site", "server", "mailbox")
	if who == "" {
		return errors.New("--from is missing: name a site, a server or a mailbox server")
	}
	if kind == "" || kind == "site" {
		if site, ok := org.SiteByName(name); ok {
			q.Site = site
			return nil
		}
	}
	if kind != "site" {
		server, ok := org.ServerByName(name)
		if ok && kind == "mailbox" && !org.Servers[server].Is(topology.RoleMailbox) {
			return fmt.Errorf("--from %s: %q holds no mailboxes", who, name)
		}
		if ok {
			q.Server, q.Site = server, org.Servers[server].Site
			return nil
		}
	}
	return fmt.Errorf("--from %s: no %s is called %q; %s", who, kindName(kind, "site or server"), name, suggest(name, names(org, kind)))
}

// parseRecipient reads one recipient of --to.
func parseRecipient(org *topology.Organisation, whom string) (route.Destination, error) {
	fail := func(format string, args ...any) (route.Destination, error) {
		return route.Destination{}, fmt.Errorf("--to %s: "+format, append([]any{whom}, args...)...)
	}
	switch local, domain, address := strings.Cut(whom, "@"); {
	case whom == "":
		return route.Destination{}, errors.New("--to is missing: name a site, a mailbox server or an address")
	case whom == ",":
		return route.Destination{}, errors.New("--to: nothing stands before or after a comma; write for example Lisbon,Warsaw")
	case address && (local == "" || domain == "" || strings.Contains(domain, "@")):
		return fail("an address is name@domain; write for example anna@customer.example")
	case address:
		_, name := splitKind(domain, "smtp")
		return route.Destination{Kind: route.External, Domain: name}, nil
	}
	kind, name := splitKind(whom, "site", "server", "mailbox", "domain")
	if kind != "" && name == "" {
		return fail("no name stands after the colon")
	}
	if kind == "domain" {
		return route.Destination{Kind: route.External, Domain: name}, nil
	}
	if kind == "" {
		if kind, rest, typed := strings.Cut(whom, ":"); typed {
			if kind == "" || rest == "" || strings.EqualFold(kind, "smtp") {
				return fail("expected TYPE:address, such as FAX:12345, or name@domain")
			}
			return route.Destination{Kind: route.External, Type: kind, Domain: rest}, nil
		}
	}
	if kind == "" || kind == "site" {
		if site, ok := org.SiteByName(name); ok {
			for i := range org.Servers {
				if s := &org.Servers[i]; s.Site == site && s.Is(topology.RoleMailbox) && !s.Absent {
					return route.Destination{Kind: route.Mailbox, Server: topology.ServerID(i)}, nil
				}
			}
			return fail("site %q has no mailbox server: nobody there receives mail", org.Sites[site].Name)
		}
	}
	if kind != "site" {
		if s, ok := org.ServerByName(name); ok {
			if !org.Servers[s].Is(topology.RoleMailbox) {
				return fail("%q holds no mailboxes; name a mailbox server, a site or an address", org.Servers[s].Name)
			}
			return route.Destination{Kind: route.Mailbox, Server: s}, nil
		}
	}
	if whom == "internet" {
		return route.Destination{Kind: route.External, Domain: load.OutsideDomain}, nil
	}
	var known []string
	if kind == "" || kind == "site" {
		known = names(org, "site")
	}
	if kind != "site" {
		known = append(known, names(org, "mailbox")...)
	}
	hint := suggest(name, known)
	if kind == "" && nearest(name, known) == "" {
		hint += "; an address is name@domain"
	}
	return fail("no %s is called %q; %s", kindName(kind, "site or mailbox server"), name, hint)
}

// firstServer makes a query begin at a transport server of the sender's site.
func firstServer(org *topology.Organisation, name string, q *route.Query) error {
	var known []string
	for i := range org.Servers {
		s := &org.Servers[i]
		if s.Site != q.Site || !s.Transport() {
			continue
		}
		if strings.EqualFold(s.Name, name) {
			q.Server = topology.ServerID(i)
			return nil
		}
		known = append(known, s.Name)
	}
	return fmt.Errorf("--server %s: no transport server of site %q is called so; %s", name, org.Sites[q.Site].Name, suggest(name, known))
}

// splitKind cuts "kind:" off a name when it is one of kinds.
func splitKind(text string, kinds ...string) (kind, name string) {
	before, after, ok := strings.Cut(text, ":")
	for _, k := range kinds {
		if ok && strings.EqualFold(before, k) {
			return k, after
		}
	}
	return "", text
}

// kindName is what a name could have been, for messages.
func kindName(kind, otherwise string) string {
	switch kind {
	case "":
		return otherwise
	case "mailbox":
		return "mailbox server"
	}
	return kind
}

// names lists what a name of the kind can be; every site and server when the kind is open.
func names(org *topology.Organisation, kind string) []string {
	var out []string
	if kind == "" || kind == "site" {
		for i := range org.Sites {
			out = append(out, org.Sites[i].Name)
		}
	}
	for i := range org.Servers {
		s := &org.Servers[i]
		if kind == "" || kind == "server" || kind == "mailbox" && s.Is(topology.RoleMailbox) {
			out = append(out, s.Name)
		}
	}
	return out
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
		v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !(v >= 0 && v*u.size <= 1<<50) {
			break
		}
		return int64(v * u.size), nil
	}
	return 0, fmt.Errorf("--size %s: a size is a number with its unit: 512B, 10KB, 25MB", text)
}
