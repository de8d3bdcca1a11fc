package sim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim"
	"mailsim/sim/fault"
	"mailsim/sim/load"
	"mailsim/sim/result"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// failover is a couple whose P has a database with a copy on Q. From 10:00 on a mailbox of Q sends a message to it every minute, on the half, an
// hour long: half of them by way of P, half of Q, and each delivers itself. Up to 2010 there is a hub H for all. Nothing takes
// time.
func failover(v topology.Version, missing, since string) *couple {
	x := newCouple(v, "09:59:00")
	x.cfg.Duration = 24 * time.Hour
	x.cfg.Model.Submitted.Base = 0
	if !v.New() {
		x.b = topology.NewBuilder(v)
		x.b.Site(topology.Site{Name: "S"})
		for i, name := range []string{"P", "Q", "H"} {
			x.b.Server(topology.Server{Name: name, Roles: []topology.Roles{topology.RoleMailbox, topology.RoleMailbox, topology.RoleHub}[i], Version: v, DC: topology.None, Mailboxes: 1 - i/2})
		}
		x.cfg.Servers, x.cfg.Remotes = append(x.cfg.Servers, x.cfg.Servers[0]), nil
	}
	if v >= topology.V2010RTM {
		x.b.DAG(topology.DAG{Name: "dag", Members: []topology.ServerID{x.p, x.q}, Databases: []topology.DAGDatabase{{Name: "P", Active: x.p, Copies: []topology.ServerID{x.p, x.q}}}})
	}
	for i := range x.cfg.Servers {
		x.cfg.Servers[i].SafetyNet = transport.DefaultSafetyNet(v)
	}
	x.cfg.Loads = []load.Source{{
		ID: "mail", Kind: load.Regular, First: x.at("10:00:30"), Every: time.Minute, Count: 60, End: simtime.Never, Size: rng.Constant(1000), Recipients: rng.Constant(1),
		From: []load.Party{{Kind: load.PartyMailbox, Server: x.q, Weight: 1}}, To: []load.Party{{Kind: load.PartyMailbox, Server: x.p, Weight: 1}},
	}}
	m, err := time.ParseDuration(missing)
	if err != nil {
		panic(err)
	}
	x.cfg.Actions = []fault.Action{{
		Kind: fault.ActivateCopy, At: x.at("11:04:30"), Duration: 30 * time.Second, Probability: 1, DC: topology.None, Source: topology.None, To: x.q,
		Databases: []fault.Database{{Server: x.p}}, Missing: m, Since: x.at(since),
	}}
	return x
}

// resent lists when mail was sent again out of Safety Net, by whom and how many.
func (x *couple) resent(r *result.Run) []string {
	var out []string
	for _, e := range r.Events {
		if e.Kind == "safety_net.resubmitted" {
			s := fmt.Sprintf("%s %s %v", x.t0.Add(time.Duration(e.Time)).Format("15:04:05"), e.Server, e.Fields[1].Value)
			if len(e.Fields) > 2 {
				s += fmt.Sprintf(" of %v", e.Fields[2].Value)
			}
			out = append(out, s)
		}
	}
	return out
}

// TestQ11_5_ACopyWithoutItsLastMinutes: what the copy lacks is asked for; what it has is known, and dropped when it comes again.
func TestQ11_5_ACopyWithoutItsLastMinutes(t *testing.T) {
	t.Parallel()
	dead := func(x *couple) *couple { return x.crash(x.p, "11:00:00", "", false) }
	back := func(at string, lost bool) func(*couple) *couple {
		return func(x *couple) *couple { return x.crash(x.p, "11:00:00", at, lost) }
	}
	hub := func(at string, lost bool) func(*couple) *couple {
		return func(x *couple) *couple { return x.crash(2, "11:00:00", at, lost) }
	}
	small := func(x *couple) *couple { x.cfg.Servers[2].SafetyNet.MaxBytes = 2999; return x }
	short := func(x *couple) *couple { x.cfg.Servers[x.q].SafetyNet.Hold = 11 * time.Hour; return dead(x) }
	for _, c := range []struct {
		name                  string
		v                     topology.Version
		missing, since        string
		after                 func(*couple) *couple
		want                  []string
		delivered, duplicates float64
	}{
		// Deliveries from 10:55 on are lost: five, of which P made three and Q two. Q learns at odd minutes what P has passed on: of the last, at
		// 10:59:30, only by a heartbeat that P does not answer, so Q sends its shadow copy of that at 13:59.
		{"both answer", topology.V2016, "10m", "10:55:00", nil, []string{"11:05:00 P 3", "11:05:00 Q 2"}, 65, 0},
		{"a window that is too long", topology.V2016, "10m", "10:51:00", nil, []string{"11:05:00 P 5", "11:05:00 Q 4"}, 65, 4},
		{"a window that is too short", topology.V2016, "10m", "10:58:00", nil, []string{"11:05:00 P 1", "11:05:00 Q 1"}, 62, 0},
		{"nothing is lost", topology.V2016, "0s", "11:05:00", nil, nil, 60, 0},
		{"P does not come back: its holder is asked after 12 h", topology.V2016, "10m", "10:55:00", dead, []string{"11:05:00 Q 2", "23:05:00 Q 2 of P"}, 65, 0},
		{"P is back in time", topology.V2016, "10m", "10:55:00", back("20:00:00", false), []string{"11:05:00 Q 2", "20:00:00 P 3"}, 65, 1},
		{"P is back as the 12 h end", topology.V2016, "10m", "10:55:00", back("23:05:00", false), []string{"11:05:00 Q 2", "23:05:00 Q 2 of P"}, 65, 0},
		{"P is back, its disk is not", topology.V2016, "10m", "10:55:00", back("20:00:00", true), []string{"11:05:00 Q 2"}, 63, 0},
		{"what P's holder kept has come to its end", topology.V2016, "10m", "10:55:00", short, []string{"11:05:00 Q 2"}, 63, 0},
		{"Q asks when it is up", topology.V2016, "10m", "10:55:00", func(x *couple) *couple { return x.crash(x.q, "11:00:00", "11:30:00", false) }, []string{"11:30:00 P 3", "11:30:00 Q 2"}, 65, 0},
		// Before 2013 the hub has a dumpster; there are no holders to ask.
		{"2010: the hub answers", topology.V2010, "10m", "10:55:00", dead, []string{"11:05:00 H 5"}, 65, 0},
		{"2010: more is asked for than is lost", topology.V2010, "10m", "10:51:00", dead, []string{"11:05:00 H 9"}, 65, 4},
		{"2010: the hub is down", topology.V2010, "10m", "10:55:00", hub("", false), nil, 60, 0},
		{"2010: the hub is back", topology.V2010, "10m", "10:55:00", hub("23:30:00", false), []string{"23:30:00 H 5"}, 65, 0},
		{"2010: the hub is back, its disk is not", topology.V2010, "10m", "10:55:00", hub("23:30:00", true), nil, 60, 0},
		{"2010: a dumpster for two messages", topology.V2010, "10m", "10:55:00", small, []string{"11:05:00 H 2"}, 62, 0},
		{"2007: the database comes up where it was", topology.V2007, "10m", "10:55:00", nil, []string{"11:05:00 H 5"}, 65, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := failover(c.v, c.missing, c.since)
			if c.after != nil {
				x = c.after(x)
			}
			r := x.run(t)
			require.Equal(t, c.want, x.resent(r))
			require.Equal(t, c.delivered, stat(t, r, "messages.delivered", "site=all", "total"))
			require.Equal(t, c.duplicates, stat(t, r, "messages.duplicate", "site=all", "total"))
		})
	}
}

