package scenarios_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios"
)

// unnamed is W24's story: DNS fails for Edge AE1 from 10:00 to 10:20. A message that is handed in at A reaches the Edge's queue two seconds later.
func unnamed(keys string, mail ...string) string {
	text := fmt.Sprintf(ref2, at0900, "3h", 10, 10) + `
[[fault]]
id = "resolver"
kind = "dns_fail"
start = "1h"
end = "80m"
target = { host = "AE1" }
` + keys + "\n"
	for i, at := range mail {
		text += regular(fmt.Sprintf("m%d", i), "site:A", "internet", at, "10h", "3h")
	}
	return text
}

// TestF14_ResolverIsSilent is W24.
func TestF14_ResolverIsSilent(t *testing.T) {
	t.Parallel()
	t.Run("FW-24", func(t *testing.T) {
		t.Parallel()
		w := work(t, unnamed("", "1h13s"))
		require.Equal(t, []string{"10:00:15", "10:01:15", "10:02:15", "10:03:15", "10:04:15", "10:14:15"}, w.events("queue.retry", "AE1", ""))
		require.Equal(t, []string{"10:24:15"}, w.events("queue.active", "AE1", ""))
		require.Equal(t, 1.0, w.figure("messages.delivered", "site=all", "total"))
		for _, e := range w.run.Events {
			if e.Kind == "queue.retry" {
				require.Equal(t, "451 4.4.0 DNS query failed", e.Text)
			}
		}
		require.Empty(t, w.events("queue.retry", "A1", ""), "the way to the Edge needs no name")
		require.Empty(t, work(t, unnamed("", "50m", "1h13s")).events("queue.retry", "AE1", ""), "looked up at 09:50, remembered until 10:50")
	})
	// 09:09:58 is remembered until 10:10:00, also for what comes at 10:05:00; to ask again at 10:11:02 fails.
	w := work(t, unnamed("", "9m58s", "1h5m", "1h11m"))
	require.Equal(t, "10:11:02", w.events("queue.retry", "AE1", "")[0])
	require.Equal(t, "10:25:02", w.events("queue.active", "AE1", "")[0])
}

// TestF14_Modes: how long each kind of failure keeps a queue, and what it does to mail.
func TestF14_Modes(t *testing.T) {
	t.Parallel()
	slow := func(mode string) string {
		return strings.Replace(unnamed("mode = \""+mode+"\"", "1h13s", "1h30m"), `profile = "reference"`, "profile = \"reference\"\ndns_timeout = \"60s\"", 1)
	}
	for mode, want := range map[string][]string{
		"timeout":  {"10:01:15", "10:03:15", "10:05:15", "10:07:15", "10:09:15", "10:20:15"}, // a minute each, and the waits of W24 between; the last begins at 10:19:15
		"servfail": {"10:00:15", "10:01:15", "10:02:15", "10:03:15", "10:04:15", "10:14:15"}, // at once
	} {
		w := work(t, slow(mode))
		require.Equal(t, want, w.events("queue.retry", "AE1", ""), mode)
		require.Equal(t, 2.0, w.figure("messages.delivered", "site=all", "total"), mode)
	}
	w := work(t, slow("nxdomain"))
	require.Empty(t, w.events("queue.retry", "AE1", ""))
	require.Equal(t, 1.0, w.figure("messages.bounced", "site=all", "total"), "the only fault of names that loses mail")
	require.Equal(t, []string{"10:00:15"}, w.events("dsn", "AE1", "status=5.4.4"))
	require.Equal(t, 2.0, w.figure("messages.delivered", "site=all", "total"), "the report, and the message of 10:30")

	for domains, retries := range map[string]int{`"elsewhere.example"`: 0, `["elsewhere.example", "*"]`: -1} {
		text := unnamed("domains = "+domains, "1h13s")
		if retries < 0 {
			_, err := scenarios.Load(fstest.MapFS{"w.toml": {Data: []byte(text)}}, "w.toml")
			require.ErrorContains(t, err, `domains: "*" is no domain; write "example.com", or "*.example.com" for all below it`)
			continue
		}
		require.Len(t, work(t, text).events("queue.retry", "AE1", ""), retries)
	}
	// Smart hosts are known by their addresses.
	smart := strings.Replace(unnamed("", "1h13s"), "source_servers = [\"AE1\"]\ndns = true", "source_servers = [\"AE1\"]\ndns = false\nsmart_hosts = [\"internet\"]", 1)
	require.Empty(t, work(t, smart).events("queue.retry", "AE1", ""))
}

// Of several failures the one that answers least counts, whichever came first; *.NAME is for what is below NAME, not for what ends like it.
func TestF14_SeveralFaults(t *testing.T) {
	t.Parallel()
	fails := func(id, keys string) string {
		return "[[fault]]\nid = \"" + id + "\"\nkind = \"dns_fail\"\nstart = \"1h\"\nend = \"80m\"\ntarget = { host = \"AE1\" }\n" + keys + "\n"
	}
	run := func(faults ...string) *worked {
		return work(t, fmt.Sprintf(ref2, at0900, "3h", 10, 10)+regular("m", "site:A", "domain:mail.contoso.com", "1h13s", "10h", "3h")+strings.Join(faults, ""))
	}
	const denied, refused, silent = `mode = "nxdomain"`, `mode = "servfail"`, `mode = "timeout"`
	for _, modes := range [][2]string{{denied, refused}, {refused, denied}, {denied, silent}, {silent, denied}} {
		w := run(fails("a", modes[0]), fails("b", modes[1]))
		require.Equal(t, 0.0, w.figure("messages.bounced", "site=all", "total"), "%s", modes)
		require.Equal(t, "10:00:15", w.events("queue.retry", "AE1", "")[0])
	}
	early := strings.Replace(fails("b", silent), `"80m"`, `"61m"`, 1) // what ends first leaves the other in force
	require.Len(t, run(fails("a", silent), early).events("queue.retry", "AE1", ""), 6)
	for domains, hit := range map[string]bool{
		`"*.contoso.com"`: true, `"contoso.com"`: false, `"mail.contoso.com"`: true, `"*.mail.contoso.com"`: false, `"*.so.com"`: false, `["x.example", "*.com"]`: true, `"MAIL.Contoso.com"`: true,
	} {
		require.Equal(t, hit, run(fails("a", denied+"\ndomains = "+domains)).figure("messages.bounced", "site=all", "total") > 0, domains)
	}
}
