package scenarios_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/scenarios"
	"mailsim/sim/simtime"
)

// office is W10: 200 clients that hand six messages an hour each to EP1 and one to EP2, 08:30 to 13:00 in a day without summer time; an update
// that is installed between 10:00 and 10:30. Lines are added to the fault.
func office(t *testing.T, more string, set ...string) *worked {
	t.Helper()
	return work(t, `base = "@faults/client-update"
start = 2026-03-11T08:30:00Z
[[site]]
name = "X"
timezone = "UTC"
[[fault]]
id = "update"
release = "2026-03-11T02:00:00Z"
`+more, set...)
}

// minute is how many messages clients handed to a server in each minute from a time of day up to another one, on average.
func (w *worked) minute(server, from, to string) float64 {
	w.t.Helper()
	sum, n := 0.0, 0
	for _, s := range w.run.Series {
		if s.Metric != "client.submissions" || s.Labels.Get("server") != server {
			continue
		}
		for i, at := range s.Times {
			if c := w.clock(at); c > from && c <= to {
				sum, n = sum+60*s.Mean[i], n+1
			}
		}
	}
	require.NotZero(w.t, n)
	return sum / float64(n)
}

// TestF9_ClientUpdate is W10: an update breaks the mail clients that run while it is installed, for one server.
func TestF9_ClientUpdate(t *testing.T) {
	t.Parallel()
	t.Run("FW-10", func(t *testing.T) {
		t.Parallel()
		w := office(t, "")
		require.InDelta(t, 20, w.minute("EP1", "09:00:00", "10:00:00"), 1.5)
		require.InDelta(t, 10, w.minute("EP1", "10:00:00", "10:30:00"), 2, "it falls in a straight line")
		require.Zero(t, w.minute("EP1", "10:30:00", "11:40:00"))
		require.InDelta(t, 95, w.minute("EP1", "11:45:00", "12:00:00")-20*0.625, 8, "drafts, on top of the clients that are back")
		require.InDelta(t, 115, w.minute("EP1", "11:55:00", "12:00:00"), 12, "5.75 times as much as usual")
		require.InDelta(t, 20, w.minute("EP1", "12:06:00", "13:00:00"), 1.5)
		for _, hours := range [][2]string{{"09:00:00", "10:00:00"}, {"10:30:00", "11:40:00"}, {"11:40:00", "12:10:00"}} {
			require.InDelta(t, 3.33, w.minute("EP2", hours[0], hours[1]), 0.7, hours)
		}
		require.InDelta(t, 1900, w.figure("client.error", "server=EP1,code=0x800CCC13", "total"), 100)
		require.Zero(t, w.figure("client.error", "server=EP1,code=0x800CCC0E", "total"))
		require.Zero(t, w.figure("client.error", "server=EP2,code=0x800CCC13", "total"))
		require.Equal(t, 200.0, w.figure("client.broken", "client=office", "max"))
		require.Zero(t, w.figure("client.drafts", "client=office", "last"))
		for _, e := range w.run.Events { // S3-5
			require.Empty(t, e.Server, "%s: %s", e.Kind, e.Text)
		}
		for _, server := range []string{"EP1", "EP2"} {
			require.Zero(t, w.figure("server.queue_length", "server="+server+",class=all,state=retry", "max"))
			for _, service := range []string{"EPSTRS", "EPSTPOP3S", "EPSTIMAP4S", "EPSTDS"} { // S3-3
				require.InDelta(t, 1, w.figure("service.up", "server="+server+",service="+service, "mean"), 1e-9)
			}
		}
		require.Less(t, w.figure("server.queue_length", "server=EP1,class=all,state=all", "max"), 15.0, "the burst is taken as it comes")
		require.Len(t, w.run.Summary.Faults, 2)
		require.Equal(t, "office told to restart", w.run.Summary.Faults[1].Label)
		require.True(t, w.run.Summary.Faults[1].Remedy)
		require.NotNil(t, w.run.Summary.Faults[0].EndNS, "it is over with the last restart")
		require.Regexp(t, "^(11:5|12:00)", w.clock(simtime.Time(*w.run.Summary.Faults[0].EndNS)))
	})
	t.Run("nobody is told", func(t *testing.T) {
		t.Parallel()
		w := office(t, `broadcast_at = "2026-03-11T17:00:00Z"`+"\n")
		require.Zero(t, w.minute("EP1", "10:30:00", "13:00:00"))
		require.Equal(t, w.figure("client.error", "server=EP1,code=0x800CCC13", "total"), w.figure("client.drafts", "client=office", "last"))
		require.Equal(t, 200.0, w.figure("client.broken", "client=office", "last"))
		drafts := int64(w.figure("client.drafts", "client=office", "last"))
		for _, id := range w.run.Summary.Identities {
			if id.Name == "drafts" {
				require.Contains(t, id.Note, fmt.Sprintf("%d still unsent", drafts))
			}
			if id.Name == "conservation" {
				require.NotContains(t, id.Note, "drafts")
			}
		}
	})
	t.Run("half of the drafts are given up", func(t *testing.T) {
		t.Parallel()
		whole, half := office(t, ""), office(t, "resend_fraction = 0.5\n")
		failed := whole.figure("client.error", "server=EP1,code=0x800CCC13", "total")
		require.InDelta(t, failed/2, whole.figure("messages.submitted", "site=all", "total")-half.figure("messages.submitted", "site=all", "total"), 120)
		require.Zero(t, half.figure("client.drafts", "client=office", "last"))
	})
	for name, action := range map[string]string{"restart_client": "11:01", "reboot_client": "11:05"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := office(t, "broadcast_at = \"17:00\"\n[[fault.remedy]]\naction = \""+name+"\"\nafter = \"2h30m\"\n")
			require.Zero(t, w.minute("EP1", "10:30:00", "11:00:00"))
			require.Equal(t, 200.0, w.level("client.broken", "client=office", "10:59:00"))
			require.Equal(t, []string{action + ":00"}, w.events("remedy", "", ""))
			require.InDelta(t, 20, w.minute("EP1", "11:12:00", "13:00:00"), 1.5, "S3-6")
			require.Zero(t, w.figure("client.broken", "client=office", "last"))
			require.Zero(t, w.figure("client.drafts", "client=office", "last"))
		})
	}
	t.Run("the update is taken back", func(t *testing.T) {
		t.Parallel()
		w := office(t, "broadcast_at = \"17:00\"\nduration = \"3h\"\n")
		require.Zero(t, w.minute("EP1", "10:30:00", "11:30:00"))
		require.Greater(t, w.minute("EP1", "11:30:00", "11:36:00"), 50.0)
		require.Zero(t, w.figure("client.broken", "client=office", "last"))
	})
	t.Run("another server", func(t *testing.T) {
		t.Parallel()
		w := office(t, "affects_server = \"EP2\"\n") // S3-9
		require.InDelta(t, 20, w.minute("EP1", "10:30:00", "11:40:00"), 1.5)
		require.Zero(t, w.minute("EP2", "10:30:00", "11:40:00"))
	})
	t.Run("machines that are switched off", func(t *testing.T) {
		t.Parallel()
		// Nobody is told; what runs overnight is nothing, and in the morning everything is fresh.
		w := office(t, "broadcast_at = \"2026-03-20T00:00:00Z\"\n", `duration="26h"`, `output.sample_interval="1m"`)
		require.Zero(t, w.figure("client.broken", "client=office", "last"))
		require.Regexp(t, "^09:00:00", w.clock(simtime.Time(*w.run.Summary.Faults[0].EndNS)))
		require.Zero(t, w.figure("client.drafts", "client=office", "last"))
	})
}

