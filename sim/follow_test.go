package sim_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim"
	"mailsim/sim/fault"
	"mailsim/sim/load"
	"mailsim/sim/result"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// What route says of a message is what a run does with it: the same servers hand it on, and it ends in the same place, for the same
// reason. The organisations are those of the laws' test, with their faults and changes; the message comes a day after them, when all that
// was started is over, and it is the only one.
func TestFollowSaysWhatARunDoes(t *testing.T) {
	t.Parallel()
	for part := range 8 {
		t.Run(fmt.Sprintf("part %d", part+1), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, followsARun)
		})
	}
}

// bringsMail tells whether the message would not be the only one.
func bringsMail(k fault.Kind) bool {
	return slices.Contains([]fault.Kind{fault.PoisonMessage, fault.MailStorm, fault.DuplicateStorm, fault.Backscatter}, k)
}

// putsOff tells whether a fault says when a message comes through, by chance or in time, and not which way it takes. That one of several databases of a machine
// is dismounted is no matter of routes either, which know machines.
func putsOff(k fault.Kind) bool {
	return slices.Contains([]fault.Kind{fault.LinkDegrade, fault.RemoteThrottle, fault.RemoteGreylist, fault.AgentStall, fault.DiskPressure}, k)
}

func severalDatabases(o *topology.Organisation) bool {
	return slices.ContainsFunc(o.Servers, func(s topology.Server) bool { return len(s.Databases) > 1 })
}

func followsARun(t *rapid.T) {
	x := &randomScenario{}
	cfg := drawInto(t, x)
	at := simtime.Time(cfg.Duration + 24*time.Hour)
	cfg.Duration, cfg.Warmup = at.Sub(0)+3*time.Hour, 0
	patient(cfg)
	cfg.Faults = slices.DeleteFunc(cfg.Faults, func(f fault.Fault) bool {
		return bringsMail(f.Kind) || putsOff(f.Kind) || f.Kind == fault.StoreDown && severalDatabases(cfg.Org)
	})
	forGood := x.flag("for good")
	for i := range cfg.Faults {
		if forGood {
			cfg.Faults[i].End = simtime.Never
		}
		// Each ticket is sealed for the wrong account by chance, at the instant at which it is asked for: that of a question is not that of the session.
		cfg.Faults[i].Identity.WrongAccount = math.Ceil(cfg.Faults[i].Identity.WrongAccount)
	}
	sender := rapid.SampledFrom(x.mailboxServers()).Draw(t, "sender")
	to := x.drawRecipients()
	size := rapid.SampledFrom([]int64{1, 30_000, 30_001, 100_000, 100_001, 400_000}).Draw(t, "bytes")
	cfg.Loads = []load.Source{oneMessage(at, sender, to, size)}

	state, err := sim.StateAt(t.Context(), cfg, 0, at)
	require.NoError(t, err)
	book := route.NewBook()
	query := route.Query{Server: sender, Submit: true, Size: size, Reach: state.Contact, Name: state.Name, Offer: state.Offer, Home: state.Home, View: state.View, Silence: state.Silence}
	ways, copies := route.FollowTogether(book, cfg.Org, query, destinations(book, to))

	sink := result.NewMemory(0, 0)
	run, err := sim.RunToRest(t.Context(), cfg, 0, sink)
	require.NoError(t, err)
	told := foretold(cfg.Org, ways)
	seen := found(cfg.Org, run, sink.Run())
	if run.Reports > 0 { // they travel too, and may rest anywhere
		require.Subset(t, seen, told, "%+v\n%+v", ways, run)
		return
	}
	require.Equal(t, told, seen, "%+v\n%+v", ways, run)
	sent := make([]int64, len(cfg.Org.Servers))
	for _, c := range copies {
		sent[c.From]++
	}
	for s := range sent {
		require.GreaterOrEqual(t, run.Sent[s], sent[s], "copies sent by %q: %+v\n%+v", cfg.Org.Servers[s].Name, ways, run)
	}
	if len(ways) == 1 && to[0].Kind != load.PartyGroup {
		if w := ways[0]; w.Fate == route.Delivered {
			sent[w.Servers[len(w.Servers)-1]]++
		}
		require.Equal(t, sent, run.Sent, "%+v", ways)
	}
}

// patient takes away what lets mail move or end with time: retries are not followed.
func patient(cfg *sim.Config) {
	cfg.Model.ConnectionTimeout, cfg.Model.EdgeTimeout = 0, 0
	for i := range cfg.Servers {
		s := &cfg.Servers[i]
		s.Receive = transport.ReceiveLimits{}
		s.Profile.Reports.PriorityQueueing, s.Pressure = false, sim.Pressure{}
		s.Shadow.Reject, s.Shadow.TakeOver = false, 720*time.Hour
		s.Profile.Reports.Timeouts = transport.Timeouts{Delay: 720 * time.Hour, Expiry: 720 * time.Hour}
		s.Profile.MaxIdleBeforeResubmit = 720 * time.Hour
	}
	for i := range cfg.Remotes {
		cfg.Remotes[i].ConnectionTimeout, cfg.Remotes[i].UnknownFraction = 0, 0
	}
	cfg.Actions = slices.DeleteFunc(cfg.Actions, func(a fault.Action) bool { return a.Kind == fault.SuspendQueue })
}

