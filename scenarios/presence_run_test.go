package scenarios_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios"
)

// Servers, sites and mailboxes that come, go and move during a run, from scenario text to queues.

// ab is the reference topology without times that matter: everything takes no time but a message between servers, 2 s.
func ab(duration string) string {
	return strings.Replace(fmt.Sprintf(ref2Written, at0900, duration, 10, 10), `profile = "reference"`, "profile = \"reference\"\ncategoriser = \"off\"", 1)
}

// ideal is ab without domain controllers.
func ideal(duration string) string {
	text := ab(duration)
	from, to := strings.Index(text, "[[dc]]"), strings.Index(text, "[[connector]]")
	return text[:from] + text[to:]
}

// TestR2_11_UnreachableUntilAdded: mail for mailboxes that are not there yet, or in a site that no link joins yet, waits in the
// Unreachable queue and is routed when the view changes.
func TestR2_11_UnreachableUntilAdded(t *testing.T) {
	t.Parallel()
	const later = "[[mailbox]]\nname = \"BM2\"\nsite = \"B\"\npresent = false\n"
	w := work(t, ideal("1h")+later+regular("late", "site:A", "mailbox:BM2", "30s", "1m", "1h")+step("30m", "add_server", `host = "BM2"`, ""))
	require.Equal(t, 30.0, w.level("server.queue_length", "server=A1,class=unreachable,state=all", "09:29:59"))
	require.Zero(t, w.level("server.queue_length", "server=A1,class=unreachable,state=all", "09:30:00"))
	require.Len(t, w.events("queue.unreachable", "A1", ""), 1)
	require.Equal(t, 60.0, w.figure("messages.delivered", "site=all", "total"))

	// What it sends in the meantime is with it.
	w = work(t, ideal("1h")+later+regular("late", "mailbox:BM2", "site:A", "30s", "1m", "1h")+step("30m", "add_server", `host = "BM2"`, ""))
	require.Equal(t, 30.0, w.level("submission_pending", "site=B", "09:29:59"))
	require.Equal(t, 60.0, w.figure("messages.delivered", "site=all", "total"))

	away := strings.Replace(ideal("1h"), "[[site]]\nname = \"B\"", "[[site]]\nname = \"B\"\npresent = false", 1)
	w = work(t, away+regular("late", "site:A", "site:B", "30s", "1m", "1h")+regular("b", "site:B", "site:B", "30s", "1m", "30m")+
		step("20m", "add_site", `site = "B"`, "")+step("40m", "remove_site", `site = "B"`, ""))
	require.Equal(t, 20.0, w.level("server.queue_length", "server=A1,class=unreachable,state=all", "09:19:59"))
	require.Zero(t, w.level("server.queue_length", "server=A1,class=unreachable,state=all", "09:20:00"))
	require.Equal(t, 40.0+30, w.figure("messages.delivered", "site=all", "total"), "inside the site mail flows all the time")
	require.Equal(t, 20.0, w.figure("messages.held", "site=A", "total"), "removed: unreachable again")
}

// oneEdge is a site with an Edge that takes in the mail from outside, a hub h1, and a hub h2 of which only "present" is to be said. 2010:
// EdgeSync comes on the hour.
const oneEdge = `
name = "one-edge"
start = 2026-03-02T09:00:00Z
duration = "4h"
seed = 1
[model]
version = "2010"
profile = "reference"
categoriser = "off"
[[site]]
name = "S"
[[hub]]
name = "h1"
site = "S"
[[hub]]
name = "h2"
site = "S"
present = %v
[[edge]]
name = "E"
subscribed_site = "S"
[[mailbox]]
name = "m"
site = "S"
[[dc]]
name = "dc"
site = "S"
[output]
sample_interval = "1s"
series = ["queue", "server"]
`