// Other trouble has other codes, and what a server did not take is sent when it is back.
func TestF9_OtherErrors(t *testing.T) {
	t.Parallel()
	const clients = `
[[client]]
name = "pcs"
site = "%s"
count = 50
server = "B1"
[[load]]
kind = "clients"
from = "client:pcs"
to = "site:A"
rate = "12/h"
size = "10KB"
`
	t.Run("a server that is down", func(t *testing.T) {
		t.Parallel()
		w := work(t, fmt.Sprintf(ref2, "2026-03-02T09:00:00Z", "2h", 10, 10)+fmt.Sprintf(clients, "B")+`
[[fault]]
kind = "host_down"
target = { host = "B1" }
start = "30m"
duration = "30m"
`)
		require.InDelta(t, 300, w.figure("client.error", "server=B1,code=0x800CCC0E", "total"), 60)
		require.Zero(t, w.figure("client.error", "server=B1,code=0x800CCC13", "total"))
		require.Zero(t, w.figure("client.drafts", "client=pcs", "last"))
		require.InDelta(t, 1200, w.figure("messages.delivered", "site=B", "total"), 110)
		require.Equal(t, 0.0, w.level("client.drafts", "client=pcs", "10:05:30"), "within five minutes")
	})
	t.Run("a link that is down", func(t *testing.T) {
		t.Parallel()
		w := work(t, fmt.Sprintf(ref2, "2026-03-02T09:00:00Z", "2h", 10, 10)+fmt.Sprintf(clients, "A")+`
[[fault]]
kind = "link_down"
target = { link = "A-B" }
start = "30m"
duration = "30m"
`)
		require.InDelta(t, 300, w.figure("client.error", "server=B1,code=0x800CCC0F", "total"), 60)
		require.Zero(t, w.figure("client.error", "server=B1,code=0x800CCC0E", "total"))
		require.Zero(t, w.figure("client.drafts", "client=pcs", "last"))
	})
	t.Run("a filter that answers nothing, and one that refuses", func(t *testing.T) {
		t.Parallel()
		for does, code := range map[string]string{"drop": "0x800CCC19", "reject": "0x800CCC0E"} {
			w := work(t, fmt.Sprintf(ref2, "2026-03-02T09:00:00Z", "2h", 10, 10)+fmt.Sprintf(clients, "A")+`
[[fault]]
kind = "port_block"
src = { site = "A" }
dst = { host = "B1" }
ports = [25]
action = "`+does+`"
start = "30m"
duration = "30m"
`)
			require.InDelta(t, 300, w.figure("client.error", "server=B1,code="+code, "total"), 60)
			require.Equal(t, 0.0, w.level("client.drafts", "client=pcs", "10:05:30"), "within five minutes")
		}
		w := work(t, fmt.Sprintf(ref2, "2026-03-02T09:00:00Z", "2h", 10, 10)+fmt.Sprintf(clients, "A")+`
[[fault]]
kind = "port_block"
src = { host = "A1" }
dst = { host = "B1" }
ports = [25]
start = "30m"
duration = "30m"
`)
		require.Zero(t, w.figure("client.drafts", "client=pcs", "max"), "between two servers of the sites, not before the site")
	})
	t.Run("a name that is not found", func(t *testing.T) {
		t.Parallel()
		dns := func(more string) *worked {
			return work(t, fmt.Sprintf(ref2, "2026-03-02T09:00:00Z", "4h", 10, 10)+fmt.Sprintf(clients, "A")+`
[[fault]]
kind = "dns_fail"
start = "30m"
duration = "90m"
`+more)
		}
		// Somebody asks in the first minutes, and again when the answer is an hour old: from then on until 11:00 nobody is told.
		w := dns(`target = { site = "A" }` + "\n")
		require.InDelta(t, 600, w.figure("client.error", "server=B1,code=0x800CCC0D", "total"), 70)
		require.Equal(t, 0.0, w.level("client.drafts", "client=pcs", "10:00:00"))
		require.Equal(t, 0.0, w.level("client.drafts", "client=pcs", "11:05:30"), "within five minutes")
		require.Zero(t, dns(`target = { site = "B" }`+"\n").figure("client.drafts", "client=pcs", "max"), "of the other site")
		require.Zero(t, dns(`target = { host = "A1" }`+"\n").figure("client.drafts", "client=pcs", "max"), "of one server")
		require.Zero(t, dns("target = { site = \"A\" }\ndomains = [\"internet.example\"]\n").figure("client.drafts", "client=pcs", "max"), "of other names")
	})
	t.Run("a server under back pressure", func(t *testing.T) {
		t.Parallel()
		w := work(t, fmt.Sprintf(ref2, "2026-03-02T09:00:00Z", "2h", 10, 10)+fmt.Sprintf(clients, "B")+`
[[fault]]
kind = "disk_pressure"
target = { host = "B1" }
start = "30m"
duration = "30m"
used_to = 0.995
`)
		require.InDelta(t, 300, w.figure("client.error", "server=B1,code=452 4.3.1", "total"), 60)
		require.Zero(t, w.figure("client.error", "server=B1,code=0x800CCC0E", "total"))
		require.Greater(t, w.level("client.drafts", "client=pcs", "09:59:00"), 200.0)
		require.Equal(t, 0.0, w.level("client.drafts", "client=pcs", "10:05:30"), "within five minutes")
	})
	t.Run("a service that ended", func(t *testing.T) {
		t.Parallel()
		w := office(t, "", `fault.update.enabled=false`)
		require.Zero(t, w.figure("client.error", "server=EP1,code=0x800CCC0E", "total"))
		w = office(t, "enabled = false\n[[fault]]\nkind = \"host_down\"\nmode = \"service_stop\"\nservices = [\"EPSTRS\"]\ntarget = { host = \"EP1\" }\nstart = \"2h\"\nduration = \"10m\"\n")
		require.InDelta(t, 200, w.figure("client.error", "server=EP1,code=0x800CCC0E", "total"), 45)
		require.Zero(t, w.figure("client.drafts", "client=office", "last"))
	})
}

