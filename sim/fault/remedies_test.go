package fault_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/directory"
	"mailsim/sim/fault"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// orders lists the orders of some steps.
func orders(steps []fault.ActionKind) [][]fault.ActionKind {
	if len(steps) <= 1 {
		return [][]fault.ActionKind{steps}
	}
	var out [][]fault.ActionKind
	for i := range steps {
		rest := slices.Delete(slices.Clone(steps), i, i+1)
		for _, o := range orders(rest) {
			out = append(out, append([]fault.ActionKind{steps[i]}, o...))
		}
	}
	return out
}

func before(order []fault.ActionKind, a, b fault.ActionKind) bool {
	return slices.Index(order, a) < slices.Index(order, b)
}

// The remedies of each kind in every order, 30 minutes apart, each with the time that it takes by default and a session a minute from A1 to B1 and
// back. Which orders cure is the sheet's table; the others leave the failure, or bring it back.
//
// S1-11: the clock, then the restart.
func TestS1_11_EveryOrder(t *testing.T) {
	t.Parallel()
	skewed := func(mode fault.ClockMode) func(*fault.Fault) {
		return func(f *fault.Fault) {
			f.Kind, f.ClockMode, f.Offset, f.PushEvery = fault.ClockSkew, mode, 7*time.Minute, 10*time.Minute
		}
	}
	for _, c := range []struct {
		name  string
		edit  func(*fault.Fault)
		steps []fault.ActionKind
		cures func(order []fault.ActionKind) bool
	}{
		{"F1 jump", skewed(fault.ClockJump), []fault.ActionKind{fault.SetTime, fault.ReplicateNow, fault.RestartOS},
			func(o []fault.ActionKind) bool { return before(o, fault.SetTime, fault.RestartOS) }},
		{"F1 push", skewed(fault.ClockPush), []fault.ActionKind{fault.FixTimeSource, fault.SetTime, fault.RestartOS, fault.RestartTransport}, func(o []fault.ActionKind) bool {
			return before(o, fault.FixTimeSource, fault.SetTime) && before(o, fault.SetTime, fault.RestartOS)
		}},
		{"F2", func(f *fault.Fault) {
			f.Kind, f.Hosts, f.From, f.To = fault.AuthLatch, nil, []topology.ServerID{a1}, []topology.ServerID{b1}
		}, []fault.ActionKind{fault.SetTime, fault.RestartTransport, fault.RestartOS}, func([]fault.ActionKind) bool { return true }},
		{"F5 missing", func(f *fault.Fault) { f.Kind = fault.SPNMissing }, []fault.ActionKind{fault.FixSPN, fault.ReplicateNow, fault.RestartOS},
			func(o []fault.ActionKind) bool { return before(o, fault.FixSPN, fault.ReplicateNow) }}, // replication spreads what is wrong, too
		{"F5 secret", func(f *fault.Fault) { f.Kind, f.Identity.Secret = fault.MachineSecret, directory.SecretSnapshot }, []fault.ActionKind{fault.FixSPN, fault.ReplicateNow, fault.SetTime, fault.RestartOS},
			func(o []fault.ActionKind) bool { return before(o, fault.FixSPN, fault.ReplicateNow) }}, // written at BD1; A1 asks AD1
		{"F6", func(f *fault.Fault) {
			f.Kind, f.Hosts = fault.PortBlock, nil
			f.Filter = directory.Block{From: hosts(a1), To: hosts(b1), Both: true, Ports: []directory.PortRange{{Low: 25, High: 25}}, TCP: true, Does: directory.Strip}
		}, []fault.ActionKind{fault.UnblockPort, fault.RestartOS, fault.SetTime}, func([]fault.ActionKind) bool { return true }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, order := range orders(c.steps) {
				f := fault.Fault{ID: "f", Start: at("09:50:00"), End: simtime.Never, Probability: 1, Hosts: hosts(b1), Identity: fault.Identity{DC: topology.None, WrongAccount: 1}}
				c.edit(&f)
				var names []string
				var actions []fault.Action
				for i, k := range order {
					a := act(k, "10:00:00", k.DefaultDuration(), hosts(b1)...)
					if k == fault.ReplicateNow {
						a.Hosts = []fault.Host{{Server: topology.None, DC: ad1}}
					}
					a.At = a.At.Add(time.Duration(i) * 30 * time.Minute)
					actions, names = append(actions, a), append(names, k.String())
				}
				b := newBench(t, []fault.Fault{f}, actions, func(c *directory.Config) { c.Kerberos.Lifetime = time.Minute })
				works := func(now simtime.Time) bool {
					ab, ba := b.dir.Handshake(now, a1, b1), b.dir.Handshake(now, b1, a1)
					return ab.OK() && ba.OK()
				}
				works(at("09:49:00"))
				got := false
				for now := at("09:50:00"); now < at("12:00:00"); now = now.Add(time.Minute) { // until then AD1 hears of nothing by itself
					b.until(now)
					got = works(now)
				}
				require.Equal(t, c.cures(order), got, strings.Join(names, ", "))
			}
		})
	}
}