// TestQ11_5_HoldersExpandGroupsAnew: a holder knows of no members. It sends the message to the whole group, and who is in it without being in the
// database gets it again: mailboxes know it, people outside do not.
func TestQ11_5_HoldersExpandGroupsAnew(t *testing.T) {
	t.Parallel()
	story := func(down bool) *couple {
		x := failover(topology.V2016, "10m", "10:55:00")
		members := []topology.Recipient{{Server: x.p, Count: 2}, {Server: x.q, Count: 3}, {Server: topology.None, Domain: "example.net"}}
		g := x.b.Group(topology.Group{Name: "all", ExpansionServer: topology.None, Members: members})
		x.cfg.Loads[0].To = []load.Party{{Kind: load.PartyGroup, Group: g, Weight: 1}}
		if down {
			x = x.crash(x.p, "11:00:00", "", false)
		}
		return x
	}
	// Who delivered knows: five messages for two mailboxes, by P and by Q.
	r := story(false).run(t)
	require.Equal(t, []float64{6*60 + 2*5, 0}, []float64{stat(t, r, "messages.delivered", "site=all", "total"), stat(t, r, "messages.duplicate", "site=all", "total")})
	x := story(true)
	r = x.run(t)
	require.Equal(t, []string{"11:05:00 Q 2", "23:05:00 Q 2 of P"}, x.resent(r))
	// Q answers for two. Of the other three it sends two at 23:05 out of Safety Net and the last one, of which it had not heard, as a shadow copy: each
	// goes to the two mailboxes that lack it, to three that have it, and out a second time.
	require.Equal(t, []float64{6*60 + 2*2 + 3*(2+1), 3 * 3}, []float64{stat(t, r, "messages.delivered", "site=all", "total"), stat(t, r, "messages.duplicate", "site=all", "total")})
}

// TestQ11_5_NobodyIsTold: of what is sent again nobody hears that it was late or lost.
func TestQ11_5_NobodyIsTold(t *testing.T) {
	t.Parallel()
	x := failover(topology.V2010, "10m", "10:55:00").crash(1, "11:05:30", "", false) // where the database is active now
	x.cfg.Servers[2].Profile.Reports.DelayInternal = true
	x.cfg.Model.Relayed.Base = time.Minute
	r := x.run(t)
	require.Equal(t, 5.0, stat(t, r, "messages.held", "site=all", "total"))
	require.Zero(t, stat(t, r, "messages.reports", "site=all", "total"))
	x = failover(topology.V2010, "0s", "11:05:00").crash(1, "11:06:00", "", false)
	x.cfg.Loads[0].First = x.at("11:30:30")
	x.cfg.Loads[0].From[0] = load.Party{Kind: load.PartyInternet, Weight: 1}
	r = x.run(t)
	require.Equal(t, 60.0, stat(t, r, "dsn.count", "kind=delay", "total"), "of other mail they do")
}

// TestQ11_5_PausedByPressure: a server under back pressure sends nothing again until it is over.
func TestQ11_5_PausedByPressure(t *testing.T) {
	t.Parallel()
	x := failover(topology.V2016, "10m", "10:55:00")
	p := &x.cfg.Servers[x.p].Pressure
	*p = sim.Pressure{Settings: transport.DefaultPressure(topology.V2016, transport.Machine{}), Drive: 1_000_000, DriveUsed: 905_000}
	for i := range x.cfg.Servers {
		x.cfg.Servers[i].SafetyNet.Hold = 90 * time.Minute
	}
	r := x.run(t)
	// 55 messages are 96 %: P takes no copies of Q's from then on, so that there are 58. They leave from 11:31 on, one a minute, and when 24
	// have left it is below 94 %.
	require.Equal(t, []string{"11:05:00 Q 2", "11:54:00 P 3"}, x.resent(r))
}
