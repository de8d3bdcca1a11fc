package scenarios

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// A quantity is a value with a unit. It is written as text, so that no number of a scenario stands without its unit.
type quantity interface {
	UnmarshalText([]byte) error
	noUnit(number string) string // what to say of a bare number
	amount() float64             // for comparing with a range
}

// duration is a length of time, 0 or more: Go's spelling plus d and w.
type duration time.Duration

// span is a duration greater than 0 (F006).
type span time.Duration

// offset is a duration with a sign.
type offset time.Duration

// size is a number of bytes; K, M, G, T count in 1024s, as Exchange does.
type size int64

// rate is a number of events per second.
type rate float64

// bandwidth is bits per second; 0 is unlimited. Here K, M, G count in 1000s.
type bandwidth int64

const durationUnits = `units are ms, s, m, h, d and w`

func (d *duration) UnmarshalText(text []byte) error {
	v, err := parseDuration(string(text))
	if err != nil {
		return err
	}
	if v < 0 || strings.HasPrefix(string(text), "-") {
		return fmt.Errorf("%s is negative; write a duration of 0s or more", quote(string(text)))
	}
	*d = duration(v)
	return nil
}

func (d *span) UnmarshalText(text []byte) error {
	v, err := parseDuration(string(text))
	if err == nil && v <= 0 {
		err = fmt.Errorf("must be greater than 0; got %s", quote(string(text)))
	}
	*d = span(v)
	return err
}

func (d *offset) UnmarshalText(text []byte) error {
	v, err := parseDuration(string(text))
	*d = offset(v)
	return err
}

func (d duration) noUnit(n string) string { return durationWithoutUnit(n) }
func (d span) noUnit(n string) string     { return durationWithoutUnit(n) }
func (d offset) noUnit(n string) string {
	return n + ` has no unit; write a signed duration such as "+7m" or "-330s"`
}
func (d duration) amount() float64 { return float64(d) }
func (d span) amount() float64     { return float64(d) }
func (d offset) amount() float64   { return float64(d) }

// String writes the duration as scenarios spell it, in the largest unit that divides it.
func (d duration) String() string { return formatDuration(time.Duration(d)) }

// durationWithoutUnit is what to say of a duration without its unit (F005).
func durationWithoutUnit(n string) string {
	return fmt.Sprintf(`%s has no unit; write "%[2]ss", "%[2]sm" or "%[2]sh"`, n, strings.Trim(n, `"`))
}

