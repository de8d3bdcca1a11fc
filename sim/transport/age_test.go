package transport_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// TestQ8_2_TwoDaysInAQueue is QG-21: one message at 08:00:00, its next hop never answers. Instants count from then.
func TestQ8_2_TwoDaysInAQueue(t *testing.T) {
	t.Parallel()
	hour := func(h float64) simtime.Time { return sec(3600 * h) }
	for _, c := range []struct {
		name    string
		edge    bool
		within  map[float64]int // retries in the first hours
		retries int             // before expiry
		last    simtime.Time    // ... the last one
	}{
		{"QG-21 hub", false, map[float64]int{4: 30, 8: 54, 12: 78}, 294, hour(47.9)},
		{"QG-21 edge", true, nil, 103, hour(47) + sec(34*60)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := alone(t, topology.V2010, c.edge, 1)
			d.up = downUntil(simtime.Never)
			// The reports themselves go elsewhere, and are none of the figures.
			first := map[transport.MsgID]bool{}
			var categorised []simtime.Time
			d.watch = func(a transport.Action) {
				switch a.Kind {
				case transport.Created:
					first[a.Msg] = true
				case transport.Categorise:
					if !first[a.Msg] {
						categorised = append(categorised, d.now)
					}
				}
			}
			var tries []simtime.Time // of the message's own queue
			d.settling = func() {
				if d.hub.Queues() > 0 {
					if q := d.hub.Queue(0); q.Length > 0 && (len(tries) == 0 || tries[len(tries)-1] != q.LastTry) && q.State == transport.Retry {
						tries = append(tries, q.LastTry)
					}
				}
			}
			d.submit(0, d.dest[0])
			d.run(hour(49))
			require.Equal(t, []report{{hour(4), transport.Delayed, 1}, {hour(48), transport.Expired, 1}}, d.reports)
			require.Equal(t, []transport.Code{transport.Expired}, d.bounced)
			require.Equal(t, []simtime.Time{0, hour(12), hour(24), hour(36)}, categorised, "resubmissions at 20:00, 08:00 and 20:00 (Q-8.5)")
			tries = tries[1:] // the first failure is no retry
			for h, n := range c.within {
				count := 0
				for _, at := range tries {
					if at <= hour(h) {
						count++
					}
				}
				require.Equal(t, n, count, "retries in %v h", h)
			}
			require.Len(t, tries, c.retries)
			require.Equal(t, c.last, tries[len(tries)-1])
		})
	}
}

// TestQ8_1_LateMailIsReportedOnce: one report a message and server, also when the message stands in several queues, comes back to the
// categoriser, or is in transmission; and to outside or inside senders only where that is switched on.
func TestQ8_1_LateMailIsReportedOnce(t *testing.T) {
	t.Parallel()
	d := alone(t, topology.V2010, false, 2)
	d.up = downUntil(sec(5 * 3600))
	d.submit(0, d.dest[0], d.dest[1])
	d.submit(sec(7200), d.dest[0])
	d.run(sec(6 * 3600))
	require.Equal(t, []report{{sec(4 * 3600), transport.Delayed, 1}}, d.reports)

	long := alone(t, topology.V2010, false, 1)
	long.each = 5 * time.Hour // in transmission counts
	long.submit(0, long.dest[0])
	long.run(sec(10 * 3600))
	require.Equal(t, transport.Delayed, long.reports[0].why)
	require.Len(t, long.order, 2, "the message and its report")
}

// TestQ8_2_NotInTransmission: a message whose end comes while it is in transmission is delivered if that works, and given up when it comes back to
// the queue.
func TestQ8_2_NotInTransmission(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		how     func(d *driver)
		bounced []transport.Code
		at      simtime.Time // of the report
	}{
		{"taken", func(*driver) {}, nil, 0},
		{"broken", func(d *driver) { d.refuse = func(now simtime.Time) bool { return now <= sec(12) } }, []transport.Code{transport.Expired}, sec(12)},
		{"put off", func(d *driver) {
			d.answer = func(m uint64) transport.Code {
				if m == 1 {
					return transport.Deferred4xx
				}
				return transport.OK
			}
		}, []transport.Code{transport.Expired}, sec(12)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := alone(t, topology.V2010, false, 1)
			d.hub.Profile().Reports.Timeouts = transport.Timeouts{Delay: time.Hour, Expiry: 8 * time.Second}
			d.each = 10 * time.Second // set-up 2 s
			c.how(d)
			d.submit(0, d.dest[0])
			d.run(sec(15))
			require.Equal(t, c.bounced, d.bounced)
			if c.bounced == nil {
				require.Equal(t, []uint64{1}, d.order)
				require.Empty(t, d.reports)
			} else {
				require.Equal(t, []report{{c.at, transport.Expired, 1}}, d.reports)
			}
		})
	}
}

// TestQ8_2_WhereItWaits: the Unreachable queue expires its mail too, and so does a server that was stopped when the time came; the categoriser's queue
// does not.
func TestQ8_2_WhereItWaits(t *testing.T) {
	t.Parallel()
	short := func(d *driver) *driver {
		d.hub.Profile().Reports.Timeouts = transport.Timeouts{Delay: time.Hour, Expiry: time.Minute}
		d.null = true
		return d
	}
	d := short(alone(t, topology.V2010, false, 1))
	d.submit(0, d.book.Dest(route.Destination{Kind: route.Mailbox, Server: 0})) // no route from an Edge without a hub
	d.run(sec(59))
	_, _, unreachable, _ := d.hub.Held()
	require.EqualValues(t, 1, unreachable)
	d.run(sec(61))
	require.Equal(t, []transport.Code{transport.Expired}, d.bounced)
	require.Empty(t, d.reports, "Q-8.4: without a return path there is nobody to tell")

	d = short(alone(t, topology.V2010, false, 1))
	d.up = downUntil(simtime.Never)
	d.submit(0, d.dest[0])
	d.at(sec(30), transport.PhaseFaults, func() { d.halt(transport.OK) })
	d.at(sec(600), transport.PhaseFaults, func() { d.step(transport.Input{Kind: transport.Boot}) })
	d.run(sec(599))
	require.Empty(t, d.bounced)
	d.run(sec(601))
	require.Equal(t, []transport.Code{transport.Expired}, d.bounced)
	require.Zero(t, d.store.Live())

	d = short(alone(t, topology.V2010, false, 1))
	d.each = 100 * time.Second // in transmission at 60 s, when its end comes, and cut by the stop
	d.submit(0, d.dest[0])
	d.at(sec(80), transport.PhaseFaults, func() { d.halt(transport.OK) })
	d.at(sec(90), transport.PhaseFaults, func() { d.step(transport.Input{Kind: transport.Boot}) })
	d.run(sec(89))
	require.Empty(t, d.bounced)
	d.run(sec(91))
	require.Equal(t, []transport.Code{transport.Expired}, d.bounced)

	d = short(alone(t, topology.V2010, false, 1))
	d.think = func(uint64) time.Duration { return 5 * time.Minute }
	d.submit(0, d.dest[0])
	d.run(sec(299))
	require.Empty(t, d.bounced)
	d.run(sec(301))
	require.Equal(t, []transport.Code{transport.Expired}, d.bounced, "it comes to a queue too late")
}
