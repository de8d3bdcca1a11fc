package transport_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
)

// clock is the time of a day counted from 1 at 00:00, t0 being day 1, 00:00.
func clock(day, hours, minutes int) simtime.Time {
	return simtime.Time(time.Duration((day-1)*24+hours)*time.Hour + time.Duration(minutes)*time.Minute)
}

// TestQ8_2_WhenReportsAreDue: the delay report and the end of a message, from its acceptance on this server (Q-8.1, Q-8.3, QD-7, Q-9.1).
func TestQ8_2_WhenReportsAreDue(t *testing.T) {
	t.Parallel()
	for _, g := range []struct {
		name     string
		queueing bool
		priority transport.Priority
		size     uint32
		delay    simtime.Time
		ndr      simtime.Time
	}{
		{"QG-21", false, transport.PriorityNormal, 100 << 10, clock(1, 12, 0), clock(3, 8, 0)},
		{"QG-21 high, no priority queueing", false, transport.PriorityHigh, 100 << 10, clock(1, 12, 0), clock(3, 8, 0)},
		{"QG-22 high 100 KB", true, transport.PriorityHigh, 100 << 10, clock(1, 8, 30), clock(1, 16, 0)},
		{"QG-22 high 250 KB", true, transport.PriorityHigh, 250 << 10, clock(1, 8, 30), clock(1, 16, 0)},
		{"QG-22 high 300 KB", true, transport.PriorityHigh, 300 << 10, clock(1, 12, 0), clock(3, 8, 0)},
		{"QG-22 normal", true, transport.PriorityNormal, 300 << 10, clock(1, 12, 0), clock(3, 8, 0)},
		{"QG-22 low", true, transport.PriorityLow, 300 << 10, clock(1, 16, 0), clock(3, 8, 0)},
	} {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			r := transport.DefaultReports()
			r.PriorityQueueing = g.queueing
			require.NoError(t, r.Check())
			accepted := clock(1, 8, 0)
			of := r.Of(r.Class(g.priority, g.size))
			require.Equal(t, g.delay, of.DelayAt(accepted))
			require.Equal(t, g.ndr, of.ExpiresAt(accepted))
			require.False(t, of.Expired(accepted, g.ndr-1))
			require.True(t, of.Expired(accepted, g.ndr))
			next := clock(1, 9, 0) // the next hop takes it then, and starts anew
			require.Equal(t, g.delay.Add(time.Hour), of.DelayAt(next))
			require.Equal(t, g.ndr.Add(time.Hour), of.ExpiresAt(next))
		})
	}
}

// TestQ8_4_WhoGetsReports: nobody when there is no sender, or when Safety Net sends a message again. Reports of delays can be
// switched off for either side.
func TestQ8_4_WhoGetsReports(t *testing.T) {
	t.Parallel()
	r := transport.DefaultReports()
	for _, outside := range []bool{false, true} {
		for _, kind := range []transport.ReportKind{transport.DelayReport, transport.NonDelivery} {
			require.True(t, r.Wanted(kind, transport.ReportOrigin{Outside: outside}))
			require.False(t, r.Wanted(kind, transport.ReportOrigin{Outside: outside, NullSender: true}))
			require.False(t, r.Wanted(kind, transport.ReportOrigin{Outside: outside, Resubmitted: true}))
		}
	}
	r.DelayInternal = false
	require.False(t, r.Wanted(transport.DelayReport, transport.ReportOrigin{}))
	require.True(t, r.Wanted(transport.DelayReport, transport.ReportOrigin{Outside: true}))
	require.True(t, r.Wanted(transport.NonDelivery, transport.ReportOrigin{}))
	r.DelayInternal, r.DelayExternal = true, false
	require.True(t, r.Wanted(transport.DelayReport, transport.ReportOrigin{}))
	require.False(t, r.Wanted(transport.DelayReport, transport.ReportOrigin{Outside: true}))
}

// TestQ8_1_SizeOfReports: headers only, but for the report on a message that is given up and not too large.
func TestQ8_1_SizeOfReports(t *testing.T) {
	t.Parallel()
	r := transport.DefaultReports()
	for _, c := range []struct{ original, delay, ndr uint32 }{
		{1000, 5<<10 + 1000, 5<<10 + 1000},
		{75 << 10, 8 << 10, 80 << 10},
		{10 << 20, 8 << 10, 10<<20 + 5<<10},
		{10<<20 + 1, 8 << 10, 8 << 10},
		{1<<32 - 1, 8 << 10, 8 << 10},
	} {
		require.Equal(t, c.delay, r.Size(transport.DelayReport, c.original), c.original)
		require.Equal(t, c.ndr, r.Size(transport.NonDelivery, c.original), c.original)
	}
	r.MaxAttach = 1 << 40
	require.EqualValues(t, uint32(1<<32-1), r.Size(transport.NonDelivery, 1<<32-1))
	require.Equal(t, "400 4.4.7 Message delayed", transport.DelayText)
	require.Equal(t, "550 4.4.7 QUEUE.Expired; message expired", transport.ExpiredText)
}

// TestQ8_1_RangesOfTheTimeouts are those of the cmdlet.
func TestQ8_1_RangesOfTheTimeouts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		t    transport.Timeouts
		says string
	}{
		{transport.Timeouts{Delay: time.Second, Expiry: 5 * time.Second}, ""},
		{transport.Timeouts{Delay: 720 * time.Hour, Expiry: 2160 * time.Hour}, ""},
		{transport.Timeouts{Delay: 0, Expiry: time.Hour}, "the delay notification timeout must be 1s to 30 days, is 0s"},
		{transport.Timeouts{Delay: 721 * time.Hour, Expiry: time.Hour}, "the delay notification timeout must be 1s to 30 days, is 721h0m0s"},
		{transport.Timeouts{Delay: time.Hour, Expiry: 4 * time.Second}, "the message expiration timeout must be 5s to 90 days, is 4s"},
		{transport.Timeouts{Delay: time.Hour, Expiry: 2161 * time.Hour}, "the message expiration timeout must be 5s to 90 days, is 2161h0m0s"},
	} {
		general, low := transport.DefaultReports(), transport.DefaultReports()
		general.Timeouts, low.ByPriority[transport.PriorityLow] = c.t, c.t
		for _, r := range []transport.Reports{general, low} {
			if err := r.Check(); c.says == "" {
				require.NoError(t, err)
			} else {
				require.EqualError(t, err, c.says)
			}
		}
	}
}

// TestQ8_7_WhatMayBeDoneInWhichQueue: expiry, removal and resubmission by the kind of queue.
func TestQ8_7_WhatMayBeDoneInWhichQueue(t *testing.T) {
	t.Parallel()
	for kind, want := range map[transport.QueueKind]struct{ expires, removable, resubmits, ofSuspended bool }{
		transport.SubmissionQueue:  {false, false, false, false},
		transport.DeliveryQueue:    {true, true, true, true},
		transport.UnreachableQueue: {true, true, true, false},
		transport.PoisonQueue:      {false, true, true, true},
	} {
		require.Equal(t, want.expires, kind.Expires(), kind)
		require.Equal(t, want.removable, kind.Removable(), "Q-8.8: %d", kind)
		require.Equal(t, want.resubmits, kind.Resubmits(false, false), kind)
		require.Equal(t, want.ofSuspended, kind.Resubmits(true, false), kind)
		require.False(t, kind.Resubmits(false, true), kind)
		require.False(t, kind.Resubmits(true, true), kind)
	}
}
