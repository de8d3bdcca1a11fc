package scenarios_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// filling is W16's organisation: two sites with a server of 2016 each, of which M has 470 GB of its 500 GB queue drive in use, and mail every minute to site A
// from outside, from the other site, and from its own mailboxes.
func filling(drive, faults string) string {
	return `
start = 2026-03-02T08:00:00Z
duration = "3h40m"
[model]
version = "2016"
profile = "reference"
[[site]]
name = "A"
[[site]]
name = "B"
[[link]]
name = "A-B"
sites = ["A", "B"]
cost = 10
rtt = "0s"
bandwidth = "unlimited"
[[mailbox]]
name = "M"
site = "A"
` + drive + `
[[mailbox]]
name = "P"
site = "B"
[output]
sample_interval = "1s"
series = ["queue", "server"]
` + regular("outside", "internet", "site:A", "30s", "1m", "3h20m") + regular("other", "site:B", "site:A", "30s", "1m", "3h20m") +
		regular("own", "site:A", "site:A", "30s", "1m", "3h20m") + faults
}

const queueDrive = `queue_drive = { size = "500GB", used = "470GB" }`

func fullDrive(id, keys string) string {
	return fmt.Sprintf("[[fault]]\nid = %q\nkind = \"disk_pressure\"\ntarget = { host = \"M\" }\n%s\n", id, keys)
}

// told lists what a server said of its resources: when, event, level.
func (w *worked) pressures(server string) []string {
	var out []string
	for _, e := range w.run.Events {
		if e.Kind == "pressure" && e.Server == server {
			to := ""
			for _, f := range e.Fields {
				if f.Key == "to" {
					to = fmt.Sprint(f.Value)
				}
			}
			out = append(out, fmt.Sprintf("%s %d %s", w.clock(e.Time), e.ID, to))
		}
	}
	return out
}

