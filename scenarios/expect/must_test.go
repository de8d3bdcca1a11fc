package expect

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/result"
)

func TestParseMust(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		must string
		unit result.Unit
		want Must
	}{
		{"<= 2000 msg", result.Messages, Must{AtMost, 2000}},
		{"<=2000msg", result.Messages, Must{AtMost, 2000}},
		{"  >\t1.5\tmsg  ", result.Messages, Must{Above, 1.5}},
		{"== 0", result.Messages, Must{Equal, 0}},
		{">= 0.0 ", result.MessagesPerSecond, Must{AtLeast, 0}},
		{"!= -3 msg", result.Messages, Must{NotEqual, -3}},
		{">= 12.5 msg/s", result.MessagesPerSecond, Must{AtLeast, 12.5}},
		{"<= 90 msg/min", result.MessagesPerSecond, Must{AtMost, 1.5}},
		{"<= 1800 msg/h", result.MessagesPerSecond, Must{AtMost, 0.5}},
		{"< 100ms", result.Seconds, Must{Below, 0.1}},
		{"< 21s", result.Seconds, Must{Below, 21}},
		{"< 1h30m", result.Seconds, Must{Below, 5400}},
		{"< 1 h 30 m 0.5 s", result.Seconds, Must{Below, 5400.5}},
		{"<= 2d", result.Seconds, Must{AtMost, 172800}},
		{"<= 1w", result.Seconds, Must{AtMost, 604800}},
		{"<= 3us", result.Seconds, Must{AtMost, 3e-6}},
		{"<= 3µs", result.Seconds, Must{AtMost, 3e-6}},
		{"<= 7ns", result.Seconds, Must{AtMost, 7e-9}},
		{"== 0", result.Seconds, Must{Equal, 0}},
		{"<= 0.8", result.Fraction, Must{AtMost, 0.8}},
		{"<= 1 fraction", result.Fraction, Must{AtMost, 1}},
		{"<= 20 connections", result.Connections, Must{AtMost, 20}},
		{"<= .5 attempts", result.Attempts, Must{AtMost, 0.5}},
		{"<= 5 msg", "", Must{AtMost, 5}},
		{"<= 5m", "", Must{AtMost, 300}},
		{"<= 5", "", Must{AtMost, 5}},
	} {
		got, err := ParseMust(c.must, c.unit)
		require.NoError(t, err, c.must)
		require.Equal(t, c.want, got, c.must)
	}
}

// The limit "100ms" and a delay of exactly 100 ms are the same float, for every duration: otherwise <= would fail on equality.
func TestDurationsAreExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(400*24*time.Hour)).Draw(t, "d"))
		m, err := ParseMust("<= "+d.String(), result.Seconds)
		require.NoError(t, err)
		// Seconds() of a long duration rounds twice; the parsed value is the nearest float.
		require.InEpsilon(t, 1+d.Seconds(), 1+m.Value, 1e-15)
		if d%time.Millisecond == 0 || d < time.Second {
			require.InDelta(t, d.Seconds(), m.Value, 0)
		}
	})
}

func TestParseMustErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		must   string
		unit   result.Unit
		offset int
		text   string
	}{
		{"", result.Messages, 0, "a limit begins with"},
		{"2000 msg", result.Messages, 0, "a limit begins with"},
		{"=< 5 msg", result.Messages, 0, "a limit begins with"},
		{"<=", result.Messages, 2, "a number is missing"},
		{"<= msg", result.Messages, 3, "a number is missing"},
		{"<= -", result.Messages, 3, "a number is missing"},
		{"<= 5 mails", result.Messages, 5, `unknown unit "mails"; the figure is in msg`},
		{"<= 5 msg/s", result.Messages, 5, `"msg/s" is the wrong unit; the figure is in msg`},
		{"<= 5 msg", result.Seconds, 5, `"msg" is the wrong unit; the figure is a duration`},
		{"<= 5", result.Seconds, 4, "a duration needs a unit"},
		{"<= 3000", result.Messages, 7, `the unit is missing; write "<= 3000 msg"`},
		{" <= 1.5 ", result.MessagesPerSecond, 7, `the unit is missing; write "<= 1.5 msg/s"`},
		{"== 20", result.Connections, 5, `the unit is missing; write "== 20 connections"`},
		{"!= 1", result.Reports, 4, `the unit is missing; write "!= 1 dsn"`},
		{"<= 1h30", result.Seconds, 7, "a duration needs a unit"},
		{"<= 90 %", result.Fraction, 6, "never percent"},
		{"<= 90%", result.Fraction, 5, "never percent"},
		{"<= 90", result.Fraction, 3, "fractions lie in 0..1, not 90"},
		{">= -0.1", result.Fraction, 3, "fractions lie in 0..1"},
		{"<= 5 msg 6 msg", result.Messages, 9, "one number and one unit"},
		{"<= 5 6", result.Messages, 5, "one number and one unit"},
		{"<= 1h 5 msg", "", 6, "one number and one unit"},
		{"<= 1e3 msg", result.Messages, 4, `unknown unit "e"`},
		{"<= 1.2.3 msg", result.Messages, 6, "one number and one unit"},
		{"<= 1" + strings.Repeat("0", 40), result.Messages, 3, "at most 30 digits"},
	} {
		t.Run(c.must, func(t *testing.T) {
			_, err := ParseMust(c.must, c.unit)
			var m *MustError
			require.ErrorAs(t, err, &m)
			require.Contains(t, m.Text, c.text)
			require.Equal(t, c.offset, m.Offset, m.Text)
			require.Equal(t, c.must, m.Must)
			require.ErrorContains(t, err, c.text)
		})
	}
}

func TestMustHolds(t *testing.T) {
	t.Parallel()
	for op, want := range map[Op][3]bool{ // of 4, 5 and 6 against 5
		AtMost: {true, true, false}, Below: {true, false, false}, AtLeast: {false, true, true},
		Above: {false, false, true}, Equal: {false, true, false}, NotEqual: {true, false, true},
	} {
		m := Must{op, 5}
		require.Equal(t, want, [3]bool{m.Holds(4), m.Holds(5), m.Holds(6)}, op)
	}
	require.Panics(t, func() { Must{}.Holds(1) })
}

// Whatever comes in, the parser neither panics nor takes long, and an error points into the text.
func FuzzParseMust(f *testing.F) {
	for _, s := range []string{"<= 2000 msg", "< 1h30m", "== 0", "!= -3", ">= .5 fraction", "<= 1e999999999", "<= 5 µs", "> 0x10", "<=\x00"} {
		f.Add(s)
	}
	units := []result.Unit{"", result.Messages, result.MessagesPerSecond, result.Seconds, result.Connections, result.Fraction}
	f.Fuzz(func(t *testing.T, s string) {
		for _, unit := range units {
			m, err := ParseMust(s, unit)
			if err != nil {
				require.LessOrEqual(t, err.(*MustError).Offset, len(s))
				require.GreaterOrEqual(t, err.(*MustError).Offset, 0)
				continue
			}
			again, err := ParseMust("  "+s+" ", unit)
			require.NoError(t, err, "spaces around a limit do not matter")
			require.Equal(t, m, again)
			require.Equal(t, m.Holds(m.Value), m.Op != Below && m.Op != Above && m.Op != NotEqual)
		}
	})
}
