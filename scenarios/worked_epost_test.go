package scenarios_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios"
	"mailsim/sim"
	"mailsim/sim/simtime"
	"mailsim/topology/route"
)

// lateBind is W9: REF-E is restarted at 03:00:00 for a minute, 40 messages lie in incoming, 30 messages an hour come from outside, clients
// send and an operator starts the services at 08:50:00. Lines are added to the fault.
func lateBind(t *testing.T, duration, fault string, set ...string) *worked {
	t.Helper()
	return work(t, `base = "@faults/ref-e"
duration = "`+duration+`"
[[epost]]
name = "EP1"
incoming = 40
`+regular("outside", "internet", "mailbox:EP1", "1m", "2m", "8h30m")+regular("clients", "mailbox:EP1", "internet", "90s", "10m", "8h30m")+`
[[fault]]
id = "late"
kind = "nic_late_bind"
target = { host = "EP1" }
duration = "24h"
`+fault+`
[[action]]
at = "0s"
action = "restart_os"
target = { host = "EP1" }
duration = "60s"
[[action]]
at = "2026-03-02T08:50:00Z"
action = "start_service"
target = { host = "EP1" }
`, set...)
}

// serviceLog lists what the service manager of a host wrote: "03:01:05 7023 EPSTRS".
func (w *worked) serviceLog(host string) []string {
	var out []string
	for _, e := range w.run.Events {
		if e.Kind == "service" && e.Server == host {
			out = append(out, w.clock(e.Time)+" "+map[int]string{7023: "ended", 7036: "entered", 2114: "no directory"}[e.ID]+" "+e.Fields[0].Value.(string))
		}
	}
	return out
}

// at is a series at the end of the sample at a time of day.
func (w *worked) at(metric, entity, clock string) float64 {
	w.t.Helper()
	for _, s := range w.run.Series {
		if s.Metric != metric || s.Labels.String() != entity {
			continue
		}
		for i, x := range s.Times {
			if w.clock(x) == clock {
				return s.Last[i]
			}
		}
	}
	require.Failf(w.t, "no such sample", "%s{%s} at %s", metric, entity, clock)
	return 0
}

