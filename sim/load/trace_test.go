package load

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

func smallSpec() TraceSpec {
	return TraceSpec{
		Name:    "messages.csv",
		Columns: Columns{Time: "when", Sender: "who", Recipients: "whom", Size: "bytes", MessageID: "id"},
	}
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return data
}

func readSmallTrace(t testing.TB) []Raw {
	t.Helper()
	raws, err := ReadTrace(bytes.NewReader(readFile(t, "testdata/trace/messages.csv")), smallSpec())
	require.NoError(t, err)
	return raws
}

func smallSites(t testing.TB) *Lookup {
	t.Helper()
	mailboxes, err := ReadLookup(bytes.NewReader(readFile(t, "testdata/trace/mailboxes.csv")),
		LookupSpec{Name: "mailboxes.csv", Key: "mailbox", Value: "department"})
	require.NoError(t, err)
	departments, err := ReadLookup(bytes.NewReader(readFile(t, "testdata/trace/sites.csv")),
		LookupSpec{Name: "sites.csv", Key: "departments", Value: "site", Separator: " "})
	require.NoError(t, err)
	sites, err := mailboxes.Then(departments)
	require.NoError(t, err)
	return sites
}

// smallOrg has two mailbox servers in North, the second with two databases, and one in South.
func smallOrg(t testing.TB) *topology.Organisation {
	b := topology.NewBuilder(topology.V2010)
	north, south := b.Site(topology.Site{Name: "North"}), b.Site(topology.Site{Name: "South"})
	b.Server(topology.Server{Name: "n1", Site: north, Roles: topology.RoleMailbox, Mailboxes: 1})
	b.Server(topology.Server{Name: "n2", Site: north, Roles: topology.RoleMailbox, Mailboxes: 2, Databases: []string{"x", "y"}})
	b.Server(topology.Server{Name: "n3", Site: north, Roles: topology.RoleMailbox})
	b.Server(topology.Server{Name: "s1", Site: south, Roles: topology.RoleMailbox})
	b.Site(topology.Site{Name: "Empty"})
	org, err := b.Build()
	require.NoError(t, err)
	return org
}

func TestReadTrace(t *testing.T) {
	t.Parallel()
	var got []string
	for _, m := range readSmallTrace(t) {
		got = append(got, fmt.Sprintf("%v %s: %s > %s, %d bytes, line %d", m.At, m.ID, m.Sender, strings.Join(m.Recipients, " "), m.Size, m.Line))
	}
	require.Equal(t, []string{
		"0s m1: ann > bob cid, 2048 bytes, line 2",
		"12.5s m2: bob > ann, 0 bytes, line 3",
		"30s m3: cid > ann bob dan eve, 5000 bytes, line 4",
		"30s m4: dan > eve, 1200 bytes, line 5",
		"45s m7: fay > dan, 0 bytes, line 8",
		"1m1.25s m5: eve > fay@contoso.com ann, 900 bytes, line 6",
		"1m1.25s m6: gus@contoso.com > ann bob, 70000 bytes, line 7",
		"1m30s m8: ann > bob dan, 300 bytes, line 9",
	}, got)
}

func TestReadTraceTimes(t *testing.T) {
	t.Parallel()
	tokyo := time.FixedZone("JST", 9*3600)
	start := time.Date(2026, 3, 2, 8, 0, 0, 0, tokyo)
	for name, c := range map[string]struct {
		unit TimeUnit
		date string // the cell; "" = no such column
		time string
		want time.Duration
	}{
		"seconds":             {"s", "", "12.000000001", 12*time.Second + 1},
		"seconds by default":  {"", "", "86400", 24 * time.Hour},
		"milliseconds":        {"ms", "", "1500.5", 1500500 * time.Microsecond},
		"unix":                {"unix", "", "1772406001.25", 1250 * time.Millisecond},
		"instant":             {"RFC3339", "", "2026-03-01T23:00:02.5Z", 2500 * time.Millisecond},
		"date and seconds":    {"s", "2026-03-03", "28800", 24 * time.Hour},
		"date and clock time": {"RFC3339", "2026-03-02", "08:00:07.25", 7250 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			spec := TraceSpec{Name: "x", Columns: Columns{Time: "t", Sender: "s", Recipients: "r"}, TimeUnit: c.unit, Start: start}
			if c.date != "" {
				spec.Columns.Date = "d"
			}
			raws, err := ReadTrace(strings.NewReader("d,t,s,r\n"+c.date+","+c.time+",a,b\n"), spec)
			require.NoError(t, err)
			require.Equal(t, simtime.Time(c.want), raws[0].At)
		})
	}
}

