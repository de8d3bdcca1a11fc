package scenarios_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios"
	"mailsim/scenarios/expect"
	"mailsim/sim"
	"mailsim/sim/result"
)

// mailroom is a site with the mailbox servers X and Y, each with one mailbox, whose delivery takes the same time for every message.
func mailroom(version, model, mailbox string) string {
	text := fmt.Sprintf(`
name = "mailroom"
start = 2026-03-02T08:00:00Z
duration = "8d"
[model]
version = %q
categoriser = "off"
%s
[[site]]
name = "S"
[[mailbox]]
name = "X"
site = "S"
%s
[[mailbox]]
name = "Y"
site = "S"
%s
[output]
sample_interval = "1h"
series = []
[defaults.load]
kind = "burst"
from = "internet"
count = 1
size = "10KB"
`, version, model, mailbox, mailbox)
	if version < "2013" {
		text += "[[hub]]\nname = \"hub\"\nsite = \"S\"\n"
	}
	return text
}

// copyOf is one copy of message M.
func copyOf(box, at, date string) string {
	return fmt.Sprintf("[[load]]\nto = \"mailbox:%s\"\nat = %q\nmessage_id = \"M\"\ndate = %s\n", box, at, date)
}

// sentAgain is message M, sent to X at the start and again.
func sentAgain(after string) string {
	return fmt.Sprintf("[[load]]\nto = \"mailbox:X\"\nat = \"0s\"\nresend = { after = %q }\n", after)
}

// TestQ12_4_WindowsInARun is the table of what becomes of a second copy, from scenario text to deliveries (Q-12.1, Q-12.2, Q-12.5, Q-12.7,
// QX-5, QD-9). Mailboxes of Exchange Online are none of the organisation's: TestQ12_4_Windows has them.
func TestQ12_4_WindowsInARun(t *testing.T) {
	t.Parallel()
	const utc = "2026-03-02T08:00:00Z"
	first := copyOf("X", "0s", utc)
	off := "duplicate_detection = false"
	for _, g := range []struct {
		row, mail, mailbox  string
		copies              float64
		v2010, doc2007, v13 string // of the last copy
	}{
		{"a", sentAgain("59m"), "", 2, "dup", "dup", "dup"},
		{"b", sentAgain("60m"), "", 2, "deliver", "dup", "dup"},
		{"c", sentAgain("23h"), "", 2, "deliver", "dup", "dup"},
		{"d", sentAgain("24h"), "", 2, "deliver", "dup", "dup"},
		{"e", sentAgain("6d23h"), "", 2, "deliver", "dup", "dup"},
		{"f", sentAgain("7d"), "", 2, "deliver", "deliver", "deliver"},
		{"g", first + copyOf("X", "10m", "2026-03-02T08:00:01Z"), "", 2, "deliver", "deliver", "deliver"},
		{"h", first + copyOf("Y", "10m", utc), "", 2, "deliver", "deliver", "deliver"},
		{"i", first + copyOf("X", "10m", "2026-03-02T17:00:00+09:00"), "", 2, "dup", "dup", "dup"},
		{"j", first + copyOf("X", "50m", utc) + copyOf("X", "70m", utc), "", 3, "deliver", "dup", "dup"},
		{"k", sentAgain("10m"), off, 2, "deliver", "deliver", "dup"},
	} {
		t.Run("QG-29 "+g.row, func(t *testing.T) {
			t.Parallel()
			for _, c := range []struct{ version, model, want string }{
				{"2007", "", g.v2010}, {"2010", "", g.v2010}, {"2007", `duplicate_window = "dup-2007-doc"`, g.doc2007},
				{"2010", `duplicate_window = "168h"`, g.doc2007}, {"2013", "", g.v13}, {"se", "", g.v13},
			} {
				w := work(t, mailroom(c.version, c.model, g.mailbox)+g.mail)
				require.Equal(t, g.copies, w.figure("messages.submitted", "site=all", "total"), c)
				dropped := w.figure("messages.duplicate", "site=all", "total")
				require.Equal(t, g.copies-dropped, w.figure("messages.delivered", "site=all", "total"), c)
				require.Equal(t, g.copies-dropped, w.figure("delivery.delay", "from=all,to=all", "count"), c)
				want := 0.0
				if c.want == "dup" {
					want = 1
				}
				if g.row == "j" { // the second copy is one in any case
					want++
				}
				require.Equal(t, want, dropped, c)
				require.Equal(t, dropped > 0, len(w.told()) > 0, c)
			}
		})
	}
	t.Run("QG-29 l", func(t *testing.T) {
		t.Parallel()
		w := work(t, mailroom("2013", `duplicate_window = "1h"`, "")+sentAgain("2h"))
		require.Equal(t, 1.0, w.figure("messages.duplicate", "site=all", "total"))
	})
	t.Run("longer than information is kept by default", func(t *testing.T) {
		t.Parallel()
		mail := strings.Replace(mailroom("2010", `duplicate_window = "10d"`, ""), `"8d"`, `"11d"`, 1) + sentAgain("9d")
		require.Equal(t, 1.0, work(t, mail).figure("messages.duplicate", "site=all", "total"))
	})
}