// drawRecipients draws those of one message: a group, or one or several others, each once.
func (x *randomScenario) drawRecipients() []load.Party {
	if x.groups > 0 && x.oneIn(4, "to a group") {
		return []load.Party{{Kind: load.PartyGroup, Group: topology.GroupID(x.some("group", 0, x.groups-1)), Weight: 1}}
	}
	var to []load.Party
	for range x.some("recipients", 1, 3) {
		p := load.Party{Kind: load.PartyInternet, Domain: rapid.SampledFrom([]string{"partner.example", "other.org"}).Draw(x.t, "domain"), Weight: 1}
		if !x.oneIn(3, "outside") {
			p = load.Party{Kind: load.PartyMailbox, Server: rapid.SampledFrom(x.mailboxServers()).Draw(x.t, "recipient"), Database: 1, Weight: 1}
		}
		if !slices.Contains(to, p) {
			to = append(to, p)
		}
	}
	return to
}

// oneMessage is the source of a single message.
func oneMessage(at simtime.Time, from topology.ServerID, to []load.Party, size int64) load.Source {
	sender := load.Party{Kind: load.PartyMailbox, Server: from, Weight: 1}
	if to[0].Kind == load.PartyGroup {
		return load.Source{
			ID: "one", Kind: load.Burst, Start: at, End: simtime.Never, Count: 1, Size: rng.Constant(float64(size)), Recipients: rng.Constant(1),
			From: []load.Party{sender}, To: to,
		}
	}
	return load.Source{ID: "one", Kind: load.Replay, End: simtime.Never, Trace: []load.TraceMessage{{At: at, From: sender, To: to, Size: size}}}
}

func destinations(book *route.Book, to []load.Party) []route.DestID {
	var out []route.DestID
	for _, p := range to {
		switch p.Kind {
		case load.PartyGroup:
			out = append(out, book.Dest(route.Destination{Kind: route.DistributionList, Group: p.Group}))
		case load.PartyMailbox:
			out = append(out, book.Dest(route.Destination{Kind: route.Mailbox, Server: p.Server}))
		default:
			out = append(out, book.Dest(route.Destination{Kind: route.External, Domain: p.Domain}))
		}
	}
	return out
}

// foretold is where mail ends by its traces, each place once, in order.
func foretold(org *topology.Organisation, ways []route.Way) []string {
	var out []string
	for i := range ways {
		switch w := &ways[i]; w.Fate {
		case route.Delivered:
			out = append(out, "delivered")
		case route.WaitsInQueue:
			out = append(out, fmt.Sprintf("rests at %s in queue %q", org.Servers[w.RestsAt].Name, w.Queue))
		case route.Returned:
			out = append(out, fmt.Sprintf("returned by %s: %s", org.Servers[w.RestsAt].Name, w.Code))
		case route.WaitsForRoute:
			out = append(out, "no route at "+org.Servers[w.RestsAt].Name)
		case route.WaitsSubmission:
			out = append(out, "with its sender")
		case route.WaitsDirectory:
			out = append(out, "is in the categoriser of "+org.Servers[w.RestsAt].Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// found is where the mail of a run is, in the same words.
func found(org *topology.Organisation, w sim.Whereabouts, r *result.Run) []string {
	var out []string
	for _, h := range r.Summary.Histograms { // of delays, which leave reports out
		if h.Labels.String() == "from=all,to=all" {
			out = append(out, "delivered")
		}
	}
	for _, q := range w.Queues {
		words := "rests at %s in queue %q"
		if q.State != transport.Retry {
			words = "is under way at %s in queue %q"
		}
		out = append(out, fmt.Sprintf(words, org.Servers[q.Server].Name, q.Key.Domain))
	}
	for _, e := range r.Events {
		if e.Kind == "dsn" {
			out = append(out, fmt.Sprintf("returned by %s: %v", e.Server, e.Fields[1].Value))
		}
	}
	for s, n := range w.Unreachable {
		if n > 0 {
			out = append(out, "no route at "+org.Servers[s].Name)
		}
		if w.Working[s] > 0 {
			out = append(out, "is in the categoriser of "+org.Servers[s].Name)
		}
	}
	if w.Pending > 0 {
		out = append(out, "with its sender")
	}
	if w.Expired+w.Lost > 0 {
		out = append(out, fmt.Sprintf("%d expired, %d lost", w.Expired, w.Lost))
	}
	slices.Sort(out)
	return slices.Compact(out)
}