func TestReadTraceCells(t *testing.T) {
	t.Parallel()
	spec := TraceSpec{Name: "x", Columns: Columns{Time: "t", Sender: "s", Recipients: "r"}}
	for name, c := range map[string]struct {
		text, separator string
		want            []string
	}{
		"blanks":                {"t,s,r\n1,a, b  c \n", "", []string{"b", "c"}},
		"each once":             {"t,s,r\n1,a,b c b\n", " ", []string{"b", "c"}},
		"semicolons":            {"t,s,r\n1,a,b c; d;\n", ";", []string{"b c", "d"}},
		"commas in quotes":      {"t,s,r\n1,a,\"b,c\"\n", ",", []string{"b", "c"}},
		"other order of column": {"r,t,s\nb,1,a\n", "", []string{"b"}},
		"byte order mark":       {"\xef\xbb\xbft,s,r\n1,a,b\n", "", []string{"b"}},
		"carriage returns":      {"t,s,r\r\n1,a,b\r\n\r\n", "", []string{"b"}},
		"header with blanks":    {"t, s, r\n1,a,b\n", "", []string{"b"}},
		"to oneself":            {"t,s,r\n1,a,a\n", "", []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			spec := spec
			spec.Separator = c.separator
			raws, err := ReadTrace(strings.NewReader(c.text), spec)
			require.NoError(t, err)
			require.Len(t, raws, 1)
			require.Equal(t, "a", raws[0].Sender)
			require.Equal(t, c.want, raws[0].Recipients)
		})
	}
	raws, err := ReadTrace(strings.NewReader("t,s,r\n"), spec)
	require.NoError(t, err)
	require.Empty(t, raws)
}