// TestR6_4_HubAddedAfterASubscription is G-72 in a run: the Edge hands mail to a new hub from the next EdgeSync on, but the new hub
// itself takes no part in EdgeSync: when the old one is removed nobody tells the Edge. One that was there before would.
func TestR6_4_HubAddedAfterASubscription(t *testing.T) {
	t.Parallel()
	mail := regular("in", "internet", "site:S", "30s", "1m", "4h")
	remove := step("2h10m", "remove_server", `host = "h1"`, "")
	t.Run("G-72", func(t *testing.T) {
		t.Parallel()
		w := work(t, fmt.Sprintf(oneEdge, false)+mail+step("30m", "add_server", `host = "h2"`, "")+remove)
		require.Equal(t, []string{"10:00:00"}, w.events("config.view", "E", ""), "on the hour, and nothing after the removal")
		require.Equal(t, []string{"09:30:05"}, w.events("config.view", "h1", ""))
		require.Equal(t, []string{"09:30:00", "11:10:05"}, w.events("config.view", "h2", ""))
		require.Equal(t, 60.0+35, w.figure("throughput", "server=h1", "count"), "alone until 10:00, then every other one until 11:10")
		require.Equal(t, 35.0+110, w.figure("throughput", "server=h2", "count"))
		require.Equal(t, 240.0, w.figure("messages.delivered", "site=all", "total"), "the Edge still lists h1, and passes on to h2")
	})
	t.Run("a hub of the subscription leads on", func(t *testing.T) {
		t.Parallel()
		w := work(t, fmt.Sprintf(oneEdge, true)+mail+remove)
		require.Equal(t, []string{"12:00:00"}, w.events("config.view", "E", ""))
		require.Equal(t, 240.0, w.figure("messages.delivered", "site=all", "total"))
	})
}

// Mail from outside comes in at the hubs until there is an Edge, and again when there is none any more.
func TestEdgesThatComeAndGoTakeInTheMail(t *testing.T) {
	t.Parallel()
	text := strings.Replace(fmt.Sprintf(oneEdge, true), "subscribed_site = \"S\"", "subscribed_site = \"S\"\npresent = false", 1)
	w := work(t, text+regular("in", "internet", "site:S", "30s", "1m", "4h")+step("1h", "add_server", `host = "E"`, "")+step("2h", "remove_server", `host = "E"`, ""))
	require.Equal(t, 60.0, w.figure("throughput", "server=E", "count"))
	require.Equal(t, 240.0, w.figure("messages.delivered", "site=all", "total"))

	// What waited outside for an Edge that is down is offered to the hubs when it is removed: every 15 minutes, counted from each message.
	w = work(t, fmt.Sprintf(oneEdge, true)+regular("in", "internet", "site:S", "30s", "1m", "1h")+
		"[[fault]]\nkind = \"host_down\"\nstart = \"0s\"\ntarget = { host = \"E\" }\n"+step("2h", "remove_server", `host = "E"`, ""))
	require.Equal(t, 60.0, w.figure("messages.delivered", "site=all", "total"))
	require.InDelta(t, 2*3600, w.figure("delivery.delay", "from=all,to=all", "max"), 900)
}

// TestV1_AddedServerIsSeenByReplication: a hub added at B is used by B at once, and by A when replication has told A's domain controller;
// it reads its own domain controller when it starts.
func TestV1_AddedServerIsSeenByReplication(t *testing.T) {
	t.Parallel()
	text := ab("4h") + "[[hub]]\nname = \"B2\"\nsite = \"B\"\npresent = false\n" + regular("ab", "site:A", "site:B", "30s", "1m", "4h") +
		step("30m", "add_server", `host = "B2"`, "")
	w := work(t, text)
	require.Equal(t, []string{"09:30:00"}, w.events("config.view", "B2", ""))
	require.Equal(t, []string{"09:30:05"}, w.events("config.view", "B1", ""))
	require.Equal(t, []string{"12:00:10"}, w.events("config.view", "A1", ""), "every 180 min, 5 s transfer, 5 s notification")
	require.Equal(t, 30.0, w.figure("throughput", "server=B2", "count"), "every other message from then on")
	require.Equal(t, 240.0, w.figure("messages.delivered", "site=all", "total"))
	require.Equal(t, 1, len(w.events("remedy", "B2", "")))
}

// TestD4_AddedHubTakesWhatWaited: mailboxes offer what waits when they see the hub, which is 5 s after it was added, not only when it starts.
func TestD4_AddedHubTakesWhatWaited(t *testing.T) {
	t.Parallel()
	text := strings.Replace(ab("1h"), "name = \"A1\"\nsite = \"A\"", "name = \"A1\"\nsite = \"A\"\npresent = false", 1)
	w := work(t, text+regular("ab", "site:A", "site:B", "1m", "1m", "1h")+step("30m", "add_server", `host = "A1"`, ""))
	require.Equal(t, 30.0, w.level("submission_pending", "site=A", "09:30:00"))
	require.Equal(t, []string{"09:30:00"}, w.events("config.view", "A1", ""))
	require.Zero(t, w.level("submission_pending", "site=A", "09:30:05"), "their next offers are planned")
	require.Equal(t, 59.0, w.figure("messages.delivered", "site=all", "total"))
}

