package scenarios_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
)

// storeDown is W18's story: from 10:00:20 on a message every 20 s for the one database of AM1, and as many the other way and for the one of AM2, which
// stays. Both machines are in site A.
func storeDown(keys string) string {
	return fmt.Sprintf(ref2, at0900, "3h", 10, 10) + regular("down", "mailbox:AM2", "mailbox:AM1", "1h20s", "20s", "2h") +
		regular("up", "mailbox:AM2", "mailbox:AM2", "1h20s", "20s", "2h") + regular("back", "mailbox:AM1", "mailbox:AM2", "1h20s", "20s", "2h") + `
[[mailbox]]
name = "AM2"
site = "A"
[[fault]]
id = "store"
kind = "store_down"
start = "1h"
target = { host = "AM1" }
` + keys
}

// TestF18_StoreDown is W18: the queue of the store tries every 5 minutes, the other store is not touched, and whose mailbox is down cannot send.
func TestF18_StoreDown(t *testing.T) {
	t.Parallel()
	const all = "site=all"
	tries := []string{"10:00:20", "10:05:20", "10:10:20", "10:15:20", "10:20:20", "10:25:20", "10:30:20", "10:35:20", "10:40:20"}
	for _, c := range []struct {
		name, keys string
		failed     int     // attempts that fail
		over       string  // when the fault is over; "" = it is not
		held       float64 // at the end of the run
	}{
		{"FW-18", `duration = "40m"`, 8, "10:40:00", 0},
		{"remounted", "[[fault.remedy]]\naction = \"remount_store\"\nafter = \"35m\"", 8, "10:40:00", 0},
		{"remounted, then over", "duration = \"2h\"\n[[fault.remedy]]\naction = \"remount_store\"\nafter = \"35m\"", 8, "10:40:00", 0},
		{"two faults", "duration = \"20m\"\n[[fault]]\nid = \"other\"\nkind = \"store_down\"\nstart = \"65m\"\nduration = \"35m\"\ntarget = { site = \"A\" }\ndatabase = \"AM1\"", 8, "10:20:00", 0},
		{"nobody helps", "", 9, "", 180 + 180},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := work(t, storeDown(c.keys))
			require.Equal(t, tries[:c.failed], w.events("queue.retry", "A1", "")[:c.failed])
			require.Equal(t, []string{"10:00:00"}, w.events("fault", "AM1", "fault=store")[:1])
			require.Equal(t, c.held, w.figure("messages.held", all, "total"))
			require.Zero(t, w.figure("messages.bounced", all, "total"))
			sent := w.figure("messages.submitted", all, "total")
			require.Equal(t, sent-c.held, w.figure("messages.delivered", all, "total"))
			if c.over == "" {
				require.Nil(t, w.run.Summary.Faults[0].EndNS)
				return
			}
			require.Len(t, w.events("queue.retry", "A1", ""), c.failed)
			require.Equal(t, c.over, w.clock(simtime.Time(*w.run.Summary.Faults[0].EndNS)))
			require.Equal(t, 121.0, w.length("A1", "AM1", "10:40:19")+1, "120 wait when the one of 10:40:20 comes, and the attempt of that instant succeeds")
			require.Equal(t, []string{"10:40:20"}, w.events("queue.active", "A1", ""))
			require.LessOrEqual(t, w.length("A1", "AM2", "10:30:00"), 1.0, "the other database is not touched")
			for _, e := range w.run.Events {
				if e.Kind == "queue.retry" {
					require.Contains(t, e.Text, "432 4.3.2")
				}
			}
		})
	}
}

