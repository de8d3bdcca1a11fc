package scenarios

import (
	"time"

	"mailsim/sim/fault"
)

// strictKeys are the keys of remote_throttle and remote_greylist (F15).
type strictKeys struct {
	MaxConnections *int64    `toml:"max_connections" std:"50" range:"1..1000000" doc:"remote_throttle: connections that are taken from one address at a time; the one above is refused (421). A limit of the remote's own counts beside it." rule:"F15"`
	MaxMessages    *int64    `toml:"max_messages_per_connection" std:"50" range:"1..1000000" doc:"remote_throttle: messages after which a connection is closed." rule:"F15"`
	SharedBy       *selector `toml:"shared_by" std:"public_address tells who shares one" example:"{ role = \"edge\" }" doc:"remote_throttle: { host, site, role }, machines that all send from one address." rule:"F15"`
	SurgeFactor    *float64  `toml:"surge_factor" std:"5" doc:"remote_throttle: how many times the mean hour of the day before may come from an address in an hour, above 1. What fits on one connection is never too much." rule:"F15"`
	DeferFraction  *fraction `toml:"defer_fraction" std:"0.5" doc:"remote_throttle: the part of the messages that are put off (451 4.7.500) after more than that." rule:"F15"`
	Penalty        *duration `toml:"penalty" std:"6h" example:"\"6h\"" doc:"remote_throttle: for how long." rule:"F15"`

	Delay       *duration `toml:"delay" std:"remote_greylist 300s; duplicate_storm 0s" range:"0s.." example:"\"300s\"" doc:"remote_greylist: how long mail of a new sender for a recipient is put off, from its first try on. duplicate_storm: from one copy to the next; those of messages that enter before the end of the fault come even after it."`
	RetryWindow *span     `toml:"retry_window" std:"48h" example:"\"48h\"" doc:"remote_greylist: what is not tried again within this is new again. Longer than delay." rule:"F15"`
	Remember    *span     `toml:"remember" std:"35d" example:"\"35d\"" doc:"remote_greylist: how long sender and recipient are known after the last mail." rule:"F15"`
}

// remoteThrottle translates the keys of remote_throttle (docs/rules/faults.md, F15).
func (c *compiler) remoteThrottle(t *faultTable, f *fault.Fault) {
	x := &f.Throttle
	*x = fault.Throttle{MaxConnections: 50, MaxMessages: 50, SurgeFactor: 5, DeferFraction: 0.5, Penalty: 6 * time.Hour}
	if t.MaxConnections != nil {
		x.MaxConnections = int(*t.MaxConnections)
	}
	if t.strictKeys.MaxMessages != nil {
		x.MaxMessages = int(*t.strictKeys.MaxMessages)
	}
	if t.DeferFraction != nil {
		x.DeferFraction = float64(*t.DeferFraction)
	}
	if t.Penalty != nil {
		x.Penalty = time.Duration(*t.Penalty)
	}
	if t.SurgeFactor != nil {
		if x.SurgeFactor = *t.SurgeFactor; !(x.SurgeFactor > 1 && x.SurgeFactor <= 1e6) {
			c.errorf(&t.source, "surge_factor", "must be above 1, for the mean itself is no surge, and at most 1000000; write 5")
		}
	}
	if s := t.SharedBy; s != nil && s.node != nil {
		const senders = fault.TargetHub | fault.TargetEdge | fault.TargetEPost
		for _, h := range c.selectHostsAt(&t.source, "shared_by", s, senders, "shared_by") {
			x.SharedBy = append(x.SharedBy, h.Server)
		}
	}
}

// remoteGreylist translates the keys of remote_greylist (docs/rules/faults.md, F15).
func (c *compiler) remoteGreylist(t *faultTable, f *fault.Fault) {
	x := &f.Greylist
	*x = fault.Greylist{Delay: 300 * time.Second, RetryWindow: 48 * time.Hour, Remember: 35 * 24 * time.Hour}
	if t.Delay != nil {
		x.Delay = time.Duration(*t.Delay)
	}
	if t.RetryWindow != nil {
		x.RetryWindow = time.Duration(*t.RetryWindow)
	}
	if t.Remember != nil {
		x.Remember = time.Duration(*t.Remember)
	}
	if x.Delay >= x.RetryWindow {
		const never = "no retry would ever be taken"
		if t.has("delay") {
			c.errorf(&t.source, "delay", "%s is not below retry_window %s: %s; write a shorter one", duration(x.Delay), duration(x.RetryWindow), never)
		} else {
			c.errorf(&t.source, "retry_window", "%s is not above delay %s: %s; write a longer one", duration(x.RetryWindow), duration(x.Delay), never)
		}
	}
}
