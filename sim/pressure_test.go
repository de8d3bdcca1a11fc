package sim_test

import (
	"fmt"
	"math"
	"strings"
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

// pressed gives a server of a campus the back pressure of its version; change makes it what a test needs.
func (c *campus) pressed(name string, change func(p *sim.Pressure)) {
	p := sim.Pressure{Settings: transport.DefaultPressure(c.version, transport.Machine{})}
	change(&p)
	c.cfg.Servers[c.servers[name]].Pressure = p
}

// levels sets the levels of the submission queue.
func levels(mediumToLow, lowToMedium, highToMedium, mediumToHigh int64) func(p *sim.Pressure) {
	return func(p *sim.Pressure) {
		p.Settings.Rules[transport.SubmissionLength].Levels = transport.Levels{
			LowToMedium: lowToMedium, MediumToHigh: mediumToHigh, HighToMedium: highToMedium, MediumToLow: mediumToLow,
		}
	}
}

// pressureEvents lists the events of back pressure: instant, id, level.
func pressureEvents(r *result.Run) []string {
	var out []string
	for _, e := range r.Events {
		if e.Kind == "pressure" {
			out = append(out, fmt.Sprintf("%v %s %d %v %v", e.Time, e.Server, e.ID, e.Fields[2].Value, e.Fields[3].Value))
		}
	}
	return out
}

// steady lets mail come every gap from a mailbox server, or "" for the internet, until end.
func (c *campus) steady(id, from string, at, gap, end float64, to string) {
	p := load.Party{Kind: load.PartyInternet, Weight: 1}
	if from != "" {
		p = load.Party{Kind: load.PartyMailbox, Server: c.servers[from], Weight: 1}
	}
	c.cfg.Loads = append(c.cfg.Loads, load.Source{
		ID: id, Kind: load.Regular, First: seconds(at), Every: simtime.FromSeconds(gap), End: seconds(end), Count: 1 << 40, Size: rng.Constant(1000),
		Recipients: rng.Constant(1), From: []load.Party{p}, To: []load.Party{{Kind: load.PartyMailbox, Server: c.servers[to], Weight: 1}},
	})
}

// TestQ10_5_AStalledCategoriser is the first half of the worked case of a content filter that stalls: 10 messages a second from mailboxes, and
// nothing leaves the submission queue. It is past 9,999 at the poll after 1000 s, and past 15,000 500 s later: then all are refused.
func TestQ10_5_AStalledCategoriser(t *testing.T) {
	t.Parallel()
	c := newCampus(t, topology.V2016, "AB")
	c.server("A1", boxRole)
	c.pressed("A1", func(*sim.Pressure) {})
	c.cfg.Model.Submitted = sim.CategoriserCost{Base: 10 * time.Hour}
	c.steady("load", "A1", 0, 0.1, 3600, "A1")
	r := c.run()
	require.Equal(t, []string{"16m40s A1 15004 Medium 10000", "25m0s A1 15004 High 15000"}, pressureEvents(r))
	require.Equal(t, 15000.0, level(t, r, "server.submission", "server=A1", 3599))
	require.Equal(t, 21000.0, level(t, r, "submission_pending", "site=A", 3600), "they stay with their senders")
}

// TestQ3_5_TheSubmissionQueueIsAnInput: one number, the messages that wait for the categoriser and those in it, is what back pressure goes by and what the
// performance counter shows.
func TestQ3_5_TheSubmissionQueueIsAnInput(t *testing.T) {
	t.Parallel()
	c := newCampus(t, topology.V2016, "AB")
	c.server("A1", boxRole)
	c.pressed("A1", levels(5, 10, 20, 1000))
	c.cfg.Model.Submitted = sim.CategoriserCost{Base: time.Hour}
	c.cfg.Duration = 10 * time.Minute
	c.cfg.Output.Counters = true
	c.burst("burst", "A1", 11, 25, "A1")
	r := c.run()
	require.Equal(t, []string{"12s A1 15004 Medium 25"}, pressureEvents(r), "eight of them are in the categoriser")
	require.Equal(t, 25.0, stat(t, r, "counter", "server=A1,counter=submission", "max"))
	require.Equal(t, 25.0, level(t, r, "server.submission", "server=A1", 60))
}

// TestQ10_7_OutsideIsRefusedAfterTenMinutes: mail from outside is tarpitted from 10:00 on, and refused from the 301st poll on; mailboxes
// still submit. When the queue is below its low level, senders outside try again at a quarter of an hour since each message's own.
func TestQ10_7_OutsideIsRefusedAfterTenMinutes(t *testing.T) {
	t.Parallel()
	c := newCampus(t, topology.V2016, "AB")
	c.server("A1", boxRole)
	c.pressed("A1", levels(5, 10, 20, 1000))
	c.cfg.Servers[c.servers["A1"]].Profile.CategoriserWorkers = 1
	c.cfg.Model.Submitted = sim.CategoriserCost{Base: 40 * second}
	c.burst("backlog", "A1", 10, 20, "A1") // below 5 from the 16th on, at 650 s
	c.mail("outside", "", 605, 10, "A1")   // the 301st poll is that of 612 s: 10:12
	c.cfg.Duration = 2 * time.Hour
	r := c.run()
	// Up at 12 s, with 20 of them; the tarpit is over with the history.
	require.Equal(t, "12s A1 15004 Medium 20", pressureEvents(r)[0])
	// Of the ten from outside those up to 611 s wait up to 55 s for their reply. The others are refused.
	require.Equal(t, 3.0, level(t, r, "submission_pending", "site=internet", 620)) // 612, 613, 614
	require.Equal(t, 30.0, stat(t, r, "messages.delivered", "site=all", "total"))
	require.Zero(t, level(t, r, "submission_pending", "site=internet", 2000))
}

// TestQ10_6_TarpitHoldsReplies: the reply to MAIL comes later by the tarpit, for senders outside and for servers; not for mailboxes.
func TestQ10_6_TarpitHoldsReplies(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		from, site string
		delay      float64
	}{
		{"B1", "B", 100},
		{"", "internet", 15 + 1 + 100}, // 10 s at the poll of 2 s, 15 s at that of 4 s; its way is by the front end in A
		{"A1", "A", 100 + 55 + 1},
	} {
		c := newCampus(t, topology.V2013, "AB")
		c.b.SubmissionStaysInSite(true)
		c.server("A1", boxRole)
		c.server("B1", boxRole)
		c.pressed("B1", levels(1, 2, 1000, 1000))
		c.cfg.Servers[c.servers["B1"]].Profile.CategoriserWorkers = 20
		c.cfg.Model.Submitted = sim.CategoriserCost{Base: 100 * second}
		c.cfg.Model.Session = sim.SessionCost{PerMessage: rng.Constant(1)}
		for i := range 4 {
			c.burst(fmt.Sprint("backlog", i), "B1", 1+50*float64(i), 2, "B1")
		}
		c.mail("probe", x.from, 5, 1, "B1")
		r := c.run()
		require.Equal(t, []string{"2s B1 15004 Medium 2", "4m12s B1 15005 Low 0"}, pressureEvents(r))
		require.InDelta(t, x.delay, stat(t, r, "delivery.delay", "from="+x.site+",to=all", "max"), 0.01, x.site)
	}
}