func TestReadTraceErrors(t *testing.T) {
	t.Parallel()
	columns := Columns{Time: "t", Sender: "s", Recipients: "r", Size: "b", MessageID: "i", Date: "d"}
	start := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	plain := TraceSpec{Columns: Columns{Time: "t", Sender: "s", Recipients: "r", Size: "b"}}
	unit := func(u TimeUnit) TraceSpec { s := plain; s.TimeUnit, s.Start = u, start; return s }
	dated := func(u TimeUnit) TraceSpec { return TraceSpec{Columns: columns, TimeUnit: u, Start: start} }
	for name, c := range map[string]struct {
		spec TraceSpec
		text string
		want string
	}{
		"empty":        {plain, "", "x.csv:1:1: is empty; the first row must name the columns"},
		"no column":    {plain, "t,s,to\n", "x.csv:1:1: has no column \"r\" for the recipients; its columns are \"t\", \"s\", \"to\"\nx.csv:1:1: has no column \"b\" for the size; its columns are \"t\", \"s\", \"to\""},
		"column twice": {plain, "t,s,r,b,s\n", `x.csv:1:1: has more than one column "s"; rename all but one`},
		"cells":        {plain, "t,s,r,b\n1,a,b\n1,a,b,1,1\n", "x.csv:2:1: row has 3 cells, the header has 4; put a cell with commas into double quotes\nx.csv:3:1: row has 5 cells, the header has 4; put a cell with commas into double quotes"},
		"quote":        {plain, "t,s,r,b\n1,a\"a,b,1\n", "x.csv:2:4: stray double quote; put the whole cell into double quotes and write each of its own twice"},
		"open quote":   {plain, "t,s,r,b\n1,a,\"b,1\n", "x.csv:2:10: stray double quote; put the whole cell into double quotes and write each of its own twice"},
		"sender":       {plain, "t,s,r,b\n1, ,b,1\n", "x.csv:2:3: message has no sender; write the mailbox that sent it, or leave the row out"},
		"recipients":   {plain, "t,s,r,b\n1,a,  ,1\n", "x.csv:2:5: message has no recipient; write the mailboxes that got it, or leave the row out"},
		"size":         {plain, "t,s,r,b\n1,a,b,10KB\n", `x.csv:2:7: size "10KB" is no whole number of bytes from 0 to 1125899906842624; leave it empty where it is not known`},
		"size below":   {plain, "t,s,r,b\n1,a,b,-1\n", `x.csv:2:7: size "-1" is no whole number of bytes from 0 to 1125899906842624; leave it empty where it is not known`},
		"time":         {plain, "t,s,r,b\n08:00,a,b,1\n", `x.csv:2:1: time "08:00" is no number of s; write 12 or 12.5, or set time_unit to s, ms, unix or RFC3339`},
		"time empty":   {plain, "t,s,r,b\n,a,b,1\n", `x.csv:2:1: time "" is no number of s; write 12 or 12.5, or set time_unit to s, ms, unix or RFC3339`},
		"time below":   {plain, "t,s,r,b\n-1,a,b,1\n", `x.csv:2:1: time "-1" is no number of s; write 12 or 12.5, or set time_unit to s, ms, unix or RFC3339`},
		"time of Go":   {unit("ms"), "t,s,r,b\n1h3,a,b,1\n", `x.csv:2:1: time "1h3" is no number of ms; write 12 or 12.5, or set time_unit to s, ms, unix or RFC3339`},
		"time far":     {plain, "t,s,r,b\n4700000000,a,b,1\n", `x.csv:2:1: time "4700000000" is more than 146 years after the start of the run; check time_unit`},
		"instant":      {unit("RFC3339"), "t,s,r,b\n08:00:00,a,b,1\n", `x.csv:2:1: time "08:00:00" is no instant; write 2026-03-02T08:00:00+09:00, or set time_unit to s, ms or unix`},
		"early":        {unit("RFC3339"), "t,s,r,b\n2026-03-02T07:59:00Z,a,b,1\n", `x.csv:2:1: time "2026-03-02T07:59:00Z" is 1m0s before the start of the run; start the run earlier, or leave the row out`},
		"early unix":   {unit("unix"), "t,s,r,b\n1772438399,a,b,1\n", `x.csv:2:1: time "1772438399" is 1s before the start of the run; start the run earlier, or leave the row out`},
		"date":         {dated("s"), "t,s,r,b,i,d\n1,a,b,1,m,March 2\n", `x.csv:2:11: date "March 2" is no day; write 2026-03-02`},
		"date, clock":  {dated("RFC3339"), "t,s,r,b,i,d\n8 am,a,b,1,m,2026-03-02\n", `x.csv:2:1: date "2026-03-02" and time "8 am" are no instant; write 2026-03-02 and 08:00:00`},
		"date, unix":   {dated("unix"), "t,s,r,b,i,d\n", `x.csv: columns: date does not go with time_unit "unix", whose times have their date in them; leave one out`},
		"unit":         {unit("min"), "t,s,r,b\n", `x.csv: time_unit "min" does not exist; write s, ms, unix or RFC3339`},
		"columns":      {TraceSpec{TimeUnit: "unix"}, "t,s,r,b\n", "x.csv: columns: time is missing; name the column of the trace that holds it\nx.csv: columns: sender is missing; name the column of the trace that holds it\nx.csv: columns: recipients is missing; name the column of the trace that holds it\nx.csv: dates need the start of the run; set start"},
		"several":      {plain, "t,s,r,b\n1,,b,1\n1,a,b\nx,a,b,1\n2,a,b,2\n", "x.csv:2:3: message has no sender; write the mailbox that sent it, or leave the row out\nx.csv:3:1: row has 3 cells, the header has 4; put a cell with commas into double quotes\nx.csv:4:1: time \"x\" is no number of s; write 12 or 12.5, or set time_unit to s, ms, unix or RFC3339"},
	} {
		t.Run(name, func(t *testing.T) {
			c.spec.Name = "x.csv"
			_, err := ReadTrace(strings.NewReader(c.text), c.spec)
			require.EqualError(t, err, c.want)
		})
	}
	_, err := ReadTrace(strings.NewReader("t,s,r,b\n"+strings.Repeat("1,,b,1\n", 50)), plain)
	require.Equal(t, 20, strings.Count(err.Error(), "no sender"))
	require.ErrorContains(t, err, "and 30 more problems")
	_, err = ReadTrace(&failing{}, TraceSpec{Name: "x.csv", Columns: plain.Columns})
	require.ErrorContains(t, err, "x.csv: disk is gone")
}

