package scenarios_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// leased is the reference organisation whose two sites have a connection of their own beside the site link.
func leased(extra string) string {
	return fmt.Sprintf(ref2, at0900, "2h", 10, 10) +
		"[[network]]\nname = \"leased\"\nsites = [\"B\", \"A\"]\nrtt = \"0s\"\nbandwidth = \"unlimited\"\nlabels = \"copper\"\n" + regular("m", "site:A", "site:B", "30s", "1m", "40m") + extra
}

func onLine(kind, target, keys string) string {
	return "[[fault]]\nid = \"line\"\nkind = \"" + kind + "\"\nstart = \"10m\"\nend = \"20m\"\ntarget = { " + target + " }\n" + keys + "\n"
}

// TestF12_Network: what breaks the link leaves a pair with a network of its own alone; what breaks the network cuts it, though the link is up.
func TestF12_Network(t *testing.T) {
	t.Parallel()
	link := work(t, strings.Replace(leased(onLine("link_down", `link = "A-B"`, "")), "[[network]]\nname = \"leased\"\nsites = [\"B\", \"A\"]\nrtt = \"0s\"\nbandwidth = \"unlimited\"\nlabels = \"copper\"\n", "", 1))
	times := link.events("queue.retry", "A1", "")
	require.Equal(t, []string{"09:10:30", "09:11:30", "09:12:30", "09:13:30", "09:14:30", "09:19:30"}, times)
	for target, want := range map[string][]string{
		`link = "A-B"`:                   nil,
		`site = "A"`:                     nil,
		`network = "leased"`:             times,
		`network = "le*", site = "B"`:    times,
		`label = "copper"`:               times,
		`network = "leased", label="*r"`: times,
	} {
		w := work(t, leased(onLine("link_down", target, "")))
		require.Equal(t, want, w.events("queue.retry", "A1", ""), target)
		require.Equal(t, w.figure("messages.submitted", "site=all", "total"), w.figure("messages.delivered", "site=all", "total"))
	}
	w := work(t, leased(onLine("link_down", `network = "leased"`, "")))
	var said []string
	for _, e := range w.run.Events {
		if e.Kind == "fault" {
			said = append(said, w.clock(e.Time)+" "+e.Text)
		}
	}
	require.Equal(t, []string{"09:10:00 network leased breaks", "09:20:00 network leased works again"}, said)
	// Ports: SMTP from A is dropped, which is all the mail that there is; tickets alone are not.
	require.Equal(t, times, work(t, leased(onLine("link_down", `network = "leased"`, "ports = [25]"))).events("queue.retry", "A1", ""))
	require.Empty(t, work(t, leased(onLine("link_down", `network = "leased"`, "ports = [135]"))).events("queue.retry", "A1", ""))
	require.Empty(t, work(t, leased(onLine("link_down", `link = "A-B"`, "ports = [25]"))).events("queue.retry", "A1", ""))
	// Replication goes the way of mail: the pull fails while the network is down.
	edit := "[[action]]\nat = \"5m\"\naction = \"set_connector\"\ntarget = { connector = \"C-A\" }\ncost = 5\ndc = \"AD1\"\nduration = \"1m\"\n" +
		"[[action]]\nat = \"12m\"\naction = \"replicate_now\"\ntarget = { host = \"BD1\" }\n"
	for target, seen := range map[string]int{`network = "leased"`: 0, `link = "A-B"`: 1} {
		require.Len(t, work(t, leased(edit+onLine("link_down", target, ""))).before("config.view", "B1", "09:30:00"), seen, target)
	}
}

// TestF13_Network: a network is degraded like a link.
func TestF13_Network(t *testing.T) {
	t.Parallel()
	delay := func(target, keys string) float64 {
		text := selectable + regular("m", "mailbox:AM1", "mailbox:B1", "30s", "1m", "40m") + onLine("link_degrade", target, keys)
		return work(t, text).figure("delivery.delay", "from=all,to=all", "max")
	}
	const link, network, slower, narrow = `link = "A-B"`, `network = "sea"`, "latency = \"500ms\"", `bandwidth = "8kbit/s"`
	base := delay(network, "enabled = false\n"+slower)
	require.InDelta(t, base, delay(link, slower), 1e-6, "the link is not their way")
	require.Greater(t, delay(network, slower), base+5, "each round trip takes a second longer")
	require.Greater(t, delay(network, narrow), base+5, "8 kbit take a second")
	require.InDelta(t, base, delay(link, narrow), 1e-6)
	w := work(t, leased(onLine("link_degrade", `network = "leased"`, "loss = 1")))
	require.Equal(t, []string{"09:10:30", "09:11:30", "09:12:30", "09:13:30", "09:14:30", "09:19:30"}, w.events("queue.retry", "A1", ""), "nothing gets across: it is down")
}
