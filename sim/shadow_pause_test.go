package sim_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/transport"
	"mailsim/topology"
)

// TestQ10_5_TakeOverIsPaused: a holder that is short of something sends no copies in place of a primary that is lost before that is over, nor then when the primary
// has come back with its mail in the meantime.
func TestQ10_5_TakeOverIsPaused(t *testing.T) {
	t.Parallel()
	story := func(pause bool) *couple {
		x := newCouple(topology.V2016, "09:01:00").mail("09:59:30", 14, true)
		p := &x.cfg.Servers[x.q].Pressure.Settings
		*p = transport.DefaultPressure(topology.V2016, transport.Machine{})
		rule := &p.Rules[transport.SubmissionLength]
		rule.Levels = transport.Levels{LowToMedium: 2, MediumToHigh: 1000, HighToMedium: 900, MediumToLow: 1}
		rule.Tarpit, rule.Lasting, rule.Medium = false, 0, 0
		if pause {
			rule.Medium = transport.PauseResubmission
		}
		return x
	}
	busy := func(x *couple, from, until int) *couple { // two messages every half a minute, each a minute in the categoriser
		for m := from; m < until; m++ {
			for _, s := range []string{"00", "30"} {
				x.mail(fmt.Sprintf("%02d:%02d:%s", m/60, m%60, s), 4, true)
				x.cfg.Loads[len(x.cfg.Loads)-1].From[0].Server = x.q
			}
		}
		return x
	}
	const h = 60
	for _, c := range []struct {
		name   string
		x      *couple
		want   []string
		counts [4]float64
	}{
		{"not paused", busy(story(false).crash(0, "10:00:00", "", true), 12*h+50, 13*h+20), []string{"12:59:00 Q 7"}, [4]float64{254, 0, 0, 0}},
		{"until the pressure ends", busy(story(true).crash(0, "10:00:00", "", true), 12*h+50, 13*h+20), []string{"13:20:30 Q 7"}, [4]float64{254, 0, 0, 0}},
		{"over before the time is up", busy(story(true).crash(0, "10:00:00", "", true), 12*h+50, 12*h+57), []string{"12:59:00 Q 7"}, [4]float64{70, 0, 0, 0}},
		{"it begins after the time is up", busy(story(true).crash(0, "10:00:00", "", true), 12*h+59, 13*h+20), []string{"12:59:00 Q 7"}, [4]float64{182, 0, 0, 0}},
		{"back with its mail meanwhile", busy(story(true).crash(0, "10:00:00", "13:10:00", false), 12*h+50, 13*h+20), nil, [4]float64{254, 0, 0, 0}},
		{"back without its mail", busy(story(true).crash(0, "10:00:00", "10:10:00", true), 10*h, 10*h+30), []string{"10:31:00 Q 7"}, [4]float64{254, 0, 0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := c.x.run(t)
			require.Equal(t, c.want, c.x.takenOver(r))
			require.Equal(t, c.counts, counts(t, r), "delivered, lost, held, sent though not lost")
		})
	}
}