type failing struct{}

func (*failing) Read([]byte) (int, error) { return 0, fmt.Errorf("disk is gone") }

func TestReadLookupErrors(t *testing.T) {
	t.Parallel()
	spec := LookupSpec{Name: "m.csv", Key: "mailbox", Value: "site"}
	for name, c := range map[string]struct {
		spec LookupSpec
		text string
		want string
	}{
		"no column":   {spec, "mailbox,town\n", `m.csv:1:1: has no column "site" for the values; its columns are "mailbox", "town"`},
		"none named":  {LookupSpec{Name: "m.csv"}, "mailbox,town\n", "m.csv: name the column of the keys and that of the values"},
		"empty key":   {spec, "mailbox,site\n,A\n", `m.csv:2:1: "mailbox" is empty; write the key, or leave the row out`},
		"empty value": {spec, "mailbox,site\na,\n", `m.csv:2:3: "site" is empty; write the value that "a" stands for`},
		"twice":       {spec, "mailbox,site\na,A\na,A\na,B\n", `m.csv:4:1: "a" stands for "B" here and for "A" in line 2; keep one of them`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadLookup(strings.NewReader(c.text), c.spec)
			require.EqualError(t, err, c.want)
		})
	}
}

func TestLookupsAreJoined(t *testing.T) {
	t.Parallel()
	sites := smallSites(t)
	for mailbox, want := range map[string]string{"ann": "North", "cid": "North", "dan": "South", "eve": "South"} {
		got, ok := sites.Get(mailbox)
		require.True(t, ok)
		require.Equal(t, want, got, mailbox)
	}
	_, ok := sites.Get("sales")
	require.False(t, ok)
	require.Equal(t, 6, sites.Len())

	a, err := ReadLookup(strings.NewReader("m,d\nann,sales\nbob,moon\n"), LookupSpec{Name: "a.csv", Key: "m", Value: "d"})
	require.NoError(t, err)
	b, err := ReadLookup(strings.NewReader("d,s\nsales,North\n"), LookupSpec{Name: "b.csv", Key: "d", Value: "s"})
	require.NoError(t, err)
	_, err = a.Then(b)
	require.EqualError(t, err, `a.csv:3:5: "moon" is not in b.csv; add it there`)
}

