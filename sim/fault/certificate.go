package fault

import (
	"time"

	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// Certificate is what cert_expiry is about (F7).
type Certificate struct {
	NotAfter simtime.Time // may lie before t0
	StartTLS bool         // the one for partners and the world outside; else the internal one, by which hubs and Edges know each other
}

const (
	certWarns = 30 * 24 * time.Hour // before its end a certificate is complained of
	certDaily = 24 * time.Hour      // how often
)

// certificate is one that a fault lets run out, on one host.
type certificate struct {
	fault   int
	server  topology.ServerID
	renewed bool // a new one is installed; the transport service takes it at its next start
}

// armCertificate lets the certificate of a host be one that runs out.
func (e *Engine) armCertificate(i int, s topology.ServerID) {
	e.certs = append(e.certs, certificate{fault: i, server: s})
	e.tellCertificates(s)
	c := e.faults[i].Cert
	first := e.now
	if warn := c.NotAfter.Add(-certWarns); warn > first {
		first = warn
	}
	e.plan(item{at: first, rank: int32(i), step: certDay, index: int32(i), target: s})
}

// dropCertificates forgets those for which gone says so: a new one is in use. Their faults are over with the last of them.
func (e *Engine) dropCertificates(gone func(*certificate) bool) {
	kept := e.certs[:0]
	var hosts []topology.ServerID
	var over []int
	for _, c := range e.certs {
		if gone(&c) {
			hosts, over = append(hosts, c.server), append(over, c.fault)
		} else {
			kept = append(kept, c)
		}
	}
	e.certs = kept
	for _, s := range hosts {
		e.tellCertificates(s)
	}
	for _, i := range over {
		left := false
		for k := range e.certs {
			left = left || e.certs[k].fault == i
		}
		if x := &e.struck[i]; !left {
			e.happened[x.entry].end = min(e.happened[x.entry].end, e.now)
		}
	}
}

// renewCertificates installs new certificates on a host.
// F7: they are used from the next start of its transport service on.
func (e *Engine) renewCertificates(s topology.ServerID) {
	for k := range e.certs {
		if e.certs[k].server == s {
			e.certs[k].renewed = true
		}
	}
}

// useCertificates is when the transport service of a host starts.
func (e *Engine) useCertificates(s topology.ServerID) {
	if len(e.certs) > 0 {
		e.dropCertificates(func(c *certificate) bool { return c.server == s && c.renewed })
	}
}

// tellCertificates reports when the certificates of a host run out: of several for one purpose the first to do so counts.
func (e *Engine) tellCertificates(s topology.ServerID) {
	for _, tls := range []bool{false, true} {
		until := never
		for k := range e.certs {
			if c := e.faults[e.certs[k].fault].Cert; e.certs[k].server == s && c.StartTLS == tls {
				until = min(until, c.NotAfter)
			}
		}
		e.effect(Effect{Kind: CertificateSet, Server: s, At: until, StartTLS: tls, Link: topology.None, SiteA: topology.None, SiteB: topology.None})
	}
}

// certificateDay is the daily look of a transport service at one of its certificates, by its own clock: it warns for 30 days, and complains
// from then on. It looks when the fault begins and then at the time of day at which the certificate ends.
//
// F7: the events 12017 and 12018 before, 12015 and 12016 after.
func (e *Engine) certificateDay(it item) {
	i, s := int(it.index), it.target
	found := false
	for k := range e.certs {
		found = found || e.certs[k].fault == i && e.certs[k].server == s
	}
	if !found {
		return
	}
	c := e.faults[i].Cert
	since := e.now.Sub(c.NotAfter) % certDaily
	if since < 0 {
		since += certDaily
	}
	it.at = e.now.Add(certDaily - since)
	e.plan(it)
	if e.machines[s].halted {
		return
	}
	local := e.now.Add(e.env.Dir.Offset(e.now, Host{Server: s, DC: topology.None}))
	name := e.env.Org.Servers[s].Name
	what := either(c.StartTLS, "STARTTLS certificate", "internal transport certificate")
	until := e.env.Start.Add(time.Duration(c.NotAfter)).Format("2006-01-02 15:04:05")
	ev := result.Event{Time: e.now, Server: name, Kind: "cert.expired", ID: 12015, Text: "The " + what + " expired on " + until + "."}
	if c.StartTLS {
		ev.ID = 12016
	}
	if local < c.NotAfter {
		ev.Kind, ev.ID, ev.Text = "cert.expires", ev.ID+2, "The "+what+" expires soon, on "+until+"."
	}
	ev.Fields = []result.Field{field("fault", e.faults[i].ID)}
	e.send(ev)
}