// TestF16_DiskPressure is W16: a queue drive that fills, and what is refused at which level.
func TestF16_DiskPressure(t *testing.T) {
	t.Parallel()
	free := func(gb int) string {
		return fmt.Sprintf("[[fault.remedy]]\naction = \"free_disk\"\nafter = \"2h30m\"\nfree = \"%dGB\"\n", gb)
	}
	rise := []string{"09:00:00 15004 Medium", "10:30:00 15004 High", "10:30:00 15006 High"}
	t.Run("FW-16", func(t *testing.T) {
		t.Parallel()
		w := work(t, filling(queueDrive, fullDrive("logs", "fill_rate = \"10GB\"\n"+free(30))))
		require.Equal(t, append(rise, "10:45:00 15005 Low"), w.pressures("M"))
		outside := func(at string) float64 { return w.level("submission_pending", "site=internet", at) }
		own := func(at string) float64 { return w.level("submission_pending", "site=A", at) }
		require.Zero(t, outside("08:59:59"))
		require.Equal(t, 45.0, outside("10:29:59"), "of those of 09:00:30 to 10:29:30 every other one: P passes its own on, as a server of the organisation")
		require.Zero(t, own("10:29:59"), "hubs and mailboxes are still served at Medium")
		require.Equal(t, 15.0, own("10:44:59"), "those of 10:30:30 to 10:44:30: mailbox submission is refused at High")
		require.Equal(t, []string{"10:30:30"}, w.events("queue.retry", "P", "")[:1], "hubs are refused at High, not before")
		require.Zero(t, w.level("server.queue_length", "server=P,class=all,state=all", "10:29:59"))
		const all = "site=all"
		require.Equal(t, w.figure("messages.submitted", all, "total"), w.figure("messages.delivered", all, "total"), "nothing is lost")
	})
	for _, c := range []struct {
		name, drive, faults string
		want                []string
	}{
		// 497.5 GB less 15 GB are 96.5 %; 97 % are not reached again before 10:00:00 and 3 h 40 min are over at 11:40:00: 482.5 GB grow to 491.7 GB.
		{"15 GB freed", queueDrive, fullDrive("logs", "fill_rate = \"10GB\"\n"+free(15)), append(rise, "10:45:00 15005 Medium")},
		// 470 GB are 94 %, and Low begins below.
		{"all is freed", queueDrive, fullDrive("logs", "fill_rate = \"10GB\"\n[[fault.remedy]]\naction = \"free_disk\"\nafter = \"2h30m\"\n"), append(rise, "10:45:00 15005 Medium")},
		{"it ends", queueDrive, fullDrive("logs", "fill_rate = \"10GB\"\nduration = \"90m\"\n"), []string{"09:00:00 15004 Medium"}},
		{"it ends below", `queue_drive = { size = "500GB", used = "460GB" }`, fullDrive("logs", "fill_rate = \"10GB\"\nduration = \"150m\"\n"), []string{"10:00:00 15004 Medium", "10:30:00 15005 Low"}},
		{"two fill it", queueDrive, fullDrive("x", "fill_rate = \"5GB\"") + fullDrive("y", "start = \"1h\"\nfill_rate = \"5GB\""), []string{"09:30:00 15004 Medium", "11:00:00 15004 High", "11:00:00 15006 High"}},
		// Ten steps of two minutes, from nothing to nine tenths of 20 GB/h: 3 GB. 7 GB more take 21 minutes, and 15 GB 45.
		{"faster and faster", queueDrive, fullDrive("x", "fill_rate = \"20GB\"\nramp_up = \"20m\""), []string{"08:41:00 15004 Medium", "09:26:00 15004 High", "09:26:00 15006 High"}},
		{"a share, at once", "", fullDrive("x", "used_to = 0.99\nstart = \"10m1s\"\nduration = \"1h\""), []string{"08:10:02 15004 High", "08:10:02 15006 High", "09:10:02 15005 Low"}},
		{"a share, growing", "", fullDrive("x", "used_from = 0.9\nused_to = 1\nramp_up = \"100m\"\nramp_down = \"10m\"\nduration = \"2h\""),
			[]string{"09:00:00 15004 Medium", "09:30:00 15004 High", "09:30:00 15006 High", "09:54:00 15005 Medium", "09:57:00 15005 Low"}},
		{"of two shares the larger", "", fullDrive("x", "used_to = 0.965\nduration = \"2h\"") + fullDrive("y", "used_to = 1\nstart = \"1h\"\nduration = \"30m\""),
			[]string{"08:00:00 15004 Medium", "09:00:00 15004 High", "09:00:00 15006 High", "09:30:00 15005 Medium", "10:00:00 15005 Low"}},
		{"of two shares the larger, the first", "", fullDrive("x", "used_to = 1\nduration = \"30m\"") + fullDrive("y", "used_to = 0.965\nstart = \"10m\"\nduration = \"2h\""),
			[]string{"08:00:00 15004 High", "08:00:00 15006 High", "08:30:00 15005 Medium", "10:10:00 15005 Low"}},
		{"the log drive", "", fullDrive("x", "drive = \"log\"\nsize = \"100GB\"\nused_from = 0.85\nfill_rate = \"5GB\""), []string{"09:00:00 15004 Medium", "10:48:00 15004 High", "10:48:00 15006 High"}},
		{"the drive for content conversion", "", fullDrive("x", "drive = \"temp\"\nused_to = 0.9\nduration = \"1h\""), []string{"08:00:00 15004 Medium", "09:00:00 15005 Low"}},
		{"the service is down when the level is reached", queueDrive, fullDrive("x", "fill_rate = \"10GB\"") + "[[fault]]\nid = \"down\"\nkind = \"host_down\"\ntarget = { host = \"M\" }\nstart = \"50m\"\nduration = \"20m1s\"\n",
			[]string{"09:10:02 15004 Medium", "10:30:00 15004 High", "10:30:00 15006 High"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := work(t, filling(c.drive, c.faults))
			require.Equal(t, c.want, w.pressures("M"))
		})
	}
}