// TestQ7_5_BackPressureIsNoReasonForBackOff: a hub under pressure answers 452 at MAIL. The sender takes the other hub of the site; where there
// is none the queue goes to Retry, and mail does not come to rest in the site before.
func TestQ7_5_BackPressureIsNoReasonForBackOff(t *testing.T) {
	t.Parallel()
	for _, both := range []bool{false, true} {
		c := newCampus(t, topology.V2010, "AB", "BC")
		c.server("A1", hubRole)
		c.server("Am", boxRole)
		c.server("B1", hubRole)
		c.server("C1", hubRole)
		c.server("C2", hubRole)
		c.server("Cm", boxRole)
		full := func(p *sim.Pressure) { p.Drive, p.DriveUsed = 1<<40, 1<<40 } // a drive that is full of other things
		c.pressed("C1", full)
		if both {
			c.pressed("C2", full)
		}
		c.mail("m", "Am", 10, 20, "Cm")
		r := c.run()
		require.Equal(t, "0s C1 15004 High 100", pressureEvents(r)[0])
		require.Equal(t, "0s C1 15006 High 100", pressureEvents(r)[1])
		require.Zero(t, stat(t, r, "throughput", "server=C1", "count"))
		require.Zero(t, stat(t, r, "throughput", "server=B1", "count"), "no back-off to B")
		if !both {
			require.Equal(t, 20.0, stat(t, r, "messages.delivered", "site=all", "total"))
			require.Equal(t, 20.0, stat(t, r, "throughput", "server=C2", "count"))
			continue
		}
		require.Equal(t, 20.0, level(t, r, "server.queue_length", "server=A1,class=all,state=retry", 3600))
		var said string
		for _, e := range r.Events {
			if e.Kind == "queue.retry" {
				said = e.Text
			}
		}
		require.Contains(t, said, `"452 4.3.1 Insufficient system resources."`)
	}
}

