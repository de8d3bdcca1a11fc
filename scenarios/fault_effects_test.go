package scenarios

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/result"
)

// reach is what a kind of fault does to the mail of the reference organisation of two sites while it is there, from 11:00 to 13:00: which mail is late, and
// nothing else is.
type reach struct {
	keys  string
	late  string // from>to, in the order of the alphabet; the pairs of sites, and the internet, whose mail is late by a minute or more
	pull  bool   // what its end puts right is known elsewhere when domain controllers replicate, at 15:00
	stays bool   // its end does not end it: mail is held for good
	cure  string // what does, if it stays
	more  string // what it takes to show it, that harms nobody else
	shows string // what tells of it, where no mail is late: a metric with its labels, or the view of a server
	clear string // ... and what the same shows without it
}

// reaches has a row for each kind. What is not among the late is what the kind must not touch.
func reaches() map[string]reach {
	const (
		restart = `remedy = [{ action = "restart_os", target = { host = "B1" }, after = "2h30m" }]`
		tickets = "[model]\nticket_lifetime = \"10m\"\nticket_renewal = \"10m\"\n" // or it takes ten hours until somebody asks
		burst   = "[[load]]\nkind = \"burst\"\nfrom = \"site:A\"\nto = \"internet\"\nat = \"90m\"\ncount = 400\nsize = \"10KB\"\n"
		edit    = "[[action]]\nat = \"70m\"\naction = \"set_connector\"\nduration = \"0s\"\ntarget = { connector = \"C-A\" }\ncost = 11\ndc = \"AD1\"\n"
	)
	return map[string]reach{
		"clock_skew": {keys: `target = { host = "B1" }, offset = "+7m", restore = "step"`, late: "A>B B>A", stays: true, cure: restart},
		"auth_latch": {keys: `from = { host = "A1" }, to = { host = "B1" }`, late: "A>B"}, // one direction

		"repl_lag":           {keys: `target = { link = "*" }, interval = "24h"`, more: edit, shows: "view of B1", clear: "12:00:10"},
		"repl_fail":          {keys: `target = { link = "A-B" }`, late: "A>B B>A", pull: true},
		"config_notify_lost": {keys: `target = { host = "A1" }`, more: edit, shows: "view of A1", clear: "11:10:05"},
		"dc_down":            {keys: `target = { role = "dc" }, mode = "kdc_only"`, late: "A>A A>B A>internet B>A B>B B>internet", more: tickets},

		"spn_missing":    {keys: `target = { host = "B1" }, at_dc = "AD1"`, late: "A>B", more: tickets},
		"spn_duplicate":  {keys: `target = { host = "B1" }, wrong_account = 1, at_dc = "AD1"`, late: "A>B", more: tickets},
		"machine_secret": {keys: `target = { host = "B1" }, variant = "snapshot"`, late: "A>B B>A", pull: true, more: tickets},
		"port_block":     {keys: `src = { host = "A1" }, dst = { host = "B1" }, ports = [25], direction = "to"`, late: "A>B"},
		"cert_expiry":    {keys: `target = { host = "AE1" }`, late: "A>internet internet>A"}, // not between hubs
		"dns_fail":       {keys: `target = { host = "AE1" }`, late: "A>internet"},

		"link_down":    {keys: `target = { link = "A-B" }`, late: "A>B B>A"},
		"link_degrade": {keys: `target = { link = "A-B" }, bandwidth = "1kbit/s"`, late: "A>B B>A"},
		"partition":    {keys: `side_a = { site = "A" }, side_b = { site = "B" }`, late: "A>B B>A"},

		"host_down":      {keys: `target = { host = "AE1" }`, late: "A>internet"}, // mail from outside comes in at the other Edge
		"nic_late_bind":  {keys: `target = { host = "B1" }, prone = true, services = ["MSExchangeTransport"]`, late: "A>B B>A B>B B>internet internet>B"},
		"store_down":     {keys: `target = { host = "BM1" }`, late: "A>B B>A B>B B>internet internet>B"},
		"agent_stall":    {keys: `target = { host = "A1" }`, late: "A>A A>B A>internet B>A internet>A"}, // not what Edges do
		"disk_pressure":  {keys: `target = { host = "A1" }, used_to = 0.995`, late: "A>A A>B A>internet B>A internet>A"},
		"poison_message": {keys: `target = { host = "A1" }`, late: "A>A A>B A>internet B>A internet>A", stays: true, cure: `remedy = [{ action = "delete_poison", target = { host = "A1" }, after = "1h" }]`},

		"remote_down":     {keys: `target = { remote = "internet" }`, late: "A>internet B>internet"},
		"remote_throttle": {keys: `target = { remote = "internet" }, max_connections = 1`, late: "A>internet", more: burst}, // B has little to send
		"remote_greylist": {keys: `target = { remote = "internet" }`, late: "A>internet B>internet"},
		"mail_storm":      {keys: `list_size = 100, reply_rate = "6/min"`, shows: "messages.expanded{site=all}", clear: "0"},
		"duplicate_storm": {keys: `target = { site = "A" }, delay = "30m"`, shows: "messages.duplicate{site=all}", clear: "0"},
		// Mail of nobody else; the reports are given up two hours later here.
		"backscatter":   {keys: `target = { host = "AE1" }, rate = "6/min"`, shows: "messages.expired{site=all}", clear: "0", more: "[[edge]]\nname = \"AE1\"\nmessage_expiration_timeout = \"2h\"\n"},
		"client_update": {keys: `target = { host = "pcs" }, affects_server = "A1"`, shows: "client.error{server=A1,code=0x800CCC13}", clear: "0"},
	}
}

