package fault

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"mailsim/topology"
)

// link_degrade (F13): a link that works, but badly.

// Degradation is what a link_degrade does to the packets that cross its links, at its full intensity.
type Degradation struct {
	Latency   time.Duration // each is so much longer on its way
	Jitter    time.Duration // more or less than that, 0 to Latency
	Loss      float64       // 0..1: share of them that is lost, each by itself
	BurstRate float64       // 0..1: chance that a burst of losses begins with one
	BurstSize float64       // packets in a burst in the mean, 1 or more; 0 = there are none
	Duplicate float64       // 0..1: share of them that comes twice
	Corrupt   float64       // 0..1: share of them that is spoilt on its way
	Bandwidth int64         // bit/s that are left at most; 0 = as it is
}

// Carriage is how packets fare in one direction of a link, beside what the link is by itself; the zero value: as ever.
type Carriage struct {
	Latency time.Duration // each is so much longer on its way
	Lost    float64       // 0..1: share of them that does not arrive
	Breaks  float64       // 0..1: share of them with which a loss begins, of one packet or a burst of them
	Copies  float64       // of each packet on the link beside itself
	Bits    int64         // bandwidth at most, bit/s; 0 = the link's own
}

// Trial is what one fault does to every session over a link by itself, by chance.
type Trial struct {
	Key    uint64        // of its random numbers
	Jitter time.Duration // a round trip takes up to so much more or less
	Lost   float64       // 0..1: chance that a packet is lost, or the answer to it
}

// Condition is how a link is.
type Condition struct {
	Ways   [2]Carriage // from the lower to the higher site id, and back
	Trials []Trial     // by fault
}

// share is a part of something in tenths.
func share(x float64, tenth int) float64 {
	if tenth == tenths {
		return x
	}
	return float64(x*float64(tenth)) / tenths
}

// joint is the chance that one of two things happens that do not depend on each other: 1-(1-a)(1-b).
func joint(a, b float64) float64 { return a + b - float64(a*b) }

// at is what packets meet at an intensity in tenths, above 0; own is the bandwidth of the link's direction, 0 = unlimited.
//
// F13: what is corrupted fails its checksum and is as good as lost; what comes twice takes its place on the link twice.
func (d *Degradation) at(level int, own int64) Carriage {
	c := Carriage{Latency: tenth(d.Latency, level), Copies: share(d.Duplicate, level)}
	c.Lost = share(d.Loss, level)
	c.Breaks = c.Lost
	if q := share(d.BurstRate, level); q > 0 && d.BurstSize > 0 {
		// Between two bursts (1-q)/q packets pass in the mean.
		c.Breaks = q / (float64(q*d.BurstSize) + (1 - q))
		c.Lost = min(float64(c.Breaks*d.BurstSize), 1)
	}
	spoilt := share(d.Corrupt, level)
	c.Lost, c.Breaks = joint(c.Lost, spoilt), joint(c.Breaks, spoilt)
	switch {
	case d.Bandwidth == 0 || own > 0 && own <= d.Bandwidth:
	case own > 0: // in a straight line from the link's own
		c.Bits = own - int64(math.Round(share(float64(own-d.Bandwidth), level)))
	default: // no line begins at unlimited: the time of a bit grows in a straight line
		c.Bits = int64(math.Min(float64(d.Bandwidth)*tenths/float64(level), 1e15))
	}
	return c
}

// and is how packets fare under two faults.
//
// F13: latency adds, losses are independent, the least bandwidth counts; copies are copied.
func (c Carriage) and(x Carriage) Carriage {
	c.Latency += x.Latency
	c.Lost, c.Breaks = joint(c.Lost, x.Lost), joint(c.Breaks, x.Breaks)
	c.Copies = c.Copies + x.Copies + float64(c.Copies*x.Copies)
	if c.Bits == 0 || x.Bits > 0 && x.Bits < c.Bits {
		c.Bits = x.Bits
	}
	return c
}

// condition is how a link is under the faults in force, in the order of their ids.
func (e *Engine) condition(l topology.LinkID) Condition {
	var c Condition
	link := e.env.Org.Line(l)
	for i := range e.faults {
		f, s := &e.faults[i], &e.struck[i]
		if f.Kind != LinkDegrade || s.level == 0 || !slices.Contains(e.active, i) || !slices.Contains(s.links, l) {
			continue
		}
		lost, ways := 0.0, 0
		for d, own := range [2]int64{link.Up, link.Down} {
			if f.Direction == Both || f.Direction == To && d == 0 || f.Direction == From && d == 1 {
				x := f.Degrade.at(s.level, own)
				c.Ways[d] = c.Ways[d].and(x)
				lost = joint(lost, x.Lost)
				ways++
			}
		}
		if t := (Trial{Jitter: tenth(f.Degrade.Jitter, s.level) * time.Duration(ways), Lost: lost}); t != (Trial{}) {
			t.Key = e.env.Root.Stream("fault.link_degrade", f.stream(), e.number(i), link.Name).Uint64()
			c.Trials = append(c.Trials, t)
		}
	}
	return c
}

// degrade reports how a link is when that has changed. One that loses everything in a direction is down: connections need both.
func (e *Engine) degrade(l topology.LinkID) {
	if e.conditions == nil {
		e.conditions = make([]Condition, e.env.Org.Lines())
	}
	was, is := e.conditions[l], e.condition(l)
	if was.Ways == is.Ways && slices.Equal(was.Trials, is.Trials) {
		return
	}
	e.conditions[l] = is
	e.effect(Effect{Kind: LinkDegraded, Link: l, Condition: is, Server: topology.None, SiteA: topology.None, SiteB: topology.None})
	if now := is.dead(); now != was.dead() {
		by := 1
		if !now {
			by = -1
		}
		e.cutLink(l, by)
	}
}

// dead tells whether nothing gets across in a direction.
func (c *Condition) dead() bool { return c.Ways[0].Lost >= 1 || c.Ways[1].Lost >= 1 }

// degradeText says what happens to packets: "latency 100ms +-20ms, loss 5 %, 64 kbit/s".
func (f *Fault) degradeText() string {
	d := &f.Degrade
	var parts []string
	if d.Latency > 0 {
		text := "latency +" + span(d.Latency)
		if d.Jitter > 0 {
			text += " ± " + span(d.Jitter)
		}
		parts = append(parts, text)
	}
	part := func(what string, x float64) {
		if x > 0 {
			parts = append(parts, what+" "+strconv.FormatFloat(math.Round(x*1e6)/1e4, 'f', -1, 64)+" %")
		}
	}
	part("loss", d.Loss)
	part("bursts of loss", d.BurstRate)
	part("duplicates", d.Duplicate)
	part("corrupt", d.Corrupt)
	if d.Bandwidth > 0 {
		parts = append(parts, bitRate(d.Bandwidth))
	}
	text := strings.Join(parts, ", ")
	if f.Direction != Both {
		text += ", one way"
	}
	return text
}

// bitRate writes a bandwidth: 64 kbit/s.
func bitRate(bits int64) string {
	x, unit := float64(bits), "bit/s"
	for _, u := range []string{"kbit/s", "Mbit/s", "Gbit/s"} {
		if x < 1000 {
			break
		}
		x, unit = x/1000, u
	}
	return strconv.FormatFloat(x, 'g', 4, 64) + " " + unit
}
