package scenarios

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Values that can be written in more than one shape. Each reads its node by itself and describes its shapes (describe.go).

// warmup is the time that metrics leave out.
type warmup duration

func (x *warmup) bindNode(b *binder, n *node, w where) {
	if n.value == "auto" {
		b.errorf(n.at, w, `"auto" is known, but not available in this version; write a duration such as "30m"`)
		return
	}
	b.bind(n, reflect.ValueOf((*duration)(x)).Elem(), w, "")
}

// replications is a number, or { min, max, until }.
type replications int64

type replicationRule struct {
	source
	Min   int64    `toml:"min" req:"true" range:"1..1000000" doc:"Replications that are run in any case."`
	Max   struct{} `toml:"max" later:"true"`
	Until struct{} `toml:"until" later:"true"`
}

func (x *replications) bindNode(b *binder, n *node, w where) {
	if n.kind == tableNode {
		var r replicationRule
		b.table(n, reflect.ValueOf(&r).Elem(), w)
		*x = replications(max(r.Min, 1))
		return
	}
	b.bind(n, reflect.ValueOf((*int64)(x)).Elem(), w, `range:"1..1000000"`)
}

// threshold is a number for all queue classes, or one for each.
type threshold struct {
	source
	SmtpConnector *int64 `toml:"smtp_connector" range:"1..1000000" doc:"Queues of connectors: to smart hosts, edges and by DNS."`
	IntraOrg      *int64 `toml:"intra_org" range:"1..1000000" doc:"Queues to other servers of the organisation."`
	Mailbox       *int64 `toml:"mailbox" range:"1..1000000" doc:"Queues into mailbox stores."`
	Other         *int64 `toml:"other" range:"1..1000000" doc:"All other queues."`
}

func (x *threshold) bindNode(b *binder, n *node, w where) {
	if n.kind == tableNode {
		b.table(n, reflect.ValueOf(x).Elem(), w)
		return
	}
	var all int64
	b.bind(n, reflect.ValueOf(&all).Elem(), w, `range:"1..1000000"`)
	x.SmtpConnector, x.IntraOrg, x.Mailbox, x.Other = &all, &all, &all, &all
}

// linkBandwidth is one bandwidth for both directions, or one for each.
type linkBandwidth struct {
	source
	Up   bandwidth `toml:"up" req:"true" doc:"From the site that is declared first."`
	Down bandwidth `toml:"down" req:"true" doc:"Towards it."`
}

func (x *linkBandwidth) bindNode(b *binder, n *node, w where) {
	if n.kind == tableNode {
		b.table(n, reflect.ValueOf(x).Elem(), w)
		return
	}
	b.bind(n, reflect.ValueOf(&x.Up).Elem(), w, "")
	x.Down = x.Up
}

// prone is a probability, or true (1) or false (0).
type prone fraction

func (x *prone) bindNode(b *binder, n *node, w where) {
	if v, ok := n.value.(bool); ok {
		if v {
			*x = 1
		}
		return
	}
	b.fraction(n, (*fraction)(x), w)
}

// millionths is a number, such as the drift of a clock.
type millionths float64

func (x *millionths) bindNode(b *binder, n *node, w where) {
	if v, ok := b.number(n, w); ok {
		*x = millionths(v)
	}
}

// categoriser is a preset by name, or a table of times.
type categoriser struct {
	source
	Preset       string
	Base         duration `toml:"base" default:"\"40ms\"" doc:"Time of any message."`
	PerRecipient duration `toml:"per_recipient" default:"\"1ms\"" doc:"Added for each recipient."`
	PerKB        duration `toml:"per_kb" default:"\"100us\"" doc:"Added for each KB of the message."`
	Workers      *int64   `toml:"workers" range:"1..1000" std:"8" doc:"Messages that a server works on at a time."`
}

func (x *categoriser) bindNode(b *binder, n *node, w where) {
	if n.kind == tableNode {
		b.table(n, reflect.ValueOf(x).Elem(), w)
		return
	}
	b.bind(n, reflect.ValueOf(&x.Preset).Elem(), w, `enum:"default,heavy-agents,off"`)
}