// TestF8_LateBindOfEPost is W9: a machine whose services start before the address of its team of network cards is there.
func TestF8_LateBindOfEPost(t *testing.T) {
	t.Parallel()
	services := []string{"EPSTRS", "EPSTPOP3S", "EPSTIMAP4S"}
	const rs, pop, imap, ds = "server=EP1,service=EPSTRS", "server=EP1,service=EPSTPOP3S", "server=EP1,service=EPSTIMAP4S", "server=EP1,service=EPSTDS"
	t.Run("FW-9 the first two minutes", func(t *testing.T) {
		t.Parallel()
		w := lateBind(t, "2m", "prone = true", `output.sample_interval="1s"`)
		require.Equal(t, []string{"03:01:05 ended EPSTRS", "03:01:05 ended EPSTPOP3S", "03:01:05 ended EPSTIMAP4S"}, w.serviceLog("EP1"), "three errors (S0-2)")
		const incoming = "server=EP1,class=incoming,state=all"
		for clock, n := range map[string]float64{"03:00:01": 40, "03:01:11": 40, "03:01:12": 40, "03:01:13": 10, "03:01:14": 0} {
			require.Equal(t, n, w.at("server.queue_length", incoming, clock), "incoming at %s: 30 threads from 03:01:12 on, a message a second each (S0-9)", clock)
		}
		require.Equal(t, 30.0, w.at("server.connections", "server=EP1", "03:01:12"))
		require.Equal(t, 0.0, w.at("service.up", ds, "03:01:11"))
		require.Equal(t, 1.0, w.at("service.up", ds, "03:01:12"))
		require.Equal(t, 0.0, w.at("service.up", rs, "03:01:12"))
	})
	t.Run("FW-9 until somebody starts them", func(t *testing.T) {
		t.Parallel()
		w := lateBind(t, "8h20m", "prone = true", `output.sample_interval="30s"`)
		require.Len(t, w.serviceLog("EP1"), 6)
		for i, s := range services {
			require.Equal(t, "08:50:30 entered "+s, w.serviceLog("EP1")[3+i], "S0-3: starting them is enough")
		}
		for _, s := range []string{rs, pop, imap} {
			require.Equal(t, 0.0, w.at("service.up", s, "08:50:00"))
			require.Equal(t, 1.0, w.at("service.up", s, "08:50:30"))
		}
		require.Equal(t, 1.0, w.at("service.up", ds, "05:00:00"), "EPSTDS goes on")
		require.Equal(t, 175.0, w.figure("submission_pending", "site=internet", "max"), "about 175 messages late: those of 03:01 to 08:49")
		require.Equal(t, 1.0, w.at("submission_pending", "site=internet", "03:01:00"))
		require.Equal(t, 0.0, w.at("submission_pending", "site=internet", "09:05:30"), "all in")
		require.Equal(t, 0.0, w.figure("messages.bounced", "site=all", "total")+w.figure("messages.expired", "site=all", "total"), "no report of failure")
		require.Equal(t, 35.0, w.figure("client.error", "server=EP1,code=0x800CCC0E", "total"), "clients' sends from 03:01:30 to 08:41:30")
		require.Equal(t, 40.0+250+50, w.figure("messages.delivered", "site=all", "total"), "incoming, those from outside, those of clients")
	})
	for name, c := range map[string]struct{ fault, up string }{
		"FW-9 delayed start":   {"prone = true\nfix = \"delayed_start\"", "03:03:30"}, // S0-7
		"FW-9 dependency":      {"prone = true\nfix = \"dependency\"", "03:01:12"},    // S0-8
		"FW-9 not prone":       {"prone = false", "03:01:05"},                         // S0-6
		"FW-9 recovery":        {"prone = true\nrecovery = \"restart\"", "03:02:05"},
		"FW-9 recovery, short": {"prone = true\nrecovery = \"restart\"\nrecovery_delay = \"2s\"", "03:01:13"},
		"FW-9 no team":         {"prone = true", "03:01:05"},
		"FW-9 one second off":  {"prone = true\nfix = \"delayed_start\"\ndelayed_start_delay = \"119s\"", "03:03:29"},
		"FW-9 slow machine":    {"prone = true\nstart_offset = \"12s\"", "03:01:12"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := []string{`output.sample_interval="1s"`}
			if name == "FW-9 no team" {
				set = append(set, "epost.EP1.teamed=false")
			}
			w := lateBind(t, "5m", c.fault, set...)
			for _, s := range []string{rs, pop, imap} {
				require.Equal(t, 1.0, w.at("service.up", s, c.up), s)
				require.Equal(t, 0.0, w.at("service.up", s, before(c.up)), s)
			}
			if c.up == "03:03:30" || c.up == "03:01:12" || c.up == "03:01:05" {
				require.Empty(t, w.serviceLog("EP1"), "no service ended")
			}
		})
	}
	t.Run("services of its choice", func(t *testing.T) {
		t.Parallel()
		w := lateBind(t, "5m", "prone = true\nservices = [\"EPSTRS\"]")
		require.Equal(t, []string{"03:01:05 ended EPSTRS"}, w.serviceLog("EP1"))
		require.Equal(t, 0.0, w.figure("service.up", rs, "last"))
		require.Equal(t, 1.0, w.figure("service.up", pop, "last"))
	})
}

// before is the second before a time of day.
func before(clock string) string {
	digits := []byte(clock)
	for i := len(digits) - 1; ; i-- {
		switch {
		case digits[i] == ':':
		case digits[i] > '0':
			digits[i]--
			return string(digits)
		case digits[i-1] == ':':
			digits[i] = '9'
		default:
			digits[i] = '9'
			if i%3 == 0 { // tens of seconds and minutes
				digits[i] = '5'
			}
		}
	}
}

