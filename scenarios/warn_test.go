package scenarios

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// warningsOf loads a scenario that builds on the small organisation and returns its warnings.
func warningsOf(t *testing.T, src string) []string {
	t.Helper()
	org, err := os.ReadFile("testdata/good/org.toml")
	require.NoError(t, err)
	s, err := Load(fstest.MapFS{"x.toml": {Data: []byte("base = \"org.toml\"\n" + src)}, "org.toml": {Data: org}}, "x.toml")
	require.NoError(t, err)
	return texts(s.Warnings())
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, src string
		want      []string
	}{
		{"none", "", nil},
		{"link without rtt and bandwidth", "[[link]]\nname = \"A-C\"\nsites = [\"A\", \"C\"]\n", []string{
			`x.toml:2:1: warning: link "A-C": rtt: none given; 50ms is taken, write for example rtt = "50ms"`,
			`x.toml:2:1: warning: link "A-C": bandwidth: none given; 100Mbit/s is taken, write for example bandwidth = "100Mbit/s"`,
		}},
		{"Q-8.1 told of delays too soon", "[[hub]]\nname = \"late\"\nsite = \"A\"\ndelay_notification_timeout = \"30m\"\n", []string{
			`x.toml:5:30: warning: hub "late": delay_notification_timeout: 30m is not after the second stage of retries, 6 times 5m; senders are told of delays that may be over soon: write more than 30m`,
		}},
		{"Q-8.1 retries that outlast the delay", "[[hub]]\nname = \"slow\"\nsite = \"A\"\ntransient_failure_retry_interval = \"40m\"\n", []string{
			`x.toml:5:36: warning: hub "slow": transient_failure_retry_interval: the second stage of retries, 6 times 40m, is not over when senders are told of a delay, after 4h; shorten it or write a longer delay_notification_timeout`,
		}},
		{"Q-8.1 more retries", "[[hub]]\nname = \"slow\"\nsite = \"A\"\ntransient_failure_retry_count = 15\n", nil},
		{"Q-5.1 no connection is ever taken", "[[edge]]\nname = \"shut\"\nsubscribed_site = \"A\"\nreceive = { max_inbound_connections = 40 }\n", []string{
			`x.toml:5:39: warning: edge "shut": max_inbound_connections: 2 percent of 40 connections is less than one, so none is ever taken; write max_inbound_percentage_per_source = 3 or more`,
		}},
		{"Q-5.1 one connection may be taken", "[[edge]]\nname = \"ajar\"\nsubscribed_site = \"A\"\nreceive = { max_inbound_connections = 50 }\n", nil},
		{"Q-12.5 a window that is fixed", `[model]
duplicate_window = "2h"
[[mailbox]]
name = "am1"
version = "2013"
`, nil},
		{"Q-12.5 a window that nobody heeds", `[model]
duplicate_window = "2h"
[[mailbox]]
name = "am1"
version = "2013"
[[mailbox]]
name = "bm1"
version = "2016"
`, []string{
			`x.toml:3:20: warning: [model]: duplicate_window: all mailbox servers are of 2013 or later, where it is always 7d (Q-12.5): it has no effect`,
		}},
		{"Q-12.7 detection that cannot be switched off", `[[mailbox]]
name = "m2010"
site = "A"
duplicate_detection = false
[[mailbox]]
name = "m2010rtm"
site = "A"
version = "2010rtm"
duplicate_detection = false
[[mailbox]]
name = "m2016"
site = "A"
version = "2016"
duplicate_detection = false
`, []string{
			`x.toml:10:23: warning: mailbox "m2010rtm": duplicate_detection: version 2010rtm cannot switch it off (Q-12.7): second copies are dropped all the same`,
			`x.toml:15:23: warning: mailbox "m2016": duplicate_detection: version 2016 cannot switch it off (Q-12.7): second copies are dropped all the same`,
		}},
		{"nothing is sent again", "[[load]]\nkind = \"burst\"\nfrom = \"site:A\"\nto = \"site:B\"\ncount = 1\nat = \"0s\"\nresend = { after = \"2d\" }\n", []string{
			`x.toml:8:20: warning: load #2: resend.after: 2d is not before the simulation end 1d; nothing is sent again`,
		}},
		{"F017 beyond the horizon", "[[fault]]\nkind = \"link_down\"\ntarget = { link = \"A-B\" }\nstart = \"40h\"\nduration = \"1h\"\n", []string{
			`x.toml:5:9: warning: [[fault]] #1 (id "link_down-1"): start: 40h is after the simulation end 1d; fault never runs`,
		}},
		{"F021 remedy order", `[[fault]]
kind = "clock_skew"
target = { host = "a1" }
offset = "+7m"
self_correct = false
  [[fault.remedy]]
  action = "restart_os"
  after = "20m"
  [[fault.remedy]]
  action = "set_time"
  after = "44m"
`, []string{`x.toml:7:3: warning: [[fault]] #1 (id "clock_skew-1"): remedy: restart_os comes before set_time; the latch will return (rule 2.4)`}},
		{"F022 no end", "[[fault]]\nkind = \"host_down\"\ntarget = { host = \"a1\" }\n", []string{
			`x.toml:2:1: warning: [[fault]] #1 (id "host_down-1"): duration: none given; the fault lasts to the end of the run`,
		}},
		{"a clock that is set wrong again and again", "[[fault]]\nkind = \"clock_skew\"\nmode = \"push\"\ntarget = { host = \"a1\" }\noffset = \"-10m\"\n", []string{
			`x.toml:2:1: warning: [[fault]] #1 (id "clock_skew-1"): duration: none given; the fault lasts to the end of the run`,
		}},
		{"a latch", "[[fault]]\nkind = \"auth_latch\"\nstart = \"40h\"\nfrom = { host = \"a1\" }\nto = { host = \"b1\" }\n", []string{
			`x.toml:2:1: warning: [[fault]] #1 (id "auth_latch-1"): duration: none given; the fault lasts to the end of the run`,
			`x.toml:4:9: warning: [[fault]] #1 (id "auth_latch-1"): start: 40h is after the simulation end 1d; fault never runs`,
		}},
		{"a clock that corrects itself needs no end", "[[fault]]\nkind = \"clock_skew\"\ntarget = { host = \"a1\" }\noffset = \"-10m\"\n", nil},
		{"late action", "[[action]]\nat = \"25h\"\naction = \"set_link_cost\"\ntarget = { link = \"A-B\" }\ncost = 5\n", []string{
			`x.toml:3:6: warning: action #1: at: 25h is after the simulation end 1d; the action never happens`,
		}},
		{"late load", "[[load]]\nkind = \"burst\"\nfrom = \"site:A\"\nto = \"site:B\"\ncount = 1\nat = \"1d\"\n", []string{
			`x.toml:7:6: warning: load #2: at: 1d is after the simulation end 1d; no mail is sent`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, warningsOf(t, c.src))
		})
	}
}