// Whatever happens, every message that a client composes is submitted, still a draft, or given up, and what is submitted is conserved: the run checks both.
func TestF9_Conservation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		text := fmt.Sprintf(ref2, "2026-03-02T09:00:00Z", "3h", 10, 10)
		for _, name := range []string{"p", "q"} {
			text += fmt.Sprintf("[[client]]\nname = %q\nsite = %q\ncount = %d\nserver = \"A1\"\nsecond_server = \"B1\"\n", name,
				rapid.SampledFrom([]string{"A", "B"}).Draw(r, "site"), rapid.IntRange(1, 20).Draw(r, "count"))
			hours := rapid.SampledFrom([]string{"", "hours = \"09:30-11:00\"\n", "hours = [\"08:00-09:30\", \"10:00-10:30\"]\n"}).Draw(r, "hours")
			for _, to := range []string{"server", "second_server"} {
				text += fmt.Sprintf("[[load]]\nkind = \"clients\"\nfrom = \"client:%s\"\nto = { \"site:A\" = 1, \"site:B\" = 1 }\nrate = \"%d/h\"\nrecipients = 2\nsubmit_to = %q\n%s", name,
					rapid.IntRange(0, 60).Draw(r, "rate"), to, hours)
			}
		}
		for i := range rapid.IntRange(1, 4).Draw(r, "faults") {
			switch rapid.IntRange(0, 3).Draw(r, "kind") {
			case 0:
				text += fmt.Sprintf("[[fault]]\nid = \"f%d\"\nkind = \"host_down\"\ntarget = { host = %q }\nstart = \"%dm\"\nduration = \"%dm\"\n", i,
					rapid.SampledFrom([]string{"A1", "B1"}).Draw(r, "host"), rapid.IntRange(1, 100).Draw(r, "start"), rapid.IntRange(1, 100).Draw(r, "for"))
			case 1:
				text += fmt.Sprintf("[[fault]]\nid = \"f%d\"\nkind = \"link_down\"\ntarget = { link = \"A-B\" }\nstart = \"%dm\"\nduration = \"%dm\"\n", i,
					rapid.IntRange(1, 100).Draw(r, "start"), rapid.IntRange(1, 100).Draw(r, "for"))
			default:
				text += fmt.Sprintf("[[fault]]\nid = \"f%d\"\nkind = \"client_update\"\ntarget = { role = \"client\" }\naffects_server = %q\nstart = \"%dm\"\n"+
					"scan_delay = \"5m\"\ninstall_time = { dist = \"exponential\", mean = \"20m\" }\nresend_fraction = %g\nresend_spread = \"%dm\"\n%s", i,
					rapid.SampledFrom([]string{"A1", "B1"}).Draw(r, "host"), rapid.IntRange(0, 100).Draw(r, "start"),
					rapid.SampledFrom([]float64{0, 0.3, 1}).Draw(r, "fraction"), rapid.IntRange(0, 30).Draw(r, "spread"),
					rapid.SampledFrom([]string{"", "broadcast_at = \"10:40\"\n", "duration = \"40m\"\n", "schedule = { every = \"50m\" }\nduration = \"1h\"\n",
						"[[fault.remedy]]\naction = \"restart_client\"\nafter = \"50m\"\n", "pick = \"one\"\nbroadcast_at = \"11:00\"\n"}).Draw(r, "cure"))
			}
		}
		w := work(t, text) // fails on a law that does not hold
		names := ""
		for _, id := range w.run.Summary.Identities {
			names += id.Name + " "
		}
		require.True(r, strings.Contains(names, "drafts"), names)
	})
}

