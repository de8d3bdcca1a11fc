package scenarios

import (
	"math"
	"time"

	"mailsim/sim/fault"
)

// degradeKeys are the keys of link_degrade (F13).
type degradeKeys struct {
	Latency   *duration   `toml:"latency" std:"0s" range:"0s..1d" example:"\"100ms\"" doc:"link_degrade: how much longer each packet takes, one way; with direction both a round trip takes twice as much longer." rule:"F13"`
	Jitter    *duration   `toml:"jitter" std:"0s" range:"0s..1d" example:"\"20ms\"" doc:"link_degrade: how far latency is off its mean at most, drawn for each session; at most latency." rule:"F13"`
	Loss      *fraction   `toml:"loss" std:"0" example:"0.01" doc:"link_degrade: share of the packets that is lost, each by itself. With 1 the link is down." rule:"F13"`
	LossModel string      `toml:"loss_model" std:"rate" enum:"rate,burst" doc:"link_degrade: rate (every packet is lost by itself: loss) or burst (several in a row: burst_rate, burst_size)." rule:"F13"`
	BurstRate *fraction   `toml:"burst_rate" example:"0.001" doc:"link_degrade, loss_model burst: chance that a packet begins a burst of losses." rule:"F13"`
	BurstSize *packetDist `toml:"burst_size" example:"4" doc:"link_degrade, loss_model burst: packets lost in a row." rule:"F13"`
	Duplicate *fraction   `toml:"duplicate" std:"0" example:"0.05" doc:"link_degrade: share of the packets that crosses the link twice; it costs bandwidth." rule:"F13"`
	Corrupt   *fraction   `toml:"corrupt" std:"0" example:"0.001" doc:"link_degrade: share of the packets that is spoilt on the way, and as good as lost." rule:"F13"`
	Bandwidth *bandwidth  `toml:"bandwidth" std:"the link's own" example:"\"2Mbit/s\"" doc:"link_degrade: bandwidth that is left in each direction, where the link has more." rule:"F13"`
}

// linkDegrade translates the keys of link_degrade (docs/rules/faults.md, F13).
func (c *compiler) linkDegrade(t *faultTable, f *fault.Fault) {
	d, k := &f.Degrade, &t.degradeKeys
	f.Direction = direction(t)
	set := false
	for _, key := range []string{"latency", "loss", "burst_rate", "duplicate", "corrupt", "bandwidth", "loss_model", "burst_size", "jitter"} {
		set = set || t.has(key)
	}
	if !set {
		c.errorf(&t.source, "kind", "link_degrade: set at least one of latency, loss, burst_rate, duplicate, corrupt and bandwidth")
	}
	if k.Latency != nil {
		d.Latency = time.Duration(*k.Latency)
	}
	if k.Jitter != nil {
		if d.Jitter = time.Duration(*k.Jitter); d.Jitter > d.Latency && (k.Latency != nil || !t.has("latency")) {
			c.errorf(&t.source, "jitter", "%s is more than latency %s; a packet would be there before it was sent", duration(d.Jitter), duration(d.Latency))
		}
	}
	for _, x := range []struct {
		from *fraction
		to   *float64
	}{{k.Loss, &d.Loss}, {k.BurstRate, &d.BurstRate}, {k.Duplicate, &d.Duplicate}, {k.Corrupt, &d.Corrupt}} {
		if x.from != nil {
			*x.to = float64(*x.from)
		}
	}
	c.lossModel(t, f)
	if k.Bandwidth != nil {
		if d.Bandwidth = int64(*k.Bandwidth); t.node.get("bandwidth").value == "unlimited" {
			c.errorf(&t.source, "bandwidth", `"unlimited" takes nothing away; write for example "2Mbit/s", or remove it`)
		}
	}
}

// lossModel translates how packets are lost.
func (c *compiler) lossModel(t *faultTable, f *fault.Fault) {
	if t.LossModel != "burst" {
		for _, key := range []string{"burst_rate", "burst_size"} {
			if t.has(key) {
				c.errorAt(t.node.get(key).keyAt, &t.source, key, `is for loss_model = "burst"; write that, or loss in place of it`)
			}
		}
		return
	}
	if t.has("loss") {
		c.errorAt(t.node.get("loss").keyAt, &t.source, "loss", `is for loss_model = "rate"; write burst_rate and burst_size in place of it`)
	}
	for _, x := range []struct{ key, example string }{{"burst_rate", "0.001"}, {"burst_size", "4"}} {
		if !t.has(x.key) {
			c.errorf(&t.source, x.key, `required for loss_model "burst"; write %s = %s`, x.key, x.example)
		}
	}
	if t.BurstSize == nil {
		return
	}
	if f.Degrade.BurstSize = t.BurstSize.Mean(); math.IsInf(f.Degrade.BurstSize, 1) || f.Degrade.BurstSize < 1 {
		c.errorf(&t.source, "burst_size", "has a mean of %v packets; write a distribution with a mean of 1 or more", f.Degrade.BurstSize)
	}
}
