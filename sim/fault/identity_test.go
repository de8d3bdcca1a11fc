package fault_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/directory"
	"mailsim/sim/fault"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// wrongName is a fault of B1's identity from 10:00 on, written at BD1.
func wrongName(id string, kind fault.Kind, remedies ...fault.Action) fault.Fault {
	return fault.Fault{ID: id, Kind: kind, Start: at("10:00:00"), End: simtime.Never, Probability: 1, Hosts: hosts(b1),
		Identity: fault.Identity{DC: topology.None, WrongAccount: 1}, Remedies: remedies}
}

// TestF5_Remedies: fix_spn at the domain controller named, else at the first of the host's site; a fault is over when the last of its hosts is mended.
func TestF5_Remedies(t *testing.T) {
	t.Parallel()
	for kind, want := range map[fault.Kind]directory.Auth{fault.SPNMissing: directory.AuthNoName, fault.MachineSecret: directory.AuthNoLogon} {
		f := wrongName("name", kind, act(fault.FixSPN, "10:30:00", 5*time.Minute))
		b := newBench(t, []fault.Fault{f}, nil).until(at("10:34:59"))
		ask := func() directory.Auth { // who asks BD1
			if kind == fault.MachineSecret {
				return b.dir.Handshake(at("10:34:59"), b1, a1)
			}
			return map[bool]directory.Auth{true: directory.AuthNoName, false: directory.AuthOK}[b.dir.SPNAt(bd1, b1) == directory.SPNMissing]
		}
		require.Equal(t, want, ask())
		require.Nil(t, b.engine.Happened()[0].EndNS)
		b.until(at("10:35:00"))
		require.Equal(t, directory.AuthOK, ask())
		require.EqualValues(t, at("10:35:00"), *b.engine.Happened()[0].EndNS)
		require.Equal(t, "fix spn on B1", b.engine.Happened()[1].Label)
	}
	f := wrongName("name", fault.SPNMissing)
	f.Hosts = hosts(a1, b1)
	far := act(fault.FixSPN, "10:30:00", 0, hosts(b1)...)
	far.DC = ad1
	b := newBench(t, []fault.Fault{f}, []fault.Action{far}).until(at("11:59:59"))
	require.Nil(t, b.engine.Happened()[0].EndNS, "A1 is not mended")
	require.Equal(t, directory.SPNMissing, b.dir.SPNAt(ad1, a1), "written in its own site")
	require.Equal(t, directory.SPNMissing, b.dir.SPNAt(bd1, b1), "BD1 has not heard of the fix at AD1")
	f.End = at("13:00:00")
	b = newBench(t, []fault.Fault{f}, nil).until(at("13:00:00"))
	require.Equal(t, directory.SPNGood, b.dir.SPNAt(bd1, b1), "the end takes it back")
	require.EqualValues(t, at("13:00:00"), *b.engine.Happened()[0].EndNS)
}

// TestF5_Overlap: of two faults on one name the other takes hold again when one ends, whatever the order; what an operator has mended stays so.
func TestF5_Overlap(t *testing.T) {
	t.Parallel()
	one, two := wrongName("one", fault.SPNMissing), wrongName("two", fault.SPNDuplicate)
	one.End = at("12:00:00")
	two.Start = at("11:00:00")
	b := newBench(t, []fault.Fault{one, two}, nil)
	require.Equal(t, []directory.SPN{directory.SPNMissing, directory.SPNDuplicate, directory.SPNDuplicate}, spns(b, "10:30:00", "11:30:00", "12:30:00"))
	two.End, one.End = at("12:00:00"), simtime.Never
	b = newBench(t, []fault.Fault{one, two}, nil)
	require.Equal(t, directory.SPNMissing, spns(b, "12:30:00")[0])
	b = newBench(t, []fault.Fault{one, two}, []fault.Action{act(fault.FixSPN, "11:30:00", 0, hosts(b1)...)})
	require.Equal(t, []directory.SPN{directory.SPNGood, directory.SPNGood}, spns(b, "11:30:00", "12:30:00"))
}

func spns(b *bench, when ...string) []directory.SPN {
	var out []directory.SPN
	for _, w := range when {
		b.until(at(w))
		out = append(out, b.dir.SPNAt(bd1, b1))
	}
	return out
}