// told lists what is written of dropped copies: when, on which server, since when the mailbox has the message, for how many.
func (w *worked) told() []string {
	var out []string
	for _, e := range w.run.Events {
		if e.Kind == "duplicate" {
			f := map[string]any{}
			for _, x := range e.Fields {
				f[x.Key] = x.Value
			}
			out = append(out, fmt.Sprintf("%s %s message %v in %v for %v", time.Duration(e.Time).Round(time.Second), e.Server, f["message"], f["database"], f["recipients"]))
		}
	}
	return out
}

// TestQ12_3_WhatIsTold: the first copy that is dropped because of a delivery is written down, by the server that delivers; those after it are
// only counted, and no report goes to the sender.
func TestQ12_3_WhatIsTold(t *testing.T) {
	t.Parallel()
	storm := "[[load]]\nto = \"mailbox:X\"\nat = \"0s\"\nresend = { after = \"7m\", times = 20 }\n"
	for version, want := range map[string][]string{
		"2010": {"7m0s hub message 2 in X for 1", "1h10m0s hub message 11 in X for 1", "2h13m0s hub message 20 in X for 1"},
		"2016": {"7m0s X message 2 in X for 1"},
	} {
		w := work(t, mailroom(version, "", "")+storm)
		require.Equal(t, want, w.told(), version)
		require.Equal(t, 21-float64(len(want)), w.figure("messages.duplicate", "site=internet", "total"), version)
		require.Zero(t, w.figure("dsn.count", "kind=ndr", "total"))
		require.Contains(t, w.run.Events[0].Text, "STOREDRIVER DUPLICATEDELIVER")
	}
}

// toAndCc has one message to X, and to a list that X and four others are on, which a server of another site expands. Each relay takes half
// a second, and a second in the categoriser.
func toAndCc(version, to, cc string) string {
	hubs := "[[hub]]\nname = \"hub\"\nsite = \"S\"\n[[hub]]\nname = \"lists\"\nsite = \"H\"\n"
	if version >= "2013" {
		hubs = "[[mailbox]]\nname = \"lists\"\nsite = \"H\"\nmailboxes = 0\n"
	}
	return fmt.Sprintf(`
name = "to-and-cc"
start = 2026-03-02T08:00:00Z
duration = "1h"
[model]
version = %q
profile = "reference"
session = { per_message = "500ms" }
[[site]]
name = "S"
[[site]]
name = "H"
[[link]]
name = "S-H"
sites = ["S", "H"]
rtt = "0s"
bandwidth = "unlimited"
%s
[[mailbox]]
name = "X"
site = "S"
mailboxes = 5
[[group]]
name = "L"
members = ["site:S"]
expansion_server = "lists"
[[group]]
name = "here"
members = ["site:S"]
[[load]]
kind = "burst"
from = "mailbox:X"
to = %s
cc = %s
at = "1m"
count = 1
size = "10KB"
`, version, hubs, to, cc)
}

// TestQ12_9_ToAndCc: the copy of the recipient's own address is delivered, and three seconds later the list's is dropped for him and
// delivered to the other members, in every version (QG-30).
func TestQ12_9_ToAndCc(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2007", "2010", "2013", "2016", "se"} {
		t.Run("QG-30 "+version, func(t *testing.T) {
			t.Parallel()
			w := work(t, toAndCc(version, `"mailbox:X"`, `"group:L"`))
			require.Equal(t, 5.0, w.figure("messages.delivered", "site=all", "total"))
			require.Equal(t, 1.0, w.figure("messages.duplicate", "site=all", "total"))
			require.Len(t, w.told(), 1)
			i := 0
			for w.run.Events[i].Kind != "duplicate" {
				i++
			}
			require.Equal(t, 3*time.Second, time.Duration(w.run.Events[i].Time)-delivered(t, w.run.Events[i]))
		})
	}
}

// TestQ12_9_WantedMail runs the shipped scenarios of mail that somebody wanted and did not get: their expectations say who.
func TestQ12_9_WantedMail(t *testing.T) {
	t.Parallel()
	names := 0
	for _, name := range scenarios.Shipped() {
		if !strings.HasPrefix(name, "@duplicates/") {
			continue
		}
		names++
		t.Run(strings.TrimPrefix(name, "@duplicates/"), func(t *testing.T) {
			t.Parallel()
			s, err := scenarios.Load(nil, name)
			require.NoError(t, err)
			require.Len(t, s.Points(), 1)
			cfg, err := s.Config(s.Points()[0])
			require.NoError(t, err)
			m := result.NewMemory(0, 0)
			require.NoError(t, sim.Run(t.Context(), cfg, 0, m))
			w := &worked{t, cfg.Start, m.Run()}
			expectations := s.Expectations()
			require.NotEmpty(t, expectations)
			for _, e := range expectations {
				requireMet(t, w, e)
			}
		})
	}
	require.Equal(t, 4, names)
}

