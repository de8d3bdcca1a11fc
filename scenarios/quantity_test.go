package scenarios

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestDurations(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"0s": 0, "90s": 90 * time.Second, "2h30m": 150 * time.Minute, "3d": 72 * time.Hour, "1w": 168 * time.Hour, "1.5h": 90 * time.Minute,
		"250ms": 250 * time.Millisecond, "100us": 100 * time.Microsecond, "7µs": 7 * time.Microsecond, "1d12h": 36 * time.Hour, "+5m": 5 * time.Minute,
		"1ns": 1, ".5s": 500 * time.Millisecond,
	} {
		var d duration
		require.NoError(t, d.UnmarshalText([]byte(text)), text)
		require.Equal(t, want, time.Duration(d), text)
	}
	for _, text := range []string{"", "s", "5", "5 s", "5x", "1h-5m", "--5s", "1e3s", "5s5", "NaNs", "9999999999h", "1.2.3s", "101000d"} {
		var d duration
		require.Error(t, d.UnmarshalText([]byte(text)), text)
	}
	var o offset
	require.NoError(t, o.UnmarshalText([]byte("-330s")))
	require.Equal(t, -330*time.Second, time.Duration(o))
}

func TestDurationsReadAsGoReadsThem(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := time.Duration(rapid.Int64Range(0, int64(90*365*24*time.Hour)).Draw(t, "d"))
		var d duration
		require.NoError(t, d.UnmarshalText([]byte(want.String())))
		require.Equal(t, want, time.Duration(d))
		require.NoError(t, d.UnmarshalText([]byte(duration(want).String())))
		require.Equal(t, want, time.Duration(d))
	})
}

func TestOtherQuantities(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"512B": 512, "10KB": 10240, "25MB": 25 << 20, "1 GB": 1 << 30, "1.5KiB": 1536, "64KB": 65536, "2TB": 2 << 40,
	} {
		var s size
		require.NoError(t, s.UnmarshalText([]byte(text)), text)
		require.EqualValues(t, want, s, text)
	}
	for text, want := range map[string]float64{"40/s": 40, "1200/min": 20, "9/h": 0.0025, "86400/d": 1, "0.5/s": 0.5, "1 / s": 1} {
		var r rate
		require.NoError(t, r.UnmarshalText([]byte(text)), text)
		require.InDelta(t, want, float64(r), 1e-15, text)
	}
	for text, want := range map[string]int64{
		"100Mbit/s": 1e8, "64kbit/s": 64000, "1Gbit/s": 1e9, "9.95Gbit/s": 9_950_000_000, "unlimited": 0, "1 MB/s": 8 << 20, "800bit/s": 800,
	} {
		var w bandwidth
		require.NoError(t, w.UnmarshalText([]byte(text)), text)
		require.EqualValues(t, want, w, text)
	}
	for text, q := range map[string]quantity{
		"10": new(size), "KB": new(size), "-1KB": new(size), "0.5B": new(size), "9000TB": new(size), "10kb": new(size),
		"40": new(rate), "/s": new(rate), "-1/s": new(rate), "1/year": new(rate), "Inf/s": new(rate), "NaN/s": new(rate),
		"100": new(bandwidth), "2Mb": new(bandwidth), "fast": new(bandwidth), "0Mbit/s": new(bandwidth), "1e3Mbit/s": new(bandwidth),
		"2026-03-02T08:00:00": new(instant), "0s": new(span),
	} {
		require.Error(t, q.UnmarshalText([]byte(text)), text)
	}
}

func TestInstants(t *testing.T) {
	t.Parallel()
	t0 := time.Date(2026, 3, 2, 8, 0, 0, 0, time.FixedZone("", 9*3600))
	for text, want := range map[string]time.Duration{
		"90m": 90 * time.Minute, "2026-03-02T09:30:00+09:00": 90 * time.Minute, "2026-03-02 00:30:00Z": 90 * time.Minute, "2026-03-02T07:00:00+09:00": -time.Hour,
	} {
		var i instant
		require.NoError(t, i.UnmarshalText([]byte(text)), text)
		require.Equal(t, want, i.since(t0), text)
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"connection_threshold", "cost", "clock_skew", "Tokyo", "ae1"}
	for name, want := range map[string]string{
		"conection_threshold": "connection_threshold", "cots": "cost", "clock_scew": "clock_skew", "tokyo": "Tokyo", "TOKIO": "Tokyo", "ae2": "ae1",
		"x": "", "threshold": "", "zz": "", "": "",
	} {
		require.Equal(t, want, nearest(name, known), name)
	}
}

func TestDistanceIsAMetric(t *testing.T) {
	t.Parallel()
	word := rapid.StringMatching(`[ab_]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		require.Equal(t, distance(a, b, 100), distance(b, a, 100))
		require.Equal(t, a == b, distance(a, b, 100) == 0)
		require.LessOrEqual(t, distance(a, b, 100), max(len(a), len(b)))
		require.Equal(t, min(distance(a, b, 100), 3), distance(a, b, 3))
	})
}

func TestUnescape(t *testing.T) {
	t.Parallel()
	got, ok := unescape(`"a\tb\"\\\u00e9\x41\U0001F600\e"`)
	require.True(t, ok)
	require.Equal(t, "a\tb\"\\éA\U0001F600\x1b", got)
	for _, bad := range []string{``, `"`, `a`, `"\q"`, `"\u12"`, `"\uD800"`, `"\"`, `"\xZZ"`} {
		_, ok := unescape(bad)
		require.False(t, ok, bad)
	}
}

func TestScalarsKeepTheirTypes(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]any{
		`"a\"b\\c\n\u0001é"`: "a\"b\\c\n\x01é", "5": int64(5), "5.0": 5.0, "0.25": 0.25, "1e+300": 1e300, "true": true, "nan": math.NaN(),
		"+inf": math.Inf(1), "2026-03-02T08:00:00+09:00": time.Date(2026, 3, 2, 8, 0, 0, 0, time.FixedZone("", 9*3600)),
	} {
		require.Equal(t, want, formatScalar(v))
	}
}