func blockAll(id string, remedies ...fault.Action) fault.Fault {
	return fault.Fault{ID: id, Kind: fault.PortBlock, Start: at("10:00:00"), End: simtime.Never, Probability: 1, Remedies: remedies,
		Filter: directory.Block{From: hosts(a1, a2), To: hosts(b1), Both: true, Ports: []directory.PortRange{{Low: 25, High: 25}}, TCP: true, UDP: true, Does: directory.Drop}}
}

// TestF6_Remedies: unblock_port lifts its own filter, or with a target every filter that touches the host; the end lifts what is left.
func TestF6_Remedies(t *testing.T) {
	t.Parallel()
	open := func(b *bench, when string) bool {
		b.until(at(when))
		return b.dir.Filtered(hosts(a1)[0], hosts(b1)[0], directory.SMTP) == directory.Open
	}
	b := newBench(t, []fault.Fault{blockAll("wall", act(fault.UnblockPort, "11:00:00", 30*time.Minute))}, nil)
	require.Equal(t, []bool{true, false, false, true}, []bool{open(b, "09:59:59"), open(b, "10:00:00"), open(b, "11:29:59"), open(b, "11:30:00")})
	require.EqualValues(t, at("11:30:00"), *b.engine.Happened()[0].EndNS)
	require.Equal(t, "port 25 between A1, A2 and B1 is blocked", b.events[0].Text)
	require.Equal(t, "operator: unblock_port done", b.events[1].Text)

	other := blockAll("other")
	other.Filter.To = hosts(ae1)
	walls := []fault.Fault{blockAll("wall"), blockAll("wall-2"), other}
	b = newBench(t, walls, []fault.Action{act(fault.UnblockPort, "11:00:00", 0, hosts(b1)...)})
	require.Equal(t, []bool{false, true}, []bool{open(b, "10:59:59"), open(b, "11:00:00")})
	require.Equal(t, directory.Drop, b.dir.Filtered(hosts(a1)[0], hosts(ae1)[0], directory.SMTP), "touches no B1")
	require.Nil(t, b.engine.Happened()[0].EndNS)

	short := blockAll("wall")
	short.End = at("10:30:00")
	b = newBench(t, []fault.Fault{short, blockAll("wall-2")}, nil)
	require.False(t, open(b, "10:30:00"), "the other holds it still")
	never := blockAll("wall")
	never.Probability = 0
	b = newBench(t, []fault.Fault{never}, nil)
	require.True(t, open(b, "12:00:00"))
	require.Empty(t, b.engine.Happened())
}

// TestF7_Remedies: a new certificate is told of when the service starts the next time after it was installed, and not before; of several the first to
// end counts.
func TestF7_Remedies(t *testing.T) {
	t.Parallel()
	cert := func(id string, notAfter simtime.Time, remedies ...fault.Action) fault.Fault {
		return fault.Fault{ID: id, Kind: fault.CertExpiry, Start: at("10:00:00"), End: simtime.Never, Probability: 1, Hosts: hosts(ae1), Remedies: remedies,
			Cert: fault.Certificate{NotAfter: notAfter}}
	}
	until := func(b *bench) []simtime.Time { // internal certificate of AE1, at each change
		var out []simtime.Time
		for _, c := range b.certs {
			if !c.StartTLS {
				out = append(out, c.At)
			}
		}
		return out
	}
	b := newBench(t, []fault.Fault{cert("c", at("12:00:00"), act(fault.RenewCert, "12:30:00", 10*time.Minute), act(fault.RestartTransport, "13:00:00", time.Minute))}, nil).until(at("13:00:59"))
	require.Equal(t, []simtime.Time{at("12:00:00")}, until(b), "installed at 12:40, not in use")
	require.Nil(t, b.engine.Happened()[0].EndNS)
	b.until(at("13:01:00"))
	require.Equal(t, []simtime.Time{at("12:00:00"), simtime.Never}, until(b))
	require.EqualValues(t, at("13:01:00"), *b.engine.Happened()[0].EndNS)

	b = newBench(t, []fault.Fault{cert("c", at("12:00:00"), act(fault.RestartTransport, "12:00:00", time.Minute), act(fault.RenewCert, "12:30:00", 10*time.Minute))}, nil).until(at("23:00:00"))
	require.Equal(t, []simtime.Time{at("12:00:00")}, until(b), "the wrong order")

	first, second := cert("a", at("18:00:00")), cert("b", at("12:00:00"))
	second.Start, second.End = at("11:00:00"), at("15:00:00")
	b = newBench(t, []fault.Fault{first, second}, nil).until(at("23:00:00"))
	require.Equal(t, []simtime.Time{at("18:00:00"), at("12:00:00"), at("18:00:00")}, until(b))
	var ids []int
	for _, e := range b.events {
		if e.ID != 0 {
			ids = append(ids, e.ID)
		}
	}
	require.Equal(t, []int{12017, 12017, 12015, 12015}, ids, "10:00 and 11:00 when first seen, then at their ends, 12:00 and 18:00")
}