// TestF11_RemovedServerKeepsItsMail: what a server holds when it is removed is held, and goes on when the server is added again; faults of
// the machine that overlap its absence change nothing.
func TestF11_RemovedServerKeepsItsMail(t *testing.T) {
	t.Parallel()
	text := ideal("2h") + cut("A-B", "2h") + regular("ab", "site:A", "site:B", "30s", "1m", "30m") + step("40m", "remove_server", `host = "A1"`, "")
	w := work(t, text)
	require.Equal(t, 30.0, w.figure("messages.held", "site=A", "total"))
	require.Equal(t, 30.0, w.length("A1", "B", "10:59:59"))

	text = strings.Replace(text, `end = "2h"`, `end = "50m"`, 1) + `
[[fault]]
kind = "host_down"
start = "35m"
end = "45m"
target = { host = "A1" }
` + step("60m", "add_server", `host = "A1"`, "")
	w = work(t, text)
	require.Equal(t, 30.0, w.length("A1", "B", "09:59:59"), "not up at 09:45: it is removed")
	require.Equal(t, 30.0, w.figure("messages.delivered", "site=A", "total"))
}

// TestD21_MoveMailbox: what waits for the store that mailboxes were on goes to their new one; what waits for its site stays, as that next
// hop is still there, and takes the detour. What their users send comes from the new place at once, but what the old store could not
// submit stays with it.
func TestD21_MoveMailbox(t *testing.T) {
	t.Parallel()
	move := step("30m", "move_mailbox", `host = "BM1"`, `to = "AM1"`)
	in := regular("in", "site:A", "mailbox:BM1", "30s", "1m", "1h")
	for _, c := range []struct{ version, near, far, store string }{{"2010", "A1", "B1", "BM1"}, {"2016", "AM1", "BM2", "BM1"}} {
		base := strings.Replace(ideal("1h"), `version = "2007"`, fmt.Sprintf("version = %q", c.version), 1)
		if c.version == "2016" {
			base += "[[mailbox]]\nname = \"BM2\"\nsite = \"B\"\n"
			for _, hub := range []string{"A", "B"} {
				base = strings.Replace(base, fmt.Sprintf("[[hub]]\nname = \"%s1\"\nsite = %q\n", hub, hub), "", 1)
			}
		}
		t.Run(c.version, func(t *testing.T) {
			t.Parallel()
			w := work(t, base+in+cut("A-B", "50m")+move)
			waits := func(at string) float64 {
				return w.level("server.queue_length", "server="+c.near+",class=intra_org,state=all", at)
			}
			require.Equal(t, 30.0, waits("09:30:00"))
			require.Equal(t, 30.0, waits("09:49:59"))
			require.Equal(t, 60.0, w.figure("messages.delivered", "site=all", "total"))
			require.Equal(t, 60.0, w.figure("delivery.delay", "from=all,to=A", "count"), "all of it at A")

			w = work(t, base+in+regular("out", "mailbox:BM1", "site:A", "45s", "1m", "1h")+
				"[[fault]]\nkind = \"host_down\"\nstart = \"0s\"\ntarget = { host = \"BM1\" }\n"+move)
			require.Equal(t, 30.0, w.length(c.far, c.store, "09:29:59"), "the queue into the store")
			require.Zero(t, w.length(c.far, c.store, "09:30:00"))
			require.Equal(t, 60.0+30, w.figure("delivery.delay", "from=all,to=A", "count"))
			require.Equal(t, 30.0, w.figure("messages.held", "site=B", "total"), "what the old store could not submit")
		})
	}
}

// TestD21_MoveMailboxSeenLater: the new site knows of the move first. Until the old one has heard of it, it delivers to the old server, which
// takes the mail. Written at the old site instead, the two send the mail to and fro until the new one has heard, too.
func TestD21_MoveMailboxSeenLater(t *testing.T) {
	t.Parallel()
	text := ab("4h") + "[[mailbox]]\nname = \"BM2\"\nsite = \"B\"\n" + regular("b", "mailbox:BM2", "mailbox:BM1", "2s", "1m", "4h") + regular("a", "site:A", "mailbox:BM1", "30s", "1m", "4h")
	w := work(t, text+step("30m", "move_mailbox", `host = "BM1"`, `to = "AM1"`))
	require.Equal(t, []string{"09:30:05"}, w.events("config.view", "A1", ""))
	require.Equal(t, []string{"12:00:10"}, w.events("config.view", "B1", ""))
	require.Equal(t, 181.0+30, w.figure("delivery.delay", "from=all,to=B", "count"), "B's until 12:00:02, A's until 09:29:30")
	require.Equal(t, 59.0+210, w.figure("delivery.delay", "from=all,to=A", "count"))

	w = work(t, text+step("30m", "move_mailbox", `host = "BM1"`, "to = \"AM1\"\ndc = \"BD1\""))
	require.Equal(t, []string{"12:00:10"}, w.events("config.view", "A1", ""))
	require.Positive(t, w.figure("dsn.count", "kind=ndr", "total"), "D-19: the mail goes round until it is returned")
}

