package scenarios_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEP3_ResolverIsSilent: an E-Post server asks for a name at each attempt at mail for others; without one it tries for 24 hours.
func TestEP3_ResolverIsSilent(t *testing.T) {
	t.Parallel()
	const head = `base = "@faults/ref-e"
start = 2026-03-02T09:00:00Z
duration = "3h"
model.dns_timeout = "0s"
`
	const silent = `
[[fault]]
id = "resolver"
kind = "dns_fail"
target = { host = "EP1" }
start = "1h"
`
	const out, in = "\nto = \"internet\"\n", "\nto = \"mailbox:EP1\"\n"
	mail := func(at, to string) string {
		return "[[load]]\nkind = \"regular\"\nfrom = \"mailbox:EP1\"\nfirst = \"" + at + "\"\nevery = \"10h\"\ncount = 1\nsize = \"10KB\"" + to
	}
	holding := []string{"10:00:15", "10:02:15", "10:06:15", "10:12:15", "10:30:15"}

	w := work(t, head+mail("1h15s", out)+mail("1h15s", in)+silent+"duration = \"50m\"\n")
	require.Equal(t, holding, w.events("queue.retry", "EP1", ""))
	for _, e := range w.run.Events {
		if e.Kind == "queue.retry" {
			require.Equal(t, "the query for the name of the host failed", e.Text)
		}
	}
	require.Equal(t, 2.0, w.figure("messages.delivered", "site=all", "total"), "its own mailboxes need no name; the other leaves an hour after the first try")
	require.Equal(t, 3601.0, w.figure("delivery.delay", "from=all,to=all", "max"))

	require.Empty(t, work(t, head+mail("50m", out)+mail("1h15s", out)+silent+"duration = \"50m\"\n").events("queue.retry", "EP1", ""), "asked for at 09:50, remembered until 10:50")
	require.Empty(t, work(t, head+mail("1h15s", out)+silent+"duration = \"50m\"\ndomains = \"elsewhere.example\"\n").events("queue.retry", "EP1", ""))
	smart := head + "[[remote]]\nname = \"relay\"\n[[epost]]\nname = \"EP1\"\nsmart_host = \"relay\"\n" + mail("1h15s", out) + silent + "duration = \"50m\"\n"
	require.Empty(t, work(t, smart).events("queue.retry", "EP1", ""), "a smart host is known by its address")

	for _, mode := range []string{"timeout", "nxdomain"} { // what nobody answers, and what is denied, is given back after a day
		w = work(t, strings.Replace(head, "3h", "27h", 1)+mail("1h15s", out)+silent+"mode = \""+mode+"\"\n")
		require.Equal(t, 1.0, w.figure("messages.expired", "site=all", "total"), mode)
		require.Equal(t, []string{"10:00:15"}, w.events("dsn", "EP1", ""), "a day later")
		require.Len(t, w.events("queue.retry", "EP1", ""), 5+23)
	}
	w = work(t, strings.Replace(head, `"0s"`, `"60s"`, 1)+mail("1h15s", out)+silent+"duration = \"50m\"\n")
	require.Equal(t, []string{"10:01:15", "10:04:15", "10:09:15", "10:16:15", "10:35:15"}, w.events("queue.retry", "EP1", ""), "a minute each, and the ladder between")
}

// An E-Post server beside Exchange is found by its name from both sides: by an Exchange server that delivers its domain by DNS, and where mail goes to
// the mailboxes of the organisation.
func TestF14_NamesBesideExchange(t *testing.T) {
	t.Parallel()
	text := strings.Replace(ref2Short, `smart_hosts = ["EP1"]`, "dns = true", 1)
	require.NotEqual(t, ref2Short, text)
	const silent = "[[fault]]\nkind = \"dns_fail\"\nduration = \"10m\"\nmode = \"servfail\"\n"
	w := work(t, text+regular("a-ep", "site:A", "mailbox:EP1", "1m", "1m", "90s")+silent+"target = { host = \"A1\" }\n")
	require.NotEmpty(t, w.events("queue.retry", "A1", ""))
	require.Equal(t, 1.0, w.figure("messages.delivered", "site=all", "total"))
	w = work(t, text+regular("ep-b", "mailbox:EP1", "site:B", "1m", "1m", "90s")+silent+"target = { host = \"EP1\" }\n")
	require.Len(t, w.events("queue.retry", "EP1", ""), 3)
	require.Equal(t, 1.0, w.figure("messages.delivered", "site=all", "total"))
}

// TestEP5_LongTransfer: what takes longer than a receive connector of Exchange would wait reaches an E-Post server all the same.
func TestEP5_LongTransfer(t *testing.T) {
	t.Parallel()
	slow := strings.Replace(ref2Short, "rtt = \"10ms\"\n", "rtt = \"10ms\"\nbandwidth = \"64kbit/s\"\n", 1)
	mail := func(to string) string {
		return strings.Replace(regular("big", "site:A", to, "1m", "1m", "90s"), `size = "10KB"`, `size = "6MB"`, 1)
	}
	large := []string{`model.max_send_size="20MB"`, `model.max_receive_size="20MB"`}
	w := work(t, slow+mail("mailbox:EP1"), large...)
	require.Empty(t, w.events("queue.retry", "A1", ""))
	require.Equal(t, 1.0, w.figure("messages.delivered", "site=all", "total"))
	require.Greater(t, w.figure("delivery.delay", "from=all,to=all", "max"), 700.0)
	w = work(t, slow+mail("site:B"), large...)
	require.NotEmpty(t, w.events("queue.retry", "A1", ""), "Exchange cuts it")
}

// TestF15_DomainOfEPost: the hosts of a domain that give no answer give none to an E-Post server either; what goes to a smart host does not notice.
func TestF15_DomainOfEPost(t *testing.T) {
	t.Parallel()
	text := func(relay string) string {
		return "base = \"@faults/ref-e\"\n" + relay + regular("con", "mailbox:EP1", "domain:contoso.com", "10m", "1m", "10m30s") + regular("fab", "mailbox:EP1", "domain:fabrikam.com", "10m", "1m", "10m30s") + `
[[fault]]
kind = "remote_down"
target = { domain = "contoso.com" }
duration = "13m"
`
	}
	w := work(t, text(""))
	require.Equal(t, []string{"03:10:21", "03:12:42"}, w.events("queue.retry", "EP1", ""), "21 s each")
	require.Equal(t, 2.0, w.figure("messages.delivered", "site=all", "total"))
	require.Empty(t, work(t, text("[[remote]]\nname = \"relay\"\n[[epost]]\nname = \"EP1\"\nsmart_host = \"relay\"\n")).events("queue.retry", "EP1", ""))
}