// TestF5_Sentences is what events and charts write about these faults.
func TestF5_Sentences(t *testing.T) {
	t.Parallel()
	filter := blockAll("f").Filter
	one := filter
	one.Both, one.From, one.Ports = false, hosts(a1), []directory.PortRange{{Low: 88, High: 88}, {Low: 49152, High: 65535}}
	strip := filter
	strip.Does = directory.Strip
	for _, c := range []struct {
		fault              fault.Fault
		label, start, over string
	}{
		{fault.Fault{Kind: fault.SPNMissing, Hosts: hosts(b1)}, "name of B1 missing", "the name SMTPSVC/B1 is removed from the directory", "the name SMTPSVC/B1 is in the directory again"},
		{fault.Fault{Kind: fault.SPNDuplicate, Hosts: hosts(b1)}, "name of B1 twice", "the name SMTPSVC/B1 is given to a second account", "the name SMTPSVC/B1 belongs to one account again"},
		{fault.Fault{Kind: fault.MachineSecret, Hosts: hosts(b1)}, "secret of B1 reset", "the account of B1 gets a new secret, and the machine does not know it", "B1 and its account agree on a secret again"},
		{fault.Fault{Kind: fault.MachineSecret, Hosts: hosts(b1), Identity: fault.Identity{Secret: directory.SecretSnapshot}}, "secret of B1 set back", "B1 is set back to a state with an old secret", "B1 and its account agree on a secret again"},
		{fault.Fault{Kind: fault.MachineSecret, Hosts: hosts(b1), Identity: fault.Identity{Secret: directory.SecretRollover}}, "secret of B1 changed", "B1 changes its secret in good order", "B1 and its account agree on a secret again"},
		{fault.Fault{Kind: fault.PortBlock, Filter: filter}, "port 25 between A1, A2 and B1 blocked", "port 25 between A1, A2 and B1 is blocked", "port 25 between A1, A2 and B1 passes again"},
		{fault.Fault{Kind: fault.PortBlock, Filter: one}, "ports 88, 49152-65535 from A1 to B1 blocked", "ports 88, 49152-65535 from A1 to B1 are blocked", "ports 88, 49152-65535 from A1 to B1 pass again"},
		{fault.Fault{Kind: fault.PortBlock, Filter: strip}, "SMTP inspection between A1, A2 and B1", "SMTP inspection between A1, A2 and B1 begins", "SMTP inspection between A1, A2 and B1 ends"},
		{fault.Fault{Kind: fault.CertExpiry, Hosts: hosts(b1), Cert: fault.Certificate{NotAfter: at("11:00:00"), StartTLS: true}}, "STARTTLS certificate of B1", "the STARTTLS certificate of B1 is good until 2026-03-02 11:00:00", "the STARTTLS certificate of B1 is a new one"},
	} {
		t.Run(c.label, func(t *testing.T) {
			t.Parallel()
			c.fault.ID, c.fault.Probability, c.fault.Start, c.fault.End = "f", 1, at("10:00:00"), at("12:00:00")
			c.fault.Identity.DC = topology.None
			b := newBench(t, []fault.Fault{c.fault}, nil).until(at("13:00:00"))
			require.Equal(t, c.label, b.engine.Happened()[0].Label)
			events := slices.DeleteFunc(b.events, func(e result.Event) bool { return e.Kind != "fault" })
			require.Equal(t, []string{c.start, c.over}, []string{events[0].Text, events[1].Text})
		})
	}
}