// TestQ10_9_MailFillsTheDrive: the bytes of all queues count as used: while the next hop is down mail gathers until the drive's level is
// Medium; when it drained the level is Low again.
func TestQ10_9_MailFillsTheDrive(t *testing.T) {
	t.Parallel()
	c := newCampus(t, topology.V2016, "AB")
	c.b.SubmissionStaysInSite(true)
	c.server("A1", boxRole)
	c.server("B1", boxRole)
	c.pressed("A1", func(p *sim.Pressure) {
		p.Drive, p.DriveUsed = 1_000_000_000, 958_000_000
	})
	c.down("B1", fault.Crash, 0, 600)
	c.cfg.Loads = append(c.cfg.Loads, load.Source{
		ID: "big", Kind: load.Regular, First: 0, Every: 10 * second, End: simtime.Never, Count: 5, Size: rng.Constant(1_000_000), Recipients: rng.Constant(1),
		From: []load.Party{{Kind: load.PartyMailbox, Server: c.servers["A1"], Weight: 1}}, To: []load.Party{{Kind: load.PartyMailbox, Server: c.servers["B1"], Weight: 1}},
	})
	r := c.run()
	// 95.8 % of other things: the second message makes 96.
	got := pressureEvents(r)
	require.Equal(t, "12s A1 15004 Medium 96", got[0], "the poll of 10 s is before the arrival")
	require.Equal(t, 5.0, stat(t, r, "messages.delivered", "site=all", "total"))
	require.Len(t, got, 1, "95.8 % are not below 94: the drive stays at Medium")
}

// TestQ10_9_VersionBuckets: counted where a scenario asks for it, from what is accepted between two polls; a burst of 2,000 messages is Medium
// (500 of 120) at one poll of 2010 and gone at the next.
func TestQ10_9_VersionBuckets(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{false, true} {
		c := newCampus(t, topology.V2010, "AB")
		c.server("A1", hubRole)
		c.server("Am", boxRole)
		c.pressed("A1", func(p *sim.Pressure) { p.Buckets = on })
		c.burst("burst", "Am", 11, 600, "Am")
		c.mail("after", "Am", 14, 1, "Am")
		r := c.run()
		if !on {
			require.Empty(t, pressureEvents(r))
			continue
		}
		require.Equal(t, []string{"12s A1 15004 Medium 150", "14s A1 15005 Low 0"}, pressureEvents(r))
	}
}

