package scenarios

import (
	"time"

	"mailsim/sim/transport"
	"mailsim/topology"
)

// shadowKeys are the settings of shadow redundancy, which hold for the whole organisation (Set-TransportConfig).
type shadowKeys struct {
	ShadowHeartbeat      *duration `toml:"shadow_heartbeat_frequency" std:"2m; 2010 15m" range:"1s..1d" doc:"How often the holder of shadow copies asks the server that they are of (ShadowHeartbeatFrequency; 2010: ShadowHeartbeatTimeoutInterval)." rule:"Q-11.3"`
	ShadowRetryCount     *int64    `toml:"shadow_heartbeat_retry_count" std:"12" range:"1..15" doc:"2010: after so many heartbeats in a row that fail the holder sends its copies itself." rule:"Q-11.4"`
	ShadowTakeOver       *duration `toml:"shadow_resubmit_time_span" std:"3h" range:"1s..30d" doc:"From 2013 on: after so long without an answer the holder sends its copies itself." rule:"Q-11.4"`
	ShadowAutoDiscard    *duration `toml:"shadow_message_auto_discard_interval" std:"2d" range:"5s..90d" doc:"How long a server can tell the holder of a copy that it has passed the message on. What the holder has not heard of by then it keeps as long as copies of which it hears nothing." rule:"Q-11.3"`
	ShadowRemoteAttempts *int64    `toml:"max_retries_for_remote_site_shadow" std:"4" range:"0..255" doc:"From 2013 on: how often a server tries to make the copy of a message in another site of its DAG." rule:"Q-11.2"`
	ShadowLocalAttempts  *int64    `toml:"max_retries_for_local_site_shadow" std:"2" range:"0..255" doc:"From 2013 on: how often it tries in its own site." rule:"Q-11.2"`
	ShadowPreference     string    `toml:"shadow_message_preference_setting" default:"\"prefer_remote\"" enum:"prefer_remote,local_only,remote_only" doc:"From 2013 on: where a server with a DAG in several sites makes copies: in another site and else in its own, or in one of the two only." rule:"Q-11.2"`
}

// apply sets what holds for a server: nothing on one that keeps no copies.
func (k *shadowKeys) apply(p *transport.ShadowProfile) {
	if p.Mode == transport.NoShadow {
		return
	}
	set := func(to *time.Duration, from *duration) {
		if from != nil {
			*to = time.Duration(*from)
		}
	}
	set(&p.Heartbeat, k.ShadowHeartbeat)
	set(&p.DiscardsKept, k.ShadowAutoDiscard)
	if p.Mode == transport.PreviousHop {
		failed := int64(shadowRetries2010)
		if k.ShadowRetryCount != nil {
			failed = *k.ShadowRetryCount
		}
		p.TakeOver = time.Duration(failed) * p.Heartbeat
		return
	}
	set(&p.TakeOver, k.ShadowTakeOver)
	if k.ShadowRemoteAttempts != nil {
		p.RemoteAttempts = int(*k.ShadowRemoteAttempts)
	}
	if k.ShadowLocalAttempts != nil {
		p.LocalAttempts = int(*k.ShadowLocalAttempts)
	}
	p.Preference = map[string]transport.ShadowPreference{"local_only": transport.LocalOnly, "remote_only": transport.RemoteOnly}[k.ShadowPreference]
}

// shadowRetries2010 is ShadowHeartbeatRetryCount as installed.
const shadowRetries2010 = 12

// shadowTimes reports a take-over that would come before the first heartbeat.
func (c *compiler) shadowTimes() {
	m := &c.doc.Model
	p := transport.DefaultShadow(topology.V2013, false)
	m.shadowKeys.apply(&p)
	if p.TakeOver >= p.Heartbeat {
		return
	}
	key := "shadow_resubmit_time_span"
	if m.ShadowTakeOver == nil {
		key = "shadow_heartbeat_frequency"
	}
	c.errorf(&m.source, key, "shadow_resubmit_time_span is %s and shadow_heartbeat_frequency %s; copies would be sent before anybody is asked: write a shadow_resubmit_time_span of at least %s",
		duration(p.TakeOver), duration(p.Heartbeat), duration(p.Heartbeat))
}
