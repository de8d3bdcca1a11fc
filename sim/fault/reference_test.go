package fault_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/directory"
	"mailsim/sim/fault"
	"mailsim/sim/result"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// t0 is midnight, so that instants read as times of day.
var t0 = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

const (
	siteA, siteB, siteC topology.SiteID   = 0, 1, 2
	linkAB, linkBC      topology.LinkID   = 0, 1
	ad1, bd1, cd1       topology.DCID     = 0, 1, 2
	a1, a2, ae1, b1     topology.ServerID = 0, 1, 2, 3
)

// bench is an engine on a small organisation, with everything that it reports written down.
type bench struct {
	t      testing.TB
	org    *topology.Organisation
	dir    *directory.Directory
	engine *fault.Engine
	log    []string // effects and views: "10:00:00 halted b1 silent"
	events []result.Event
	certs  []fault.Effect // certificates that were set
}

func organisation(t testing.TB) *topology.Organisation {
	b := topology.NewBuilder(topology.V2010)
	for _, n := range []string{"A", "B", "C"} {
		b.Site(topology.Site{Name: n})
	}
	b.Link(topology.Link{Name: "A-B", Sites: []topology.SiteID{siteA, siteB}, Cost: 10})
	b.Link(topology.Link{Name: "B-C", Sites: []topology.SiteID{siteB, siteC}, Cost: 10, ReplicationInterval: time.Hour, ReplicationPhase: 30 * time.Minute})
	for i, n := range []string{"AD1", "BD1", "CD1"} {
		b.DC(topology.DC{Name: n, Site: topology.SiteID(i), PDCEmulator: i == 0})
	}
	server := func(name string, s topology.SiteID, r topology.Roles) {
		b.Server(topology.Server{Name: name, Site: s, Roles: r, Version: topology.V2010, DC: topology.None, Absent: name == "C1"})
	}
	server("A1", siteA, topology.RoleHub)
	server("A2", siteA, topology.RoleHub)
	server("AE1", siteA, topology.RoleEdge)
	server("B1", siteB, topology.RoleHub|topology.RoleMailbox)
	server("C1", siteC, topology.RoleHub)
	b.SmartHostList([]topology.RemoteID{b.Remote(topology.Remote{Name: "relay"})})
	b.Connector(topology.Connector{Name: "C-A", Sources: []topology.ServerID{ae1}, DNS: true,
		AddressSpaces: []topology.AddressSpace{{Type: "SMTP", Space: "*", Cost: 1}}})
	b.Connector(topology.Connector{Name: "C-B", Sources: []topology.ServerID{b1}, DNS: true,
		AddressSpaces: []topology.AddressSpace{{Type: "SMTP", Space: "b.example", Cost: 1}}})
	org, err := b.Build()
	require.NoError(t, err)
	return org
}

func newBench(t testing.TB, faults []fault.Fault, actions []fault.Action, edit ...func(*directory.Config)) *bench {
	b := &bench{t: t, org: organisation(t)}
	cfg := directory.Config{Org: b.org, Start: t0, NotifyDelay: 5 * time.Second, MaxClockSkew: 5 * time.Minute}
	for _, f := range edit {
		f(&cfg)
	}
	b.dir = directory.New(cfg)
	b.engine = fault.NewEngine(faults, actions, fault.Env{Org: b.org, Dir: b.dir, Root: rng.NewRoot(1, 0), Start: t0, End: at("23:59:59") + at("23:59:59"),
		Emit: func(e result.Event) error { b.events = append(b.events, e); return nil }})
	return b
}

// until runs engine and directory to an instant, the engine first where both have something (Q-4.12: phases 1 and 2).
func (b *bench) until(end simtime.Time) *bench {
	for {
		now := min(b.engine.Next(), b.dir.Next())
		if now > end || now == simtime.Never {
			return b
		}
		for _, x := range b.engine.Fire(now, nil) {
			if x.Kind == fault.CertificateSet {
				b.certs = append(b.certs, x)
				continue
			}
			b.log = append(b.log, clock(now)+" "+b.describe(x))
		}
		for _, v := range b.dir.Advance(now, nil) {
			b.log = append(b.log, clock(now)+" "+b.org.Servers[v.Server].Name+" sees "+v.Changes)
		}
	}
}

func (b *bench) describe(x fault.Effect) string {
	var s strings.Builder
	s.WriteString([...]string{fault.HostHalted: "halted", fault.HostBooted: "booted", fault.ListenerDown: "listener down", fault.ListenerUp: "listener up",
		fault.LinkCut: "cut", fault.LinkMended: "mended", fault.PairCut: "cut", fault.PairMended: "mended", fault.QueuesRetry: "retry", fault.QueuesResubmit: "resubmit",
		fault.HostChanged: "changed", fault.HostDrains: "drains", fault.HostAccepts: "accepts", fault.MailboxesMoved: "moved", fault.ServicesStopped: "services stopped", fault.ServicesStarted: "services started"}[x.Kind])
	if x.Server >= 0 {
		s.WriteString(" " + b.org.Servers[x.Server].Name)
	}
	if x.Link >= 0 {
		s.WriteString(" " + b.org.Links[x.Link].Name)
	}
	if x.SiteA >= 0 {
		fmt.Fprintf(&s, " %s>%s", b.org.Sites[x.SiteA].Name, b.org.Sites[x.SiteB].Name)
	}
	if x.Silent {
		s.WriteString(" silent")
	}
	if x.Lost {
		s.WriteString(" lost")
	}
	if x.Queue != "" {
		s.WriteString(" " + x.Queue)
	}
	if x.Kind == fault.ServicesStopped || x.Kind == fault.ServicesStarted {
		s.WriteString(" " + x.Services.String())
	}
	return s.String()
}

// of returns the lines of the log about a server.
func (b *bench) of(name string) []string {
	return slices.DeleteFunc(slices.Clone(b.log), func(l string) bool { return !slices.Contains(strings.Fields(l), name) })
}

func at(s string) simtime.Time {
	c, err := time.Parse("15:04:05", s)
	if err != nil {
		panic(err)
	}
	return simtime.Time(c.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)))
}

func clock(t simtime.Time) string { return t0.Add(time.Duration(t)).Format("15:04:05.999999999") }

func hosts(s ...topology.ServerID) []fault.Host {
	var out []fault.Host
	for _, x := range s {
		out = append(out, fault.Host{Server: x, DC: topology.None})
	}
	return out
}

func act(kind fault.ActionKind, when string, d time.Duration, h ...fault.Host) fault.Action {
	return fault.Action{Kind: kind, At: at(when), Duration: d, Probability: 1, Hosts: h, DC: topology.None, Source: topology.None}
}
