package load

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
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

// The script shows what is wrong with a file and what the reader says about it.
func TestReadTraceErrors(t *testing.T) {
	t.Parallel()
	datadriven.RunTest(t, "testdata/trace-errors.txt", func(t *testing.T, d *datadriven.TestData) string {
		var unit, separator string
		d.MaybeScanArgs(t, "unit", &unit)
		d.MaybeScanArgs(t, "separator", &separator)
		var err error
		switch d.Cmd {
		case "trace":
			spec := TraceSpec{Name: "x.csv", TimeUnit: TimeUnit(unit), Separator: separator, Start: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
			spec.Columns = Columns{Time: "t", Sender: "s", Recipients: "r", Size: "b"}
			if d.HasArg("date") {
				spec.Columns.Date = "d"
			}
			if d.HasArg("no-columns") {
				spec.Columns, spec.Start = Columns{}, time.Time{}
			}
			_, err = ReadTrace(strings.NewReader(d.Input), spec)
		case "lookup":
			spec := LookupSpec{Name: "m.csv", Key: "mailbox", Value: "site", Separator: separator}
			if d.HasArg("no-columns") {
				spec.Key, spec.Value = "", ""
			}
			_, err = ReadLookup(strings.NewReader(d.Input), spec)
		}
		require.Error(t, err)
		return err.Error()
	})
}

func TestReadTraceTellsTwentyProblems(t *testing.T) {
	t.Parallel()
	columns := Columns{Time: "t", Sender: "s", Recipients: "r"}
	_, err := ReadTrace(strings.NewReader("t,s,r\n"+strings.Repeat("1,,b\n", 50)), TraceSpec{Name: "x.csv", Columns: columns})
	require.Equal(t, 20, strings.Count(err.Error(), "no sender"))
	require.ErrorContains(t, err, "and 30 more problems")
	_, err = ReadTrace(&failing{}, TraceSpec{Name: "x.csv", Columns: columns})
	require.ErrorContains(t, err, "x.csv: disk is gone")
}

type failing struct{}

func (*failing) Read([]byte) (int, error) { return 0, fmt.Errorf("disk is gone") }

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