// TestQ10_5_StoppedDelivery: version buckets of 2016 at High stop what a server sends; what it has is sent when they are not.
func TestQ10_5_StoppedDelivery(t *testing.T) {
	t.Parallel()
	c := newCampus(t, topology.V2016, "AB")
	c.b.SubmissionStaysInSite(true)
	c.server("A1", boxRole)
	c.server("B1", boxRole)
	c.pressed("A1", func(p *sim.Pressure) { p.Buckets = true })
	c.cfg.Model.Session = sim.SessionCost{PerMessage: rng.Constant(1)}
	c.cfg.Servers[c.servers["A1"]].Profile.Threshold = [4]int{100, 100, 100, 100}
	c.burst("first", "A1", 1, 100, "B1")
	c.burst("burst", "A1", 11, 6000, "A1") // 1500 buckets
	c.cfg.Duration = 10 * time.Minute
	r := c.run()
	require.Equal(t, []string{"12s A1 15004 High 1500.00", "14s A1 15005 Low 0"}, roundReadings(pressureEvents(r)))
	require.Equal(t, 6100.0, stat(t, r, "messages.delivered", "site=all", "total"))
	require.Equal(t, 1.0, level(t, r, "server.connections", "server=A1", 10))
	require.Equal(t, 0.0, level(t, r, "server.connections", "server=A1", 13))
	require.Equal(t, 1.0, level(t, r, "server.connections", "server=A1", 20))
}

func roundReadings(events []string) []string {
	for i, e := range events {
		if at := strings.LastIndexByte(e, ' '); strings.Contains(e, "High") {
			var v float64
			fmt.Sscan(e[at+1:], &v)
			events[i] = fmt.Sprintf("%s %.2f", e[:at], math.Floor(v))
		}
	}
	return events
}

// TestQ7_5_RefusedOnALiveSession: a hub that comes under pressure answers 452 on the session that another has with it. The message goes to the other
// hub of the site at once; the queue is never in Retry.
func TestQ7_5_RefusedOnALiveSession(t *testing.T) {
	t.Parallel()
	c := newCampus(t, topology.V2010, "AC")
	c.server("A1", hubRole)
	c.server("Am", boxRole)
	c.server("C1", hubRole)
	c.server("C2", hubRole)
	c.server("Cm", boxRole)
	c.pressed("C1", levels(1, 2, 3, 4))
	c.cfg.Model.Session = sim.SessionCost{PerMessage: rng.Constant(5)}
	c.cfg.Model.Submitted = sim.CategoriserCost{PerKB: time.Minute}
	c.burst("away", "Am", 0, 10, "Cm")         // 1000 bytes each: categorised after a minute, eight at a time
	c.steady("local", "Cm", 61, 0.5, 70, "Cm") // C1 has nine of them from then on, two minutes long
	r := c.run()
	for _, e := range r.Events {
		require.NotEqual(t, "queue.retry", e.Kind, "%v", e)
	}
	require.Equal(t, 28.0, stat(t, r, "messages.delivered", "site=all", "total"))
	require.Contains(t, strings.Join(pressureEvents(r), "\n"), "C1 15004 High")
	require.Greater(t, stat(t, r, "throughput", "server=C2", "count"), 14.0, "half of what is local, and most of what is not")
}

// TestQ10_3_NothingIsPolledWhileTheServiceIsDown: a server that stops right before a poll would find it pressed has no pressure until it runs again;
// then the first poll finds what is still there.
func TestQ10_3_NothingIsPolledWhileTheServiceIsDown(t *testing.T) {
	t.Parallel()
	c := newCampus(t, topology.V2010, "AB")
	c.server("A1", hubRole)
	c.server("Am", boxRole)
	c.pressed("A1", levels(1, 2, 50, 100))
	c.cfg.Model.Submitted = sim.CategoriserCost{Base: 10 * second}
	c.burst("burst", "Am", 11, 10, "Am")
	c.down("A1", fault.Crash, 11.5, 100)
	r := c.run()
	require.Equal(t, []string{"1m40s A1 15004 Medium 10", "2m0s A1 15005 Low 0"}, pressureEvents(r))
	require.Equal(t, 10.0, stat(t, r, "messages.delivered", "site=all", "total"))
}