// TestF8_NoTrace: a fault with probability 0, or one that never begins, leaves everything but the lists of faults as it is.
func TestF8_NoTrace(t *testing.T) {
	t.Parallel()
	want := lateBind(t, "20m", "prone = true\nenabled = false")
	for _, fault := range []string{"prone = true\nprobability = 0", "prone = true\nstart = \"19m59s\"\nprobability = 0"} {
		got := lateBind(t, "20m", fault)
		require.Equal(t, want.run.Summary.Fingerprint, got.run.Summary.Fingerprint)
		require.Equal(t, want.run.Summary.Metrics, got.run.Summary.Metrics)
		require.Equal(t, want.run.Series, got.run.Series)
	}
	hit := lateBind(t, "20m", "prone = true")
	require.NotEqual(t, want.run.Summary.Fingerprint, hit.run.Summary.Fingerprint)
}

// TestF8_LateTransportOfExchange: the transport service of an Exchange server starts 60 s after its address; its listener alone stays down.
func TestF8_LateTransportOfExchange(t *testing.T) {
	t.Parallel()
	run := func(services string) *worked {
		return work(t, ref2Short+regular("ab", "site:A", "site:B", "30s", "10s", "50m")+`
[[fault]]
kind = "nic_late_bind"
target = { host = "B1" }
duration = "24h"
prone = true
`+services+`
[[action]]
at = "5m"
action = "restart_os"
duration = "60s"
target = { host = "B1" }
`)
	}
	w := run("")
	require.Equal(t, []string{"08:06:05 no directory MSExchangeTransport", "08:07:12 entered MSExchangeTransport"}, w.serviceLog("B1"))
	require.Equal(t, []string{"08:05:00", "08:06:00", "08:07:00"}, w.events("queue.retry", "A1", "queue=B"))
	require.Equal(t, []string{"08:08:00"}, w.events("queue.active", "A1", "queue=B"))
	w = run(`services = ["MSExchangeTransport"]`)
	require.Equal(t, []string{"08:06:05 ended MSExchangeTransport"}, w.serviceLog("B1"))
	require.Empty(t, w.events("queue.active", "A1", "queue=B"))
}

// TestF10_ServiceStopOfEPost: host_down stops the services that it names, and what does not depend on them goes on.
func TestF10_ServiceStopOfEPost(t *testing.T) {
	t.Parallel()
	stop := func(services, more string) *worked {
		return work(t, `base = "@faults/ref-e"
`+regular("outside", "internet", "mailbox:EP1", "30s", "1m", "59m")+regular("clients", "mailbox:EP1", "internet", "45s", "1m", "59m")+`
[[fault]]
id = "stop"
kind = "host_down"
mode = "service_stop"
services = `+services+`
target = { host = "EP1" }
start = "10m"
duration = "20m"
`+more, `output.sample_interval="30s"`)
	}
	all := func(w *worked) {
		require.Equal(t, w.figure("messages.submitted", "site=all", "total"), w.figure("messages.delivered", "site=all", "total"), "nothing is lost")
	}
	w := stop(`["EPSTDS"]`, "")
	all(w)
	require.Equal(t, []string{"03:10:00 entered EPSTDS", "03:30:00 entered EPSTDS"}, w.serviceLog("EP1"))
	require.Equal(t, 40.0, w.figure("server.queue_length", "server=EP1,class=incoming,state=all", "max"), "incoming grows while clients and senders see success")
	require.Equal(t, 0.0, w.figure("client.error", "server=EP1,code=0x800CCC0E", "total"))
	require.Zero(t, w.waitedOutside())

	w = stop(`["EPSTRS"]`, "")
	all(w)
	require.Equal(t, 0.0, w.at("server.queue_length", "server=EP1,class=incoming,state=all", "03:29:30"), "nothing new comes in")
	require.Equal(t, 20.0, w.figure("client.error", "server=EP1,code=0x800CCC0E", "total"))
	require.Equal(t, 20.0, w.waitedOutside())
	require.Equal(t, 1.0, w.figure("service.up", "server=EP1,service=EPSTPOP3S", "mean"))

	w = stop(`["EPSTPOP3S", "EPSTIMAP4S"]`, "")
	all(w)
	require.InDelta(t, 2.0/3, w.figure("service.up", "server=EP1,service=EPSTPOP3S", "mean"), 1e-9)
	require.Equal(t, 1.0, w.figure("server.queue_length", "server=EP1,class=incoming,state=all", "max"), "mail does not care who reads")

	w = stop(`["EPSTDS", "EPSTRS"]`, "[[fault.remedy]]\naction = \"start_service\"\nafter = \"4m30s\"\n")
	all(w)
	require.Equal(t, []string{"03:10:00 entered EPSTRS", "03:10:00 entered EPSTDS", "03:15:00 entered EPSTRS", "03:15:00 entered EPSTDS"}, w.serviceLog("EP1"), "started by hand, and left alone at its end")
}