// TestR3_7_ARestartReadsTheConfiguration: a service that starts routes by what its domain controller holds, without waiting to be told.
// Nothing else rebuilds tables when nothing has changed: whoever starts with the configuration that it had is not seen to change its view.
func TestR3_7_ARestartReadsTheConfiguration(t *testing.T) {
	t.Parallel()
	text := ab("30m") + regular("ab", "site:A", "mailbox:BM1", "30s", "1m", "30m") + step("10m", "set_link_cost", `link = "A-B"`, "cost = 20\ndc = \"AD1\"")
	require.Equal(t, []string{"09:10:05"}, work(t, text).events("config.view", "A1", ""))
	restart := func(at string) string {
		return fmt.Sprintf("[[action]]\nat = %q\naction = \"restart_transport\"\ntarget = { host = \"A1\" }\nduration = \"10s\"\n", at)
	}
	require.Equal(t, []string{"09:10:02"}, work(t, text+restart("9m52s")).events("config.view", "A1", ""))
	text += "[[mailbox]]\nname = \"BM2\"\nsite = \"B\"\npresent = false\n" + regular("un", "site:A", "mailbox:BM2", "30s", "1m", "30m")
	w := work(t, text+restart("20m"))
	require.Equal(t, []string{"09:10:05"}, w.events("config.view", "A1", ""), "D-13: a rebuild without a change is none")
	require.Equal(t, 30.0, w.level("server.queue_length", "server=A1,class=unreachable,state=all", "09:30:00"))
}

func (w *worked) level(metric, entity, at string) float64 {
	w.t.Helper()
	for _, s := range w.run.Series {
		if s.Metric == metric && s.Labels.String() == entity {
			for i, x := range s.Times {
				if w.clock(x) == at {
					return s.Last[i]
				}
			}
		}
	}
	require.Failf(w.t, "no series", "%s{%s} at %s", metric, entity, at)
	return 0
}

// TestR2_3_NoActionMovesAServer: the loader does not know such a step.
func TestR2_3_NoActionMovesAServer(t *testing.T) {
	t.Parallel()
	text := ideal("1h") + step("30m", "move_server", `host = "B1"`, "")
	_, err := scenarios.Load(fstest.MapFS{"w.toml": {Data: []byte(text)}}, "w.toml")
	require.ErrorContains(t, err, `action: "move_server" unknown`)
}

// What nothing adds, and what is added in vain, is said when the scenario is read.
func TestWarnsOfWhatNothingAdds(t *testing.T) {
	t.Parallel()
	text := ideal("1h") + `
[[site]]
name = "C"
present = false
[[hub]]
name = "C1"
site = "C"
present = false
[[connector]]
name = "later"
address_spaces = ["SMTP:later.example;1"]
source_servers = ["A1"]
present = false
`
	warnings := func(text string) []string {
		s, err := scenarios.Load(fstest.MapFS{"w.toml": {Data: []byte(text)}}, "w.toml")
		require.NoError(t, err)
		var out []string
		for _, w := range s.Warnings() {
			if strings.Contains(w.Text, "nothing adds it") {
				out = append(out, w.Text)
			}
		}
		return out
	}
	require.Equal(t, []string{
		`warning: site "C": present: nothing adds it, so it takes no part in the run; add an [[action]] with action = "add_site"`,
		`warning: hub "C1": present: nothing adds it, so it takes no part in the run; add an [[action]] with action = "add_server"`,
		`warning: connector "later": present: nothing adds it, so it takes no part in the run; add an [[action]] with action = "add_connector"`,
	}, warnings(text))
	require.Empty(t, warnings(text+step("10m", "add_site", `site = "C"`, "")+step("10m", "add_server", `host = "C*"`, "")+step("10m", "add_connector", `connector = "later"`, "")))
	// A step by chance, or of a remedy, may have happened or not: what follows may add and remove.
	require.Empty(t, warnings(text+step("10m", "add_site", `site = "C"`, "probability = 0.5")+step("20m", "add_site", `site = "C"`, "")+step("30m", "remove_site", `site = "C"`, "")+
		step("10m", "add_server", `host = "C1"`, "")+step("10m", "add_connector", `connector = "later"`, "")))
}