// session is the cost of an SMTP session: a profile of docs/scenario-reference.md, or its parts.
type session struct {
	source
	Profile         string        `toml:"profile" enum:"smtp-plain,esmtp-pipelining,esmtp-pipelining-max,esmtp-chunking,esmtp-chunking-max,starttls-chunking,exchange-auth,exchange-auth-2010,exchange-auth-gssapi" doc:"Round trips by name, listed in section Session profiles. With it go tls, auth, setup_work and message_work." rule:"Q-6.1"`
	TLS             string        `toml:"tls" enum:"1.2,1.3,resumed" std:"1.2" doc:"The TLS handshake of the profile. 1.2: a full one of two round trips; 1.3, or resumed (a session of TLS 1.2 that is taken up again): one." rule:"Q-6.1"`
	Auth            string        `toml:"auth" enum:"none,exchange,gssapi,login,ntlm,ntlm-initial" std:"that of the profile" doc:"How the sender authenticates, in place of what the profile does: none 0 round trips, exchange 1, gssapi 2, login 3, ntlm 3, ntlm-initial (with its first token in the command) 2." rule:"Q-6.1"`
	Setup           *durationDist `toml:"setup" example:"\"0.5s\"" doc:"Fixed work to set a session up."`
	PerMessage      *durationDist `toml:"per_message" example:"\"0.3s\"" doc:"Fixed work for each message."`
	SetupWork       *durationDist `toml:"setup_work" example:"\"0.5s\"" doc:"The same as setup; a profile takes it too: what is fixed in a set-up, such as the fetching of a Kerberos ticket." rule:"Q-6.3"`
	MessageWork     *durationDist `toml:"message_work" example:"\"0.3s\"" doc:"The same as per_message; a profile takes it too."`
	RoundTrips      *float64      `toml:"round_trips" range:"0..1000" doc:"Round trips to set a session up."`
	PerMessageTrips *float64      `toml:"per_message_round_trips" range:"0..1000" doc:"Round trips of each message."`
}

func (x *session) bindNode(b *binder, n *node, w where) {
	if n.kind != tableNode {
		b.errorf(n.at, w, `expected a table, got %s; write { setup = "0.5s", per_message = "0.3s" } or { profile = "starttls-chunking" }`, n.describe())
		return
	}
	b.table(n, reflect.ValueOf(x).Elem(), w)
	x.checkProfile(b, n, w)
	for _, pair := range [][2]string{{"setup", "setup_work"}, {"per_message", "message_work"}} {
		if n.get(pair[0]) != nil && n.get(pair[1]) != nil {
			b.errorf(n.get(pair[1]).keyAt, w.dot(pair[1]), "means the same as %s; give one of them", pair[0])
		}
	}
	if len(n.fields) == 0 {
		b.errorf(n.at, w, `is empty; write for example { setup = "0.5s", per_message = "0.3s" }`)
	}
}

// checkProfile reports what does not go with a profile, and what only goes with one.
func (x *session) checkProfile(b *binder, n *node, w where) {
	own := []string{"setup", "per_message", "round_trips", "per_message_round_trips"}
	p, known := findProfile(x.Profile)
	switch {
	case x.Profile != "" && slices.ContainsFunc(own, func(key string) bool { return n.get(key) != nil }):
		b.errorf(n.get("profile").at, w.dot("profile"), "given together with its parts; give a profile, with setup_work and message_work if need be, or its parts, not both")
	case x.Profile == "":
		for _, key := range []string{"tls", "auth"} {
			if n.get(key) != nil {
				b.errorf(n.get(key).keyAt, w.dot(key), "belongs to a profile, and none is given; write profile = \"starttls-chunking\", or count its round trips in round_trips")
			}
		}
	case known && !p.tls && n.get("tls") != nil:
		b.errorf(n.get("tls").keyAt, w.dot("tls"), "profile %q has no TLS; leave tls out", x.Profile)
	}
}

// delivery is the cost of handing mail to a mailbox store.
type delivery struct {
	source
	Setup      *durationDist `toml:"setup" std:"0s" example:"\"2ms\"" doc:"Time to set a session up."`
	PerMessage *durationDist `toml:"per_message" std:"0s" example:"\"2ms\"" doc:"Time of each message."`
}

// names is one name or a list of them.
type names struct {
	list []string
	at   []Pos
}

func (x *names) bindNode(b *binder, n *node, w where) {
	items := n.items
	if n.kind == scalarNode {
		items = []*node{n}
	} else if n.kind == tableNode || len(n.items) == 0 {
		b.errorf(n.at, w, `expected a name or a list of names; write "a" or ["a", "b"]`)
		return
	}
	for _, i := range items {
		if s, ok := b.text(i, w); ok {
			x.list, x.at = append(x.list, s), append(x.at, i.at)
		}
	}
}

// selector picks objects by name: every key given must match.
type selector struct {
	source
	Host      *names `toml:"host" doc:"Servers and domain controllers by name; * stands for any letters."`
	Site      *names `toml:"site" doc:"Hosts in these sites, or the sites themselves."`
	Role      *names `toml:"role" doc:"hub, edge, mailbox, epost, dc or client."`
	Link      *names `toml:"link" doc:"Site links by name."`
	Connector *names `toml:"connector" doc:"Connectors by name."`
	Queue     *names `toml:"queue" doc:"Of steps on queues and messages: one queue, by its next hop or connector and without *; left out, all queues of the host."`
	Database  *names `toml:"database" doc:"Mailbox databases by name."`
	Remote    *names `toml:"remote" doc:"Outside systems by name."`
	Domain    *names `toml:"domain" doc:"Domains outside, by their queues: without *."`
	Service   *names `toml:"service" doc:"Machines on which such a service runs: MSExchangeTransport, MSExchangeIS, EPSTRS, EPSTPOP3S, EPSTIMAP4S, EPSTDS. host_down with mode = \"service_stop\" stops these services, nic_late_bind strikes these, when services says nothing."`
	Network   *names `toml:"network" doc:"[[network]] connections by name; link_down and link_degrade only."`
	Label     *names `toml:"label" doc:"What carries one of these labels: machines and clients their own and those of their site, links, networks and sites their own."`
}