func TestPlaceDealsMailboxesOut(t *testing.T) {
	t.Parallel()
	org := smallOrg(t)
	n1, n2, s1 := topology.ServerID(0), topology.ServerID(1), topology.ServerID(3)
	got, err := Placement{Name: "messages.csv", Sites: smallSites(t), Org: org}.Place(readSmallTrace(t))
	require.NoError(t, err)
	at := func(s topology.ServerID, db int32) Party {
		return Party{Kind: PartyMailbox, Server: s, Database: db, Weight: 1}
	}
	ann, bob, cid, dan := at(n1, 1), at(n2, 1), at(n1, 1), at(s1, 1) // n3 has no mailboxes while others of the site have
	require.Equal(t, TraceMessage{From: ann, To: []Party{bob, cid}, Size: 2048}, got[0])
	require.Equal(t, TraceMessage{At: seconds(61.25)[0], From: Party{Kind: PartyInternet, Domain: "contoso.com", Weight: 1}, To: []Party{ann, bob}, Size: 70000}, got[6])
	require.Equal(t, TraceMessage{At: seconds(90)[0], From: ann, To: []Party{bob, dan}, Size: 300}, got[7])

	// The fourth mailbox of North is on the second database of n2.
	four, err := ReadLookup(strings.NewReader("m,s\na,North\nb,North\nc,north\nd,North\n"), LookupSpec{Name: "four.csv", Key: "m", Value: "s"})
	require.NoError(t, err)
	got, err = Placement{Name: "x", Sites: four, Org: org}.Place([]Raw{{Sender: "c", Recipients: []string{"a", "b", "c", "d"}}})
	require.NoError(t, err)
	require.Equal(t, []Party{at(n1, 1), at(n2, 1), at(n1, 1), at(n2, 2)}, got[0].To)
}

func TestPlaceErrors(t *testing.T) {
	t.Parallel()
	raws, err := ReadTrace(strings.NewReader("when,who,whom,bytes,id\n1,ann,zoe moon,,\n2,zoe,ann empty,,\n3,typo@a.example,x@b.example,,\n"), smallSpec())
	require.NoError(t, err)
	sites, err := ReadLookup(strings.NewReader("m,s\nann,North\nempty,Empty\nmoon,Moon\nann@a.example,North\n"),
		LookupSpec{Name: "m.csv", Key: "m", Value: "s"})
	require.NoError(t, err)
	_, err = Placement{Name: "t.csv", Sites: sites, Org: smallOrg(t)}.Place(raws)
	require.EqualError(t, err, strings.Join([]string{
		`t.csv:2:7: mailbox "zoe" is not in m.csv; add it there`,
		`t.csv:2:7: mailbox "moon" is at site "Moon" (m.csv:4:6), which is not declared; add a [[site]], or correct the name`,
		`t.csv:3:7: mailbox "empty" is at site "Empty" (m.csv:3:7), which has no mailbox server; add a [[mailbox]] there`,
		`t.csv:4:3: mailbox "typo@a.example" is not in m.csv; add it there`,
	}, "\n"))
}

func TestPlaceByServerNames(t *testing.T) {
	t.Parallel()
	org := smallOrg(t)
	got, err := Placement{Name: "t.csv", Org: org}.Place([]Raw{{Sender: "N1", Recipients: []string{"s1", "a@b.example"}}})
	require.NoError(t, err)
	require.Equal(t, []TraceMessage{{
		From: Party{Kind: PartyMailbox, Server: 0, Weight: 1},
		To:   []Party{{Kind: PartyMailbox, Server: 3, Weight: 1}, {Kind: PartyInternet, Domain: "b.example", Weight: 1}},
	}}, got)
	_, err = Placement{Name: "t.csv", Org: org}.Place([]Raw{{Sender: "ann", Recipients: []string{"s1"}, Line: 2, SenderColumn: 3}})
	require.EqualError(t, err, `t.csv:2:3: mailbox "ann" is no mailbox server; name one, or say by mailboxes = { file, mailbox, site } which site it is at`)
}

// pairs counts deliveries and copies by pair of sites.
type pairs struct{ deliveries, copies map[[2]string]int }

func newPairs() pairs { return pairs{make(map[[2]string]int), make(map[[2]string]int)} }