// requireMet requires that a run keeps an expectation of the form "== 60 msg" on one entity.
func requireMet(t *testing.T, w *worked, e expect.Expectation) {
	t.Helper()
	number, _, ok := strings.Cut(strings.TrimPrefix(e.Must, "== "), " ")
	require.True(t, ok, e.Must)
	want, err := strconv.ParseFloat(number, 64)
	require.NoError(t, err)
	for _, m := range w.run.Summary.Metrics {
		same := m.Metric == e.Metric
		for _, l := range m.Labels {
			same = same && e.Where[l.Key] == l.Value
		}
		if same {
			require.Equal(t, want, w.figure(m.Metric, m.Labels.String(), e.Stat), e.ID)
			return
		}
	}
	require.Fail(t, "no such figure", e.ID)
}

func delivered(t *testing.T, e result.Event) time.Duration {
	t.Helper()
	for _, f := range e.Fields {
		if f.Key == "delivered" {
			d, err := time.ParseDuration(fmt.Sprint(f.Value))
			require.NoError(t, err)
			return d
		}
	}
	require.Fail(t, "no field delivered")
	return 0
}

// TestQ12_9_OneServerSendsOneCopy: where the recipient and the list, or two lists, are in one copy when it is expanded, everybody is in it
// once; a mailbox that stands in to and in cc is one recipient.
func TestQ12_9_OneServerSendsOneCopy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		to, cc               string
		delivered, duplicate float64
	}{
		{`"mailbox:X"`, `"group:here"`, 5, 0},
		{`"group:here"`, `"mailbox:X"`, 5, 0},
		{`"mailbox:X"`, `"mailbox:X"`, 1, 0},
		{`"group:here"`, `"group:here"`, 5, 0},
		{`"group:here"`, `"group:L"`, 5, 5},
		{`"mailbox:X"`, `["group:here", "group:L"]`, 5, 5},
	} {
		for _, version := range []string{"2010", "2016"} {
			w := work(t, toAndCc(version, c.to, c.cc))
			require.Equal(t, c.delivered, w.figure("messages.delivered", "site=all", "total"), c)
			require.Equal(t, c.duplicate, w.figure("messages.duplicate", "site=all", "total"), c)
		}
	}
}

// TestQ12_2_MoreThanAnEnvelope: a message for more mailboxes of a database than an envelope holds comes in parts, which are for different
// mailboxes; sent again, each part is for those that it was for.
func TestQ12_2_MoreThanAnEnvelope(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2010", "2016"} {
		text := strings.Replace(toAndCc(version, `"group:here"`, `"mailbox:X"`), "mailboxes = 5", "mailboxes = 2500", 1) + "resend = { after = \"30m\" }\n"
		w := work(t, text)
		require.Equal(t, 2500.0, w.figure("messages.delivered", "site=all", "total"), version)
		require.Equal(t, 2500.0, w.figure("messages.duplicate", "site=all", "total"), version)
		require.Len(t, w.told(), 3, "one for each part, that is for each delivery")
	}
}

// TestQ12_2_NamesAreKeptUnderWay: messages that wait keep their names, whatever passes by meanwhile.
func TestQ12_2_NamesAreKeptUnderWay(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2010", "2016"} {
		text := mailroom(version, "", "") + "[[mailbox]]\nname = \"sender\"\nsite = \"S\"\n" +
			"[[load]]\nid = \"wait\"\nto = \"mailbox:X\"\nat = \"0s\"\ncount = 10\nresend = { after = \"50m\" }\n" +
			"[[load]]\nid = \"pass\"\nfrom = \"mailbox:sender\"\nto = \"mailbox:Y\"\nat = \"1s\"\nover = \"20m\"\ncount = 5000\nresend = { after = \"1m\" }\n" +
			"[[fault]]\nkind = \"host_down\"\ntarget = { host = \"X\" }\nstart = \"0s\"\nend = \"30m\"\n"
		w := work(t, text)
		require.Equal(t, 5010.0, w.figure("messages.delivered", "site=all", "total"), version)
		require.Equal(t, 5010.0, w.figure("messages.duplicate", "site=all", "total"), version)
	}
}

// TestQ12_10_WhereTheMailboxesAre: what is remembered goes with the mailboxes: to the other server that they are moved to, and it is that of the
// database wherever its active copy is.
func TestQ12_10_WhereTheMailboxesAre(t *testing.T) {
	t.Parallel()
	move := "[[action]]\nat = \"30m\"\naction = \"move_mailbox\"\ntarget = { host = \"X\" }\nto = \"Y\"\nduration = \"0s\"\n"
	for _, version := range []string{"2010", "2016"} {
		w := work(t, mailroom(version, "", "")+sentAgain("40m")+move)
		require.Equal(t, 1.0, w.figure("messages.duplicate", "site=all", "total"), version)
		require.Equal(t, map[string]string{"2010": "hub", "2016": "Y"}[version], w.run.Events[len(w.run.Events)-1].Server)
	}
	dag := "[[dag]]\nname = \"dag\"\nmembers = [\"X\", \"Y\"]\ndatabases = [{ name = \"X\", active = \"Y\", copies = [\"X\", \"Y\"] }]\n"
	w := work(t, mailroom("2016", "", "")+sentAgain("40m")+dag)
	require.Equal(t, []string{"40m0s Y message 2 in X for 1"}, w.told())
}