func formatDuration(d time.Duration) string {
	for _, u := range []struct {
		name string
		unit time.Duration
	}{{"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}} {
		if d != 0 && d%u.unit == 0 {
			return strconv.FormatInt(int64(d/u.unit), 10) + u.name
		}
	}
	return d.String()
}

// splitNumber cuts a text after its leading number; digits, one point, and a sign where allowed.
func splitNumber(s string) (number, rest string) {
	i := 0
	for i < len(s) && ('0' <= s[i] && s[i] <= '9' || s[i] == '.') {
		i++
	}
	return s[:i], s[i:]
}

// parseDuration reads "1h30m", "-5s", "2w", "1.5d".
func parseDuration(text string) (time.Duration, error) {
	bad := fmt.Errorf(`%s is not a duration; write for example "90s" or "2h30m" (%s)`, quote(text), durationUnits)
	s := text
	sign := 1.0
	if s != "" && (s[0] == '+' || s[0] == '-') {
		if s[0] == '-' {
			sign = -1
		}
		s = s[1:]
	}
	if n, rest := splitNumber(s); n != "" && rest == "" {
		return 0, errors.New(durationWithoutUnit(quote(text)))
	}
	if s == "" {
		return 0, bad
	}
	var whole time.Duration // whole numbers stay exact
	var part float64
	for s != "" {
		n, rest := splitNumber(s)
		i := strings.IndexAny(rest, "+-.0123456789")
		if i < 0 {
			i = len(rest)
		}
		unit, ok := map[string]time.Duration{
			"ns": 1, "us": time.Microsecond, "µs": time.Microsecond, "μs": time.Microsecond, "ms": time.Millisecond, "s": time.Second,
			"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour,
		}[rest[:i]]
		if !ok || n == "" {
			return 0, bad
		}
		s = rest[i:]
		if k, err := strconv.ParseInt(n, 10, 64); err == nil && k <= int64(math.MaxInt64/unit) && whole <= math.MaxInt64-time.Duration(k)*unit {
			whole += time.Duration(k) * unit
			continue
		}
		f, err := strconv.ParseFloat(n, 64)
		if err != nil {
			return 0, bad
		}
		part += float64(f * float64(unit))
	}
	total := float64(whole) + part
	if total > float64(100*365*24*time.Hour) {
		return 0, fmt.Errorf("%s is longer than a hundred years; write a shorter duration", quote(text))
	}
	whole += time.Duration(math.RoundToEven(part))
	if sign < 0 {
		whole = -whole
	}
	return whole, nil
}

func (b *size) UnmarshalText(text []byte) error {
	s := string(text)
	n, unit := splitNumber(s)
	f, err := strconv.ParseFloat(n, 64)
	if err != nil {
		return fmt.Errorf(`%s is not a size; write for example "10KB" or "25MB"`, quote(s))
	}
	factor, ok := map[string]float64{
		"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40,
		"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
	}[strings.TrimPrefix(unit, " ")]
	switch {
	case unit == "":
		return errors.New(b.noUnit(quote(s)))
	case !ok:
		return fmt.Errorf(`%s: no unit of size is called %q; write B, KB, MB, GB or TB`, quote(s), unit)
	case float64(f*factor) > 1<<53:
		return fmt.Errorf("%s is too large; write a size below 8192TB", quote(s))
	case math.Trunc(float64(f*factor)) != float64(f*factor):
		return fmt.Errorf("%s is no whole number of bytes; write it in B", quote(s))
	}
	*b = size(float64(f * factor))
	return nil
}

func (b size) noUnit(n string) string {
	return fmt.Sprintf(`%s has no unit; write "%[2]sB", "%[2]sKB" or "%[2]sMB"`, n, strings.Trim(n, `"`))
}
func (b size) amount() float64 { return float64(b) }

func (r *rate) UnmarshalText(text []byte) error {
	s := string(text)
	n, per, slash := strings.Cut(s, "/")
	f, err := strconv.ParseFloat(strings.TrimSpace(n), 64)
	if err == nil && !slash {
		return errors.New(r.noUnit(quote(s)))
	}
	seconds, ok := map[string]float64{"s": 1, "min": 60, "m": 60, "h": 3600, "d": 86400, "day": 86400}[strings.TrimSpace(per)]
	switch {
	case err != nil || math.IsNaN(f) || math.IsInf(f, 0):
		return fmt.Errorf(`%s is not a rate; write for example "40/s", "1200/min" or "9/h"`, quote(s))
	case !ok:
		return fmt.Errorf(`%s: a rate is per s, min, h or d; write for example "40/s"`, quote(s))
	case f < 0:
		return fmt.Errorf(`%s is negative; write a rate of 0/s or more`, quote(s))
	}
	*r = rate(f / seconds)
	return nil
}

func (r rate) noUnit(n string) string {
	return fmt.Sprintf(`%s has no unit; write "%[2]s/s", "%[2]s/min" or "%[2]s/h"`, n, strings.Trim(n, `"`))
}
func (r rate) amount() float64 { return float64(r) }

func (w *bandwidth) UnmarshalText(text []byte) error {
	s := string(text)
	if s == "unlimited" {
		*w = 0
		return nil
	}
	n, unit := splitNumber(s)
	f, err := strconv.ParseFloat(n, 64)
	if err != nil {
		return fmt.Errorf(`%s is not a bandwidth; write for example "100Mbit/s" or "unlimited"`, quote(s))
	}
	unit = strings.TrimPrefix(unit, " ")
	factor, ok := map[string]float64{
		"bit/s": 1, "kbit/s": 1e3, "Kbit/s": 1e3, "Mbit/s": 1e6, "Gbit/s": 1e9, "Tbit/s": 1e12,
		"B/s": 8, "KB/s": 8 << 10, "MB/s": 8 << 20, "GB/s": 8 << 30,
	}[unit]
	bits := float64(f * factor)
	switch {
	case unit == "":
		return errors.New(w.noUnit(quote(s)))
	case !ok && strings.TrimRight(unit, "bBpsit/") != unit && len(unit) <= 4:
		return fmt.Errorf(`%s is ambiguous; write "%[2]sMbit/s" or "%[2]sMB/s"`, quote(s), n)
	case !ok:
		return fmt.Errorf(`%s: no unit of bandwidth is called %q; write kbit/s, Mbit/s or Gbit/s`, quote(s), unit)
	case bits < 1 || bits > 1e15:
		return fmt.Errorf(`%s must be greater than 0 and below 1000 Tbit/s; write for example "100Mbit/s" or "unlimited"`, quote(s))
	}
	*w = bandwidth(bits)
	return nil
}

func (w bandwidth) noUnit(n string) string {
	return fmt.Sprintf(`%s has no unit; write "%[2]sMbit/s" or "%[2]skbit/s"`, n, strings.Trim(n, `"`))
}
func (w bandwidth) amount() float64 { return float64(w) }

// instant is a moment of the run: an RFC 3339 date or a duration since t0.
type instant struct {
	date  time.Time
	after time.Duration
	dated bool
}

func (i *instant) UnmarshalText(text []byte) error {
	s := string(text)
	if len(s) >= 11 && s[4] == '-' && s[7] == '-' {
		t, err := time.Parse(time.RFC3339Nano, strings.Replace(s, " ", "T", 1))
		if err != nil {
			return fmt.Errorf(`%s is not an RFC 3339 instant; write for example "2026-03-02T08:00:00+09:00"`, quote(s))
		}
		*i = instant{date: t, dated: true}
		return nil
	}
	v, err := parseDuration(s)
	if err != nil {
		return err
	}
	*i = instant{after: v}
	return nil
}

func (i instant) noUnit(n string) string { return durationWithoutUnit(n) }
func (i instant) amount() float64        { return float64(i.after) }

// since returns the instant as a duration since t0, negative before it.
func (i instant) since(t0 time.Time) time.Duration {
	if i.dated {
		return i.date.Sub(t0)
	}
	return i.after
}

// fraction is a share, 0..1; it is a number, never text with a percent sign.
type fraction float64