// playedPairs plays a trace out and counts.
func playedPairs(t *testing.T, list []TraceMessage, org *topology.Organisation) pairs {
	t.Helper()
	in := newNumbers()
	s := Source{ID: "replay", Kind: Replay, Trace: list, End: simtime.Never}
	g, err := NewGenerator(0, &s, org, in, rng.NewRoot(1, 0), t0(), simtime.Never)
	require.NoError(t, err)
	out := newPairs()
	n := 0
	for m, ok := g.Next(); ok; m, ok = g.Next() {
		n++
		from := org.Sites[org.Servers[m.From].Site].Name
		var seen []string
		for _, r := range m.Recipients {
			to := org.Sites[org.Servers[in.list[r.Dest].Server].Site].Name
			out.deliveries[[2]string{from, to}] += int(r.Count)
			if !slices.Contains(seen, to) {
				seen = append(seen, to)
				out.copies[[2]string{from, to}]++
			}
		}
	}
	require.Len(t, list, n)
	return out
}

func TestReplayOfTheSmallTrace(t *testing.T) {
	t.Parallel()
	org := smallOrg(t)
	list, err := Placement{Name: "messages.csv", Sites: smallSites(t), Org: org}.Place(readSmallTrace(t))
	require.NoError(t, err)
	inside := slices.DeleteFunc(list, func(m TraceMessage) bool {
		return m.From.Kind == PartyInternet || m.To[0].Kind == PartyInternet
	})
	nn, ns, ss := [2]string{"North", "North"}, [2]string{"North", "South"}, [2]string{"South", "South"}
	require.Equal(t, pairs{
		deliveries: map[[2]string]int{nn: 2 + 1 + 2 + 1, ns: 2 + 1, ss: 1 + 1}, // m1, m2, m3, m8; m3, m8; m4, m7
		copies:     map[[2]string]int{nn: 1 + 1 + 1 + 1, ns: 1 + 1, ss: 1 + 1},
	}, playedPairs(t, inside, org))
}

func FuzzReadTrace(f *testing.F) {
	f.Add(string(readFile(f, "testdata/trace/messages.csv")), "s", " ")
	f.Add("when,who,whom,bytes,id,d\n08:00:00,a,b,,,2026-03-02\n", "RFC3339", ";")
	f.Add("when,who,whom,bytes,id\n1772406001,a,\"b\n\",1,x\n", "unix", "")
	f.Fuzz(func(t *testing.T, text, unit, separator string) {
		spec := smallSpec()
		spec.TimeUnit, spec.Separator, spec.Start = TimeUnit(unit), separator, t0()
		if strings.Contains(text, ",d\n") {
			spec.Columns.Date = "d"
		}
		raws, err := ReadTrace(strings.NewReader(text), spec)
		if err != nil {
			require.Empty(t, raws)
			require.True(t, strings.HasPrefix(err.Error(), "messages.csv"), "%v", err)
			return
		}
		last := simtime.Time(0)
		for _, m := range raws {
			require.GreaterOrEqual(t, m.At, last)
			last = m.At
			require.NotEmpty(t, m.Sender)
			require.NotEmpty(t, m.Recipients)
			require.NotContains(t, m.Recipients, "")
			require.True(t, m.Size >= 0 && m.Size <= MaxSize)
			require.Positive(t, m.Line)
		}
	})
}

func FuzzReadLookup(f *testing.F) {
	f.Add(string(readFile(f, "testdata/trace/sites.csv")), " ")
	f.Add("site,departments\nA,\"x;y\"\n", ";")
	f.Fuzz(func(t *testing.T, text, separator string) {
		l, err := ReadLookup(strings.NewReader(text), LookupSpec{Name: "s.csv", Key: "departments", Value: "site", Separator: separator})
		if err != nil {
			return
		}
		for _, e := range l.entries {
			v, ok := l.Get(e.key)
			require.True(t, ok && v != "" && v == e.value)
		}
	})
}