func TestR2_11_UnreachableIsWarnedOf(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{`x.toml:9:8: warning: mailbox "dm1": site: site "D" has no hub: mail of its mailboxes is neither sent nor delivered (R-2.11) [L004]`},
		warningsOf(t, "[[site]]\nname = \"D\"\n[[link]]\nname = \"A-B\"\nsites = [\"A\", \"B\", \"D\"]\n[[mailbox]]\nname = \"dm1\"\nsite = \"D\"\n"))
	require.Equal(t, []string{`x.toml:3:8: warning: site "D": is in no link: no mail reaches it from another site (R-2.11) [L005]`},
		warningsOf(t, "[[site]]\nname = \"D\"\n"))
}

func TestD2_ParallelLinksAreWarnedOf(t *testing.T) {
	t.Parallel()
	link := "[[link]]\nname = \"B-A\"\nsites = [\"B\", \"A\"]\ncost = %d\nrtt = \"1ms\"\nbandwidth = \"1Mbit/s\"\n"
	require.Equal(t, []string{
		`x.toml:5:8: warning: link "B-A": cost: link "A-B" joins the same sites at the same cost; the one with the lower name is used (D-2) [L001]`,
	}, warningsOf(t, fmt.Sprintf(link, 10)))
	require.Empty(t, warningsOf(t, fmt.Sprintf(link, 11)))
}

func TestR3_24_LinkLimitOf2007RtmIsWarnedOf(t *testing.T) {
	t.Parallel()
	limit := "[[link]]\nname = \"A-B\"\nmax_message_size = \"1MB\"\n"
	require.Equal(t, []string{`x.toml:6:20: warning: link "A-B": max_message_size: 2007rtm has no size limit on links; it is ignored (R-3.24) [L008]`},
		warningsOf(t, "[model]\nversion = \"2007rtm\"\n"+limit))
	require.Empty(t, warningsOf(t, limit))
}

// sharing is an organisation of n edges behind one address with so many connections each.
func sharing(n, connections, limit int) string {
	var b strings.Builder
	var names []string
	for i := range n {
		fmt.Fprintf(&b, "[[edge]]\nname = \"e%d\"\nsubscribed_site = \"B\"\npublic_address = \"nat\"\nmax_per_domain_outbound_connections = %d\n", i, connections)
		names = append(names, fmt.Sprintf("%q", fmt.Sprintf("e%d", i)))
	}
	fmt.Fprintf(&b, "[[remote]]\nname = \"eop\"\npreset = \"eop-2015\"\nmax_connections_per_source = %d\n", limit)
	fmt.Fprintf(&b, "[[connector]]\nname = \"k\"\naddress_spaces = [\"SMTP:*;1\"]\nsmart_hosts = [\"eop\"]\nsource_servers = [%s]\n", strings.Join(names, ", "))
	return b.String()
}

