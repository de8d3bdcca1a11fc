package load

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/rng"
	"mailsim/topology"
	"mailsim/topology/route"
)

// The index gives what a walk along the weights gives.
func TestPickIsTheInverseTransform(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := &parties{}
		for range rapid.IntRange(1, 40).Draw(t, "entries") {
			p.add(rapid.SampledFrom([]float64{1e-9, 0.1, 1, 3, 1e6}).Draw(t, "weight"), 0, 0)
		}
		p.index()
		u := rapid.Float64Range(0, math.Nextafter(1, 0)).Draw(t, "u")
		if rapid.Bool().Draw(t, "on an edge") {
			u = float64(rapid.IntRange(0, len(p.guide)-1).Draw(t, "edge")) / float64(len(p.guide))
		}
		want := 0
		for x := u * p.upTo[len(p.upTo)-1]; want < len(p.upTo)-1 && p.upTo[want] <= x; {
			want++
		}
		require.Equal(t, want, p.pick(u))
	})
}

func weights(t *testing.T, list []Party, in *numbers) map[string]float64 {
	t.Helper()
	org := testOrg(t)
	var i Interner
	if in != nil {
		i = in
	}
	p, err := newParties(list, org, i)
	require.NoError(t, err)
	out := map[string]float64{}
	last := 0.0
	for k := range p.upTo {
		name := "internet"
		if s := p.server[k]; s != topology.None {
			name = org.Servers[s].Name
		}
		if in != nil {
			d := in.list[p.dest[k]]
			name += "/" + string(rune('0'+d.Database))
			if d.Kind == route.External {
				name = d.Type + ":" + d.Domain
			}
		}
		out[name] += p.upTo[k] - last
		last = p.upTo[k]
	}
	return out
}

func TestPartiesAreSpreadByMailboxes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		list     []Party
		from, to map[string]float64
	}{
		"site":     {site(siteA), map[string]float64{"mA1": .75, "mA2": .25}, map[string]float64{"mA1/0": .75, "mA2/0": .125, "mA2/1": .125}},
		"server":   {server(mA2), map[string]float64{"mA2": 1}, map[string]float64{"mA2/0": .5, "mA2/1": .5}},
		"database": {[]Party{{Kind: PartyMailbox, Server: mA2, Database: 2, Weight: 1}}, map[string]float64{"mA2": 1}, map[string]float64{"mA2/1": 1}},
		"internet": {internet(), map[string]float64{"internet": 1}, map[string]float64{"SMTP:internet.example": 1}},
		"any site": {
			[]Party{{Kind: PartyAnySite, Weight: 1}},
			map[string]float64{"mA1": .6, "mA2": .2, "mB": .2},
			map[string]float64{"mA1/0": .6, "mA2/0": .1, "mA2/1": .1, "mB/0": .2},
		},
		"weights": {
			[]Party{{Kind: PartySite, Site: siteB, Weight: 3}, {Kind: PartyInternet, Domain: "contoso.com", Weight: 1}},
			map[string]float64{"mB": 3, "internet": 1},
			map[string]float64{"mB/0": 3, "SMTP:contoso.com": 1},
		},
		"not joined yet, but named": {server(mA3), map[string]float64{"mA3": 1}, map[string]float64{"mA3/0": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			require.InDeltaMapValues(t, c.from, weights(t, c.list, nil), 1e-12)
			require.InDeltaMapValues(t, c.to, weights(t, c.list, newNumbers()), 1e-12)
		})
	}
}

// Chi-square of 100,000 senders and their recipients; false alarm probability 1e-4 each. An entry that is wrong by 2 % of all is found.
func TestPartiesAreDrawnByWeight(t *testing.T) {
	t.Parallel()
	const n = 100_000
	s := poisson("p", 1)
	s.Kind, s.Count, s.From = Burst, n, []Party{{Kind: PartyAnySite, Weight: 1}}
	s.To = s.From
	org, in := testOrg(t), newNumbers()
	g, err := NewGenerator(0, &s, org, in, rng.NewRoot(7005, 0), t0(), day)
	require.NoError(t, err)
	from, to := make([]float64, len(org.Servers)), make([]float64, 4)
	for m, ok := g.Next(); ok; m, ok = g.Next() {
		from[m.From]++
		to[m.Recipients[0].Dest]++
	}
	chi := func(seen, share []float64) float64 {
		sum := 0.0
		for i, p := range share {
			sum += (seen[i] - n*p) * (seen[i] - n*p) / (n * p)
		}
		return sum
	}
	require.Less(t, chi(from, []float64{.6, .2, .2}), 18.42, "2 degrees of freedom")
	require.Less(t, chi(to, []float64{.6, .1, .1, .2}), 21.11, "3 degrees of freedom")
}

func TestPartyErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		list []Party
		want string
	}{
		"none":             {nil, "is empty; name at least one party"},
		"site without any": {site(siteC), `site "C" has no mailboxes; give one of its mailbox servers a number of mailboxes, or name another site`},
		"no such site":     {site(9), "site 9 is not declared"},
		"no such server":   {server(9), "server 9 is not declared"},
		"a hub":            {server(hubC), `server "hubC" is no mailbox server; name one that is, or the site`},
		"no such database": {[]Party{{Kind: PartyMailbox, Server: mA2, Database: 3, Weight: 1}}, `server "mA2" has 2 database(s), number 3 is not one of them`},
		"no weight":        {[]Party{{Kind: PartyInternet}}, "weight must be a positive number, is 0"},
		"weight NaN":       {[]Party{{Kind: PartyInternet, Weight: math.NaN()}}, "weight must be a positive number, is NaN"},
		"weight infinite":  {[]Party{{Kind: PartyInternet, Weight: math.Inf(1)}}, "weight must be a positive number, is +Inf"},
		"weights overflow": {[]Party{{Kind: PartyInternet, Weight: 1e308}, {Kind: PartyInternet, Weight: 1e308}}, "the weights are too large to add; divide them all by the same number"},
		"no such kind":     {[]Party{{Kind: 9, Weight: 1}}, "party kind 9 does not exist"},
		"two wrong":        {[]Party{{Kind: PartyInternet}, site(siteB)[0], site(siteC)[0]}, "entry 1: weight must be a positive number, is 0\nentry 3: site \"C\" has no mailboxes; give one of its mailbox servers a number of mailboxes, or name another site"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newParties(c.list, testOrg(t), newNumbers())
			require.EqualError(t, err, c.want)
		})
	}
	none := topology.NewBuilder(topology.V2010)
	none.Site(topology.Site{Name: "A"})
	org, err := none.Build()
	require.NoError(t, err)
	_, err = newParties([]Party{{Kind: PartyAnySite, Weight: 1}}, org, nil)
	require.EqualError(t, err, "no site has mailboxes; give at least one mailbox server a number of mailboxes")
}

func TestGeneratorErrorsAreToldTogether(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Source)
		want   string
	}{
		"all at once": {
			func(s *Source) { s.Rate, s.Start, s.From, s.To = -1, -1, site(siteC), nil },
			"load \"p\": start must not be before t0, is -1ns\n" +
				"rate must be at least 0 messages per second and finite, is -1\n" +
				"from: site \"C\" has no mailboxes; give one of its mailbox servers a number of mailboxes, or name another site\n" +
				"to: is empty; name at least one party",
		},
		"no id":         {func(s *Source) { s.ID = "" }, `load "": has no id; give one, the random streams are named by it`},
		"rate infinite": {func(s *Source) { s.Rate = math.Inf(1) }, `load "p": rate must be at least 0 messages per second and finite, is +Inf`},
		"profile": {
			func(s *Source) { s.Kind, s.Profile = Diurnal, "office" },
			`load "p": profile "office" does not exist; write one of day.office, day.relay-24x7, day.flat`,
		},
		"every":       {func(s *Source) { s.Kind = Regular }, `load "p": every must be longer than 0s, is 0s`},
		"every below": {func(s *Source) { s.Kind, s.Every, s.Count = Regular, -1, 1 }, `load "p": every must be longer than 0s, is -1ns`},
		"first":       {func(s *Source) { s.Kind, s.Every, s.First = Regular, 1, -1 }, `load "p": first must not be before t0, is -1ns`},
		"count":       {func(s *Source) { s.Kind, s.Count = Burst, -1 }, `load "p": count must be at least 0, is -1`},
		"over":        {func(s *Source) { s.Kind, s.Over = Burst, -1 }, `load "p": over must be at least 0s, is -1ns`},
		"kind":        {func(s *Source) { s.Kind = 77 }, `load "p": kind 77 does not exist`},
		"trace": {
			func(s *Source) {
				s.Kind = Replay
				s.Trace = []TraceMessage{
					{At: 5, From: site(siteA)[0], To: server(mB)},
					{At: 4, From: server(mB)[0], To: server(hubC), Size: -1},
					{At: 6, From: internet()[0]},
				}
			},
			strings.Join([]string{
				`load "p": trace message 1: from: must be a mailbox server or the internet`,
				`trace message 2: comes at 4ns, before its predecessor at 5ns; sort the trace by time`,
				`trace message 2: size must be 0 (drawn) to 4294967295 bytes, is -1`,
				`trace message 2: to: server "hubC" is no mailbox server; name one that is, or the site`,
				`trace message 3: must have 1 to 100000 recipients, has 0`,
			}, "\n"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := poisson("p", 1)
			c.change(&s)
			_, err := NewGenerator(0, &s, testOrg(t), newNumbers(), rng.NewRoot(1, 0), t0(), day)
			require.EqualError(t, err, c.want)
		})
	}
}