// waitedOutside is how many messages of senders outside waited at a time at most; what never happened is not reported.
func (w *worked) waitedOutside() float64 {
	for _, m := range w.run.Summary.Metrics {
		if m.Metric == "submission_pending" && m.Labels.String() == "site=internet" {
			return w.figure(m.Metric, m.Labels.String(), "max")
		}
	}
	return 0
}

// TestF8_BadServices: what is said of services that a fault cannot mean.
func TestF8_BadServices(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]string{
		"kind = \"nic_late_bind\"\nservices = [\"EPSTDS\"]":                          `services: "EPSTDS" does not listen; it cannot late-bind`,
		"kind = \"host_down\"\nmode = \"service_stop\"\nservices = [\"EPSTRX\"]":     `services: "EPSTRX" is no service; did you mean "EPSTRS"?`,
		"kind = \"host_down\"\nmode = \"service_stop\"\nservices = \"MSExchangeIS\"": `services: host "EP1" has no service "MSExchangeIS"; it has EPSTRS, EPSTPOP3S, EPSTIMAP4S, EPSTDS`,
		"kind = \"host_down\"\nservices = [\"EPSTRS\"]":                              `services: is for mode "service_stop"; a machine that is down stops them all`,
		"kind = \"host_down\"\nmode = \"service_stop\"\nservices = []":               `services: is empty; write for example services = ["EPSTRS"], or leave it out`,
		"kind = \"store_dwn\"": `kind: "store_dwn" is not a fault kind`,
		"kind = \"nic_late_bind\"\nmode = \"service_stop\"\nservices = [\"EPSTIMAP4S\"]": `mode: not used by kind "nic_late_bind"`,
	} {
		err := refused("base = \"@faults/ref-e\"\n[[fault]]\ntarget = { host = \"EP1\" }\nduration = \"1m\"\n" + fault)
		require.ErrorContains(t, err, want)
	}
	for table, want := range map[string]string{
		"rate = 0":                       `epost "EP2": rate:`,
		"rate = \"0/s\"":                 `epost "EP2": rate: is 0, and nothing would be delivered`,
		"domains = [\"ep1.example\"]":    `"ep1.example" is a domain of "EP1" already; a domain has one server: remove one`,
		"domains = [\"*.x\"]":            `"*.x" is not a domain; write for example "ep1.example"`,
		"domains = []":                   `domains: is empty`,
		"smart_host = \"EP2\"":           `smart_host: is the server itself; name another one`,
		"smart_host = \"nobody\"":        `smart_host: no remote is called "nobody"`,
		"services = [\"EPSTRS\", \"x\"]": `services`,
		"threads = 0":                    `threads`,
	} {
		err := refused("base = \"@faults/ref-e\"\n[[epost]]\nname = \"EP2\"\nsite = \"X\"\n" + table)
		require.ErrorContains(t, err, want)
	}
}