// party is one entry of a load's from or to, still by name.
type party struct {
	kind   string // site, mailbox, group, domain, client, internet
	name   string
	weight float64
	at     Pos
}

// parties is one party, or a table of parties with weights.
type parties struct {
	list []party
}

func (x *parties) bindNode(b *binder, n *node, w where) {
	if n.kind == tableNode {
		for _, f := range n.fields {
			weight, ok := b.number(f, w.dot(strconv.Quote(f.key)))
			if ok && weight <= 0 {
				b.errorf(f.at, w.dot(strconv.Quote(f.key)), "weight must be greater than 0, is %s; leave the entry out instead", formatScalar(f.value))
				ok = false
			}
			if p, good := x.parse(b, f, f.key, w); good && ok {
				p.weight = weight
				x.list = append(x.list, p)
			}
		}
		if len(n.fields) == 0 {
			b.errorf(n.at, w, `is empty; write for example { "site:A" = 3, internet = 1 }`)
		}
		slices.SortFunc(x.list, func(p, q party) int { return strings.Compare(p.kind+":"+p.name, q.kind+":"+q.name) })
		return
	}
	if s, ok := b.text(n, w); ok {
		if p, good := x.parse(b, n, s, w); good {
			x.list = []party{p}
		}
	}
}

func (x *parties) parse(b *binder, n *node, s string, w where) (party, bool) {
	kind, name, colon := strings.Cut(s, ":")
	p := party{kind: kind, name: name, weight: 1, at: n.at}
	if n.key == s { // a table's key
		p.at = n.keyAt
	}
	known := []string{"site", "mailbox", "group", "domain", "internet"}
	switch {
	case kind == "internet" && !colon:
		return p, true
	case slices.Contains(known[:4], kind) && colon && name != "":
		return p, true
	case kind == "client" && colon && name != "":
		return p, true
	case s == "domains":
		b.errorf(p.at, w, `%s is known, but not available in this version; write "site:NAME", "mailbox:NAME", "group:NAME", "domain:NAME" or "internet"`, quote(s))
	case slices.Contains(known[:4], kind):
		b.errorf(p.at, w, `%s names nothing; write "%s:NAME"`, quote(s), kind)
	default:
		near := nearest(kind, known)
		if near != "" && near != "internet" {
			near += ":" + name
		}
		if near != "" && near != s {
			b.errorf(p.at, w, "%s is neither site, mailbox, group, domain nor internet; did you mean %q?", quote(s), near)
			break
		}
		b.errorf(p.at, w, `%s is neither site, mailbox, group, domain nor internet; write "site:NAME", "site:*", "mailbox:NAME", "group:NAME", "domain:NAME" or "internet"`, quote(s))
	}
	return party{}, false
}

// sweepTable is [sweep]: axes by path, in file order.
type sweepTable struct {
	axes []axis
}

// axis is one line of [sweep].
type axis struct {
	path   string
	at     Pos // of the path
	values []*node
}

// axisValuesMax bounds the values of one axis.
const axisValuesMax = 1000

func (x *sweepTable) bindNode(b *binder, n *node, w where) {
	if n.kind != tableNode {
		b.errorf(n.at, w, `expected a table, got %s; write [sweep] and below it "path" = [values]`, n.describe())
		return
	}
	for _, f := range n.fields {
		x.collect(b, f, f.key)
	}
}

// collect takes "a.b" = [..] and a.b = [..] for the same axis.
func (x *sweepTable) collect(b *binder, n *node, path string) {
	if n.kind == tableNode && len(n.fields) > 0 {
		for _, f := range n.fields {
			x.collect(b, f, path+"."+f.key)
		}
		return
	}
	w := where{"sweep " + quote(path), ""}
	switch {
	case n.kind != arrayNode:
		b.errorf(n.at, w, "expected a list of values, got %s; write [1, 2, 3]", n.describe())
		return
	case len(n.items) == 0:
		b.errorf(n.at, w, "has no values; list at least one or remove the line")
		return
	case len(n.items) > axisValuesMax:
		b.errorf(n.at, w, "has %d values; write at most %d", len(n.items), axisValuesMax)
		return
	}
	for i, v := range n.items {
		if v.kind != scalarNode {
			b.errorf(v.at, w, "a value must be a number, true, false or text, not %s", v.describe())
			return
		}
		for _, u := range n.items[:i] {
			if formatScalar(u.value) == formatScalar(v.value) {
				b.errorf(v.at, w, "%s is there twice; remove one", formatScalar(v.value))
				return
			}
		}
	}
	x.axes = append(x.axes, axis{path, n.keyAt, n.items})
}

// defaultsTable is [defaults.KIND]; it is applied before the tables are read (merge.go).
type defaultsTable struct{}

func (defaultsTable) bindNode(*binder, *node, where) {}