// reachOf runs the reference organisation with a message a minute on every way for six hours, and with mail clients at A1.
func reachOf(t *testing.T, src string) *result.Run {
	t.Helper()
	text := "base = \"@faults/ref-2\"\nduration = \"9h\"\n" + head(src) + `
[output]
series = ["site_pair"]
[[client]]
name = "pcs"
site = "A"
count = 20
server = "A1"
[[load]]
id = "pcs"
kind = "clients"
from = "client:pcs"
to = "site:A"
rate = "3/h"
`
	for _, way := range everyWay() {
		from, to, _ := strings.Cut(way, ">")
		place := func(x string) string { return strings.TrimPrefix("site:"+x, "site:inter") }
		if from == "internet" {
			from = "inter" + from
		}
		if to == "internet" {
			to = "inter" + to
		}
		text += fmt.Sprintf("[[load]]\nid = %q\nkind = \"regular\"\nfrom = %q\nto = %q\nfirst = \"30s\"\nevery = \"1m\"\nuntil = \"6h\"\nsize = \"10KB\"\n", way, place(from), place(to))
	}
	s, err := Load(fstest.MapFS{"x.toml": {Data: []byte(text + strings.TrimPrefix(src, head(src)))}}, "x.toml")
	require.NoError(t, err)
	cfg, err := s.Config(s.Points()[0])
	require.NoError(t, err)
	return outcome(t, cfg)
}

// head is the table [model] with which a text may begin.
func head(src string) string {
	if strings.HasPrefix(src, "[model]") {
		before, _, _ := strings.Cut(src, "[[")
		return before
	}
	return ""
}

func everyWay() []string {
	return []string{"A>A", "A>B", "A>internet", "B>A", "B>B", "B>internet", "internet>A", "internet>B"}
}

// mail is that of one way: the largest delay, in seconds, and how much of it arrived.
type mail struct{ longest, delivered float64 }

func mailOf(r *result.Run) map[string]mail {
	out := map[string]mail{}
	for _, m := range r.Summary.Metrics {
		if m.Metric != "delivery.delay" {
			continue
		}
		var x mail
		for _, s := range m.Stats {
			switch s.Name {
			case result.StatMax:
				x.longest = s.Value
			case result.StatCount:
				x.delivered = s.Value
			}
		}
		out[m.Labels.Get("from")+">"+m.Labels.Get("to")] = x
	}
	return out
}

// shown is what a row says that a run shows.
func shown(r *result.Run, what string) string {
	if server, ok := strings.CutPrefix(what, "view of "); ok {
		for _, e := range r.Events {
			if e.Kind == "config.view" && e.Server == server {
				s := int(e.Time.Seconds()) + 10*3600
				return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
			}
		}
		return "never"
	}
	for _, m := range r.Summary.Metrics {
		if m.Metric+"{"+m.Labels.String()+"}" == what {
			return fmt.Sprint(m.Stats[0].Value)
		}
	}
	return "0"
}

func totalOf(r *result.Run, metric string) float64 {
	for _, m := range r.Summary.Metrics {
		if m.Metric == metric && m.Labels.Get("site") == "all" {
			return m.Stats[0].Value
		}
	}
	return 0
}

// Every kind of fault makes that mail late which it is said to, no other, and for as long as it is there: what waits at its end is delivered within
// the half hour in which the slowest ladder, that of an Edge, tries again. A kind that its end does not end goes by its cure.
func TestReachOfEachKind(t *testing.T) {
	t.Parallel()
	rows := reaches()
	for _, kind := range legalKinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			row, ok := rows[kind]
			require.True(t, ok, "reaches has no row of kind %s: add one", kind)
			const times = `, start = "1h", duration = "2h"`
			fine, hit := reachOf(t, row.more), reachOf(t, row.more+table("x", kind, row.keys+times))
			require.Zero(t, totalOf(fine, "messages.held"))
			before, after := mailOf(fine), mailOf(hit)
			var late []string
			for _, way := range everyWay() {
				if after[way].longest >= before[way].longest+60 || after[way].delivered < before[way].delivered {
					late = append(late, way)
					continue
				}
				// Mail that was late crosses that of others when it leaves.
				require.InDelta(t, before[way].longest, after[way].longest, 40, way)
			}
			require.Equal(t, row.late, strings.Join(late, " "))
			if row.stays {
				require.NotZero(t, totalOf(hit, "messages.held"), "its end does not end it")
				require.Zero(t, totalOf(reachOf(t, row.more+table("x", kind, row.keys+times+", "+row.cure)), "messages.held"), "the cure does")
			} else {
				require.Zero(t, totalOf(hit, "messages.held"), "its end ends it")
				most := 2*time.Hour + 35*time.Minute
				if row.pull {
					most = 4*time.Hour + 35*time.Minute
				}
				for _, way := range late {
					require.LessOrEqual(t, after[way].longest, most.Seconds(), way)
				}
			}
			if row.shows != "" {
				require.Equal(t, row.clear, shown(fine, row.shows))
				require.NotEqual(t, row.clear, shown(hit, row.shows))
			}
		})
	}
}