// TestEP4_BesideExchange: an E-Post server is an outside system for Exchange and finds its Edge, or hubs, itself; each gives back what the
// other's mailboxes sent in vain.
func TestEP4_BesideExchange(t *testing.T) {
	t.Parallel()
	text := ref2Short
	w := work(t, text+regular("a-ep", "site:A", "mailbox:EP1", "10s", "1m", "50m")+regular("ep-b", "mailbox:EP1", "site:B", "20s", "1m", "50m")+
		regular("ep-ep", "mailbox:EP1", "mailbox:EP1", "30s", "1m", "50m")+regular("ep-ep2", "mailbox:EP1", "mailbox:EP2", "40s", "1m", "50m")+
		regular("out-ep", "internet", "mailbox:EP2", "50s", "1m", "50m"))
	require.Equal(t, 250.0, w.figure("messages.delivered", "site=all", "total"))
	require.Equal(t, 0.0, w.figure("messages.held", "site=all", "total"))
	require.Equal(t, 200.0, w.figure("delivery.delay", "from=all,to=P", "count"))
	require.Equal(t, 50.0, w.figure("delivery.delay", "from=all,to=B", "count"))
	require.Less(t, w.figure("delivery.delay", "from=all,to=all", "max"), 10.0)
	require.NotEmpty(t, w.figure("queue.length", "server=A1,next_hop=EP1,delivery_type=SmartHostConnectorDelivery,connector=to-ep", "max"))

	t.Run("asked at an instant", func(t *testing.T) {
		t.Parallel()
		s, err := scenarios.Load(fstest.MapFS{"w.toml": {Data: []byte(text + `
[[fault]]
kind = "host_down"
mode = "service_stop"
services = ["EPSTRS"]
target = { host = "EP1" }
duration = "10m"
`)}}, "w.toml")
		require.NoError(t, err)
		cfg, err := s.Config(s.Points()[0])
		require.NoError(t, err)
		a1, _ := cfg.Org.ServerByName("A1")
		ep1 := route.Target{Kind: route.TargetRemote, ID: int32(cfg.EPosts[0].Remote)}
		at, err := sim.StateAt(t.Context(), cfg, 0, simtime.Time(5*time.Minute))
		require.NoError(t, err)
		require.Equal(t, route.Contact{Result: route.NoAnswer, Cause: "not listening"}, at.Contact(a1, ep1))
		at, err = sim.StateAt(t.Context(), cfg, 0, simtime.Time(15*time.Minute))
		require.NoError(t, err)
		require.Equal(t, route.Contact{}, at.Contact(a1, ep1))
	})
	t.Run("without a directory", func(t *testing.T) {
		t.Parallel()
		w := work(t, text+regular("ep-ep2", "mailbox:EP1", "mailbox:EP2", "40s", "1m", "50m")+`
[[dc]]
name = "AD1"
site = "A"
[[fault]]
kind = "dc_down"
target = { host = "AD1" }
start = "1m"
duration = "50m"
[[action]]
at = "10m"
action = "restart_os"
target = { host = "EP1" }
`)
		require.Equal(t, 1.0, w.at("service.up", "server=EP1,service=EPSTRS", "08:18:00"), "E-Post reads no directory")
		require.Equal(t, 50.0, w.figure("messages.delivered", "site=all", "total"))
	})
	t.Run("second copies", func(t *testing.T) {
		t.Parallel()
		again := strings.Replace(regular("again", "mailbox:EP1", "mailbox:EP1", "30s", "1m", "50m"), "kind =", "message_id = \"the-same@ep1.example\"\ndate = 2026-03-02T08:00:00Z\nkind =", 1)
		require.Contains(t, again, "message_id")
		w := work(t, text+again)
		require.Equal(t, 50.0, w.figure("messages.delivered", "site=all", "total"), "E-Post does not look for them")
	})
	t.Run("crash of EP1", func(t *testing.T) {
		t.Parallel()
		w := work(t, text+regular("a-ep", "site:A", "mailbox:EP1", "10s", "1m", "50m")+regular("ep2-ep", "mailbox:EP2", "mailbox:EP1", "20s", "1m", "50m")+`
[[fault]]
id = "crash"
kind = "host_down"
target = { host = "EP1" }
start = "10m"
duration = "20m"
`)
		require.Equal(t, 100.0, w.figure("messages.delivered", "site=all", "total"))
		require.Equal(t, []string{"08:10:10", "08:11:10", "08:12:10", "08:13:10", "08:14:10", "08:19:10", "08:24:10", "08:29:10"}, w.events("queue.retry", "A1", "queue=EP1"), "the ladder of a hub")
		first := w.events("queue.retry", "EP2", "message="+firstMessage(w, "08:10:20"))
		require.Equal(t, []string{"08:10:20", "08:12:20", "08:16:20", "08:22:20"}, first, "EP-2: 2, 6, 12 min after the first failure; at 30 min it works")
		require.Positive(t, w.figure("server.queue_length", "server=EP2,class=holding,state=all", "max"))
	})
	t.Run("given back", func(t *testing.T) {
		t.Parallel()
		w := work(t, strings.Replace(text, `duration = "1h"`, `duration = "34h"`, 1)+regular("ep2-ep", "mailbox:EP2", "mailbox:EP1", "20s", "1m", "2m")+`
[[fault]]
id = "crash"
kind = "host_down"
target = { host = "EP1" }
start = "0s"
duration = "33h"
`)
		require.Equal(t, 2.0, w.figure("messages.expired", "site=all", "total"), "EP-3: after 24 h without an answer")
		require.Equal(t, 2.0, w.figure("messages.reports", "site=all", "total"))
		require.Equal(t, 2.0, w.figure("messages.delivered", "site=all", "total"), "the reports, to mailboxes of EP2 itself")
		require.Equal(t, []string{"08:00:20", "08:01:20"}, w.events("dsn", "EP2", ""), "the next day")
	})
}