// QG-14: with floor(50/n) connections each, n servers behind one address are warned of for n = 1, 2 and 5. With one more each they
// are always, and floor(50/n) is what is advised; what is called safe is not warned of.
func TestQ5_6_SharedAddressIsWarnedOf(t *testing.T) {
	t.Parallel()
	for n, x := range map[int]struct {
		advised int // the golden values
		warned  bool
		safe    int
	}{1: {50, true, 49}, 2: {25, true, 24}, 3: {16, false, 16}, 4: {12, false, 12}, 5: {10, true, 9}} {
		t.Run(fmt.Sprintf("QG-14 n=%d", n), func(t *testing.T) {
			t.Parallel()
			got := warningsOf(t, sharing(n, x.advised, 50))
			if x.warned {
				require.Len(t, got, 1)
				require.Contains(t, got[0], fmt.Sprintf(`up to 50 connections to "eop", which takes at most 50 from one source: all of them, and a service that means fewer than 50 refuses the last; %d`, x.safe))
			} else {
				require.Empty(t, got)
			}
			require.Empty(t, warningsOf(t, sharing(n, x.safe, 50)))
			got = warningsOf(t, sharing(n, x.advised+1, 50))
			require.Len(t, got, 1)
			require.Contains(t, got[0], `connector "k": smart_hosts: `)
			require.Contains(t, got[0], fmt.Sprintf(`it refuses the rest; write %d`, x.advised))
		})
	}
	for _, c := range []struct {
		servers, connections, limit int
		want                        string
	}{
		{1, 60, 50, `server "e0" opens up to 60 connections to "eop", which takes at most 50 from one source: it refuses the rest; write 50 at most, or 49 to stay below the limit (Q-5.6)`},
		{2, 20, 10, `2 servers behind "nat" together open up to 40 connections to "eop", which takes at most 10 from one source: it refuses the rest; write 5 a server at most, or 4 to stay below the limit (Q-5.6)`},
		{3, 20, 50, `3 servers behind "nat" together open up to 60 connections to "eop", which takes at most 50 from one source: it refuses the rest; write 16 a server at most (Q-5.6)`},
		{3, 1, 2, `3 servers behind "nat" together open up to 3 connections to "eop", which takes at most 2 from one source: that is not even one a server; use more addresses or fewer servers (Q-5.6)`},
		{2, 1, 2, `2 servers behind "nat" together open up to 2 connections to "eop", which takes at most 2 from one source: all of them, and a service that means fewer than 2 refuses the last; use more addresses (Q-5.6)`},
		{2, 9, 2, `2 servers behind "nat" together open up to 18 connections to "eop", which takes at most 2 from one source: it refuses the rest; write 1 a server at most (Q-5.6)`},
	} {
		got := warningsOf(t, sharing(c.servers, c.connections, c.limit))
		require.Len(t, got, 1)
		require.Contains(t, got[0], "smart_hosts: "+c.want)
	}
}

func TestFaultsOfTheDirectoryWithoutDCsAreWarnedOf(t *testing.T) {
	t.Parallel()
	const head = "duration = \"1h\"\n[[site]]\nname = \"A\"\n[[site]]\nname = \"B\"\n[[link]]\nname = \"A-B\"\nsites = [\"A\", \"B\"]\nrtt = \"1ms\"\n" +
		"bandwidth = \"unlimited\"\n[[hub]]\nname = \"a1\"\nsite = \"A\"\n[[hub]]\nname = \"b1\"\nsite = \"B\"\n"
	const faults = "[[fault]]\nkind = \"clock_skew\"\ntarget = { host = \"a1\" }\noffset = \"7m\"\nenabled = %[1]v\n" +
		"[[fault]]\nkind = \"repl_lag\"\ntarget = { link = \"A-B\" }\ninterval = \"24h\"\nduration = \"30m\"\nenabled = %[1]v\n" +
		"[[fault]]\nkind = \"auth_latch\"\nduration = \"30m\"\nfrom = { site = \"A\" }\nto = { site = \"B\" }\nenabled = %[1]v\n"
	load := func(src string) []string {
		s, err := Load(fstest.MapFS{"x.toml": {Data: []byte(src)}}, "x.toml")
		require.NoError(t, err)
		return texts(s.Warnings())
	}
	require.Equal(t, []string{
		`x.toml:18:8: warning: [[fault]] #1 (id "clock_skew-1"): kind: clock_skew: without [[dc]] tables a wrong clock does no harm; add a [[dc]] per site, or remove the fault`,
		`x.toml:23:8: warning: [[fault]] #2 (id "repl_lag-2"): kind: repl_lag: without [[dc]] tables changes are seen everywhere at once; add a [[dc]] per site, or remove the fault`,
		`x.toml:29:8: warning: [[fault]] #3 (id "auth_latch-3"): kind: auth_latch: without [[dc]] tables hubs are not authenticated; add a [[dc]] per site, or remove the fault`,
	}, load(head+fmt.Sprintf(faults, true)))
	require.Empty(t, load(head+fmt.Sprintf(faults, false)))
	require.Empty(t, load(head+"[[dc]]\nname = \"d\"\nsite = \"A\"\n"+fmt.Sprintf(faults, true)))
}