// TestF9_Release: when the update comes out, and when everybody is told.
func TestF9_Release(t *testing.T) {
	t.Parallel()
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	require.NoError(t, err)
	const head = `base = "@faults/ref-e"
start = %s
duration = "100d"
[[client]]
name = "pcs"
site = "X"
count = 10
server = "EP1"
[[fault]]
id = "x"
kind = "client_update"
target = { host = "pcs" }
affects_server = "EP1"
broadcast_at = "11:40"
`
	for name, x := range map[string]struct{ start, keys, want string }{
		"winter":                             {"2026-01-05T00:00:00Z", "", "01-14 03:00"},
		"summer":                             {"2026-03-11T00:00:00+09:00", "", "03-11 02:00"},
		"a minute too late":                  {"2026-03-11T02:01:00+09:00", "", "04-15 02:00"},
		"a month that begins on a Wednesday": {"2026-04-01T00:00:00Z", "", "04-15 02:00"},
		"said":                               {"2026-01-05T00:00:00Z", `release = "patch-tuesday"`, "01-14 03:00"},
		"from a start on":                    {"2026-01-05T00:00:00Z", "release = \"patch-tuesday\"\nstart = \"30d\"", "02-11 03:00"},
		"an instant":                         {"2026-01-05T00:00:00Z", `release = "2026-01-06T09:00:00+09:00"`, "01-06 09:00"},
		"before t0":                          {"2026-01-05T00:00:00Z", `release = "2026-01-04T09:00:00+09:00"`, "01-05 09:00"},
		"start":                              {"2026-01-05T00:00:00Z", `start = "1h"`, "01-05 10:00"},
	} {
		s, err := scenarios.Load(fstest.MapFS{"w.toml": {Data: []byte(fmt.Sprintf(head, x.start) + x.keys + "\n")}}, "w.toml")
		require.NoError(t, err, name)
		cfg, err := s.Config(s.Points()[0])
		require.NoError(t, err)
		require.Equal(t, x.want, cfg.Start.Add(time.Duration(cfg.Faults[0].Start)).In(tokyo).Format("01-02 15:04"), name)
	}
	// S3-13: month after month, each told on its own day, before noon where people are.
	w := work(t, fmt.Sprintf(head, "2026-02-01T00:00:00Z")+`schedule = { monthly = "second-tuesday", at = "10:00", tz = "America/Los_Angeles" }
[[site]]
name = "X"
timezone = "Asia/Tokyo"
`)
	var out []string
	for _, e := range w.run.Events {
		out = append(out, e.Kind+" "+w.start.Add(time.Duration(e.Time)).In(tokyo).Format("01-02 15:04"))
	}
	require.Equal(t, []string{
		"fault 02-11 03:00", "client.broadcast 02-11 11:40", "fault 03-11 02:00", "client.broadcast 03-11 11:40", "fault 04-15 02:00", "client.broadcast 04-15 11:40",
	}, out)
}