// TestF18_OneOfSeveralDatabases: up to 2010 the databases of a server share a queue, and what is for the one that is down is put off by itself; from 2013 on each
// has its own, and the others do not notice.
func TestF18_OneOfSeveralDatabases(t *testing.T) {
	t.Parallel()
	text := func(version, more string) string {
		hubs := ""
		if version < "2013" {
			hubs = "[[hub]]\nname = \"M\"\nsite = \"A\"\n[[hub]]\nname = \"N\"\nsite = \"A\"\n"
		}
		return `
start = 2026-03-02T09:00:00Z
duration = "3h"
[model]
version = "` + version + `"
profile = "reference"
[[site]]
name = "A"
` + hubs + `
[[mailbox]]
name = "M"
site = "A"
databases = ["x", "y"]
[[mailbox]]
name = "N"
site = "A"
[output]
sample_interval = "1s"
series = ["queue"]
[[fault]]
id = "x"
kind = "store_down"
start = "1h"
target = { host = "M" }
database = "x"
` + more
	}
	const over = "duration = \"31m\"\n"
	toM := regular("n", "mailbox:N", "mailbox:M", "1h10s", "20s", "2h")
	const all = "site=all"
	for _, c := range []struct {
		version string
		queue   bool // the queue of the database is in Retry
	}{{"2007", false}, {"2010", false}, {"2013", true}, {"2016", true}} {
		t.Run(c.version, func(t *testing.T) {
			t.Parallel()
			w := work(t, text(c.version, over+toM))
			require.Equal(t, 180.0, w.figure("messages.delivered", all, "total"))
			require.Greater(t, w.figure("delivery.delay", "from=all,to=all", "max"), 1000.0)
			require.Less(t, w.figure("delivery.delay", "from=all,to=all", "p50"), 60.0, "what is for the other database is not late")
			retries := 0
			for _, e := range w.run.Events {
				if e.Kind == "queue.retry" {
					retries++
				}
			}
			require.Equal(t, c.queue, retries > 0)
			require.Zero(t, w.figure("messages.held", all, "total"))
		})
	}
	t.Run("half of the senders", func(t *testing.T) {
		t.Parallel()
		fromM := regular("m", "mailbox:M", "mailbox:N", "1h5s", "1s", "80m")
		w := work(t, text("2010", fromM))
		require.Equal(t, 1196.0, w.figure("messages.submitted", all, "total"))
		require.InDelta(t, 1196.0/2, w.figure("messages.held", all, "total"), 40)
		w = work(t, text("2010", over+fromM))
		require.Equal(t, 1196.0, w.figure("messages.delivered", all, "total"))
	})
}

// TestF18_AnotherCopy: a database that is dismounted where it was is reached where its copy becomes active; on a server that has a copy only, nothing shows.
func TestF18_AnotherCopy(t *testing.T) {
	t.Parallel()
	text := func(host, more string) string {
		return `
start = 2026-03-02T09:00:00Z
duration = "3h"
[model]
version = "2016"
profile = "reference"
[[site]]
name = "A"
[[mailbox]]
name = "M"
site = "A"
[[mailbox]]
name = "N"
site = "A"
[[mailbox]]
name = "O"
site = "A"
[[dag]]
name = "D"
members = ["M", "N"]
databases = [{ name = "db", active = "M", copies = ["M", "N"] }]
[output]
sample_interval = "1s"
series = ["queue"]
[[fault]]
id = "db"
kind = "store_down"
start = "1h"
database = "db"
target = { host = "` + host + `" }
` + more + regular("o", "mailbox:O", "mailbox:M", "1h10s", "20s", "2h") + regular("m", "mailbox:M", "mailbox:O", "1h10s", "20s", "2h")
	}
	const all = "site=all"
	require.Equal(t, 360.0, work(t, text("M", "")).figure("messages.held", all, "total"))
	require.Zero(t, work(t, text("N", "")).figure("messages.held", all, "total"), "it is not active there")
	w := work(t, text("M", "[[fault.remedy]]\naction = \"activate_copy\"\nafter = \"20m\"\ntarget = { database = \"db\" }\n"))
	require.Zero(t, w.figure("messages.held", all, "total"))
	require.Equal(t, 360.0, w.figure("messages.delivered", all, "total"))
	delay := w.figure("delivery.delay", "from=all,to=all", "max")
	require.Greater(t, delay, 1200.0, "nothing comes in before the copy is active")
	require.Less(t, delay, 1600.0)
}