// firstMessage is the number of the message whose attempt failed at a time of day.
func firstMessage(w *worked, clock string) string {
	for _, e := range w.run.Events {
		if e.Kind == "queue.retry" && w.clock(e.Time) == clock {
			for _, f := range e.Fields {
				if f.Key == "message" {
					return fmt.Sprint(f.Value)
				}
			}
		}
	}
	return ""
}

// ref2Short is two sites of Exchange, and a third with two E-Post servers.
const ref2Short = `start = 2026-03-02T08:00:00Z
duration = "1h"
[model]
version = "2010"
profile = "reference"
[[site]]
name = "A"
[[site]]
name = "B"
[[site]]
name = "P"
[defaults.link]
rtt = "10ms"
cost = 10
[[link]]
name = "A-B"
sites = ["A", "B"]
[[link]]
name = "A-P"
sites = ["A", "P"]
[[link]]
name = "B-P"
sites = ["B", "P"]
[[hub]]
name = "A1"
site = "A"
[[mailbox]]
name = "AM1"
site = "A"
[[hub]]
name = "B1"
site = "B"
[[mailbox]]
name = "BM1"
site = "B"
[[epost]]
name = "EP1"
site = "P"
[[epost]]
name = "EP2"
site = "P"
[[connector]]
name = "to-ep"
source_servers = ["A1"]
address_spaces = ["SMTP:ep1.example;1"]
smart_hosts = ["EP1"]
[[connector]]
name = "to-ep2"
source_servers = ["B1"]
address_spaces = ["SMTP:ep2.example;1"]
dns = true
`

// refused is what is said of a scenario given as text.
func refused(text string) error {
	_, err := scenarios.Load(fstest.MapFS{"w.toml": {Data: []byte(text)}}, "w.toml")
	return err
}