// TestF6_RemedyPreconditions: what a remedy needs to have an effect. Without it it is carried out in vain.
func TestF6_RemedyPreconditions(t *testing.T) {
	t.Parallel()
	blocked := func(id string, port uint16, from, to []fault.Host) fault.Fault {
		return fault.Fault{ID: id, Kind: fault.PortBlock, Start: at("09:00:00"), End: simtime.Never, Probability: 1,
			Filter: directory.Block{From: from, To: to, Both: true, Ports: []directory.PortRange{{Low: port, High: port}}, TCP: true, UDP: true, Does: directory.Drop}}
	}
	dc := func(d topology.DCID) []fault.Host { return []fault.Host{{Server: topology.None, DC: d}} }
	offset := func(b *bench) time.Duration { return b.until(at("12:00:00")).dir.Offset(at("12:00:00"), hosts(b1)[0]) }
	cut := fault.Fault{ID: "cut", Kind: fault.Partition, Start: at("09:00:00"), End: simtime.Never, Probability: 1, SideA: []topology.SiteID{siteA}, SideB: []topology.SiteID{siteB}}
	far := act(fault.SetTime, "11:00:00", 0, hosts(b1)...)
	far.DC = ad1
	resync := act(fault.ResyncTime, "11:00:00", 0, hosts(b1)...)
	secret := wrongName("secret", fault.MachineSecret)
	for _, c := range []struct {
		name   string
		faults []fault.Fault
		action fault.Action
		works  bool
	}{
		{"set_time from a domain controller that is reached", nil, far, true},
		{"set_time from one that is not", []fault.Fault{cut}, far, false},
		{"resync_time", nil, resync, true},
		{"resync_time without port 123", []fault.Fault{blocked("wall", 123, hosts(b1), dc(bd1))}, resync, false},
		{"set_time does not need it", []fault.Fault{blocked("wall", 123, hosts(b1), append(dc(bd1), dc(ad1)...))}, far, true},
		{"resync_time with a wrong secret", []fault.Fault{secret}, resync, false},
	} {
		f := fastClock(7 * time.Minute)
		f.SelfCorrect = false
		b := newBench(t, append(c.faults, f), []fault.Action{c.action})
		require.Equal(t, c.works, offset(b) == 0, c.name)
	}
	// fix_spn writes at a domain controller, which must answer; the first of the site that does where none is named.
	fix := act(fault.FixSPN, "11:00:00", 5*time.Minute, hosts(b1)...)
	fix.DC = bd1
	down := fault.Fault{ID: "dc", Kind: fault.DCDown, Start: at("10:30:00"), End: at("11:30:00"), Probability: 1, Hosts: dc(bd1)}
	b := newBench(t, []fault.Fault{wrongName("name", fault.SPNMissing), down}, []fault.Action{fix})
	require.Equal(t, directory.SPNMissing, spns(b, "11:40:00")[0])
	b = newBench(t, []fault.Fault{wrongName("name", fault.SPNMissing)}, []fault.Action{fix})
	require.Equal(t, directory.SPNGood, spns(b, "11:40:00")[0])
}
