package expect

import (
	"fmt"
	"math/big"
	"strings"

	"mailsim/sim/result"
)

// Op is how a figure must compare with its limit.
type Op string

// The comparisons.
const (
	AtMost   Op = "<="
	Below    Op = "<"
	AtLeast  Op = ">="
	Above    Op = ">"
	Equal    Op = "=="
	NotEqual Op = "!="
)

// Must is a limit: Op and Value, in the unit in which the metric's figures are kept (durations in seconds).
type Must struct {
	Op    Op
	Value float64
}

// Holds tells whether a value keeps the limit.
func (m Must) Holds(v float64) bool {
	switch m.Op {
	case AtMost:
		return v <= m.Value
	case Below:
		return v < m.Value
	case AtLeast:
		return v >= m.Value
	case Above:
		return v > m.Value
	case Equal:
		return v == m.Value
	case NotEqual:
		return v != m.Value
	default:
		panic(fmt.Sprintf("expect.Must.Holds: comparison %q", string(m.Op)))
	}
}

// tighter tells whether m forbids something that the other allows, and allows nothing that it forbids. Both must be upper or both lower
// bounds.
func (m Must) tighter(than Must) bool {
	switch {
	case m.upper() && than.upper():
		return m.Value < than.Value || m.Value == than.Value && m.Op == Below && than.Op == AtMost
	case m.lower() && than.lower():
		return m.Value > than.Value || m.Value == than.Value && m.Op == Above && than.Op == AtLeast
	}
	return false
}

func (m Must) upper() bool { return m.Op == AtMost || m.Op == Below }
func (m Must) lower() bool { return m.Op == AtLeast || m.Op == Above }

// exact tells whether the comparison is one for exact counts, judged in each replication.
func (m Must) exact() bool { return m.Op == Equal || m.Op == NotEqual }

// MustError is a limit that cannot be read.
type MustError struct {
	Must   string
	Offset int // in bytes, where in Must it goes wrong
	Text   string
}

// Error says where in the limit it goes wrong, and what is the matter.
func (e *MustError) Error() string { return fmt.Sprintf("%q: at %d: %s", e.Must, e.Offset+1, e.Text) }

// ParseMust reads a limit such as "<= 2000 msg", "< 1h30m" or "== 0": a comparison, a number and its unit, spaces where one
// likes. unit is that of the figure, which must be the unit written; "" takes any, and none. Only 0 and fractions, which lie in 0..1,
// may leave it out. Durations are in ns, us, ms, s, m, h, d or w, several in a row as in 1h30m; rates are per second, minute or hour.
// Values are exact: "100ms" is the float nearest to 0.1.
// Every error is a *MustError.
func ParseMust(must string, unit result.Unit) (Must, error) {
	s := scanner{text: must}
	m, err := s.must(unit)
	if err != nil {
		err.Must = must
		return Must{}, err
	}
	return m, nil
}

// scanner reads a limit from left to right.
type scanner struct {
	text string
	at   int
}

func (s *scanner) rest() string { return s.text[s.at:] }

func (s *scanner) spaces() {
	for s.at < len(s.text) && (s.text[s.at] == ' ' || s.text[s.at] == '\t') {
		s.at++
	}
}

func mistake(at int, format string, args ...any) *MustError {
	return &MustError{Offset: at, Text: fmt.Sprintf(format, args...)}
}

func (s *scanner) must(unit result.Unit) (m Must, err *MustError) {
	s.spaces()
	for _, op := range [...]Op{AtMost, AtLeast, Equal, NotEqual, Below, Above} { // "<=" before "<"
		if strings.HasPrefix(s.rest(), string(op)) {
			m.Op = op
			s.at += len(op)
			break
		}
	}
	if m.Op == "" {
		return Must{}, mistake(s.at, `a limit begins with <=, <, >=, >, == or !=; write for example "<= 2000 msg"`)
	}
	total, seen := new(big.Rat), result.Unit("")
	for parts := 0; ; parts++ {
		s.spaces()
		if s.at == len(s.text) && parts > 0 {
			m.Value, _ = total.Float64()
			return m, nil
		}
		start := s.at
		value, err := s.number()
		if err != nil {
			return Must{}, err
		}
		end := s.at
		s.spaces()
		unitAt := s.at
		written := s.unit()
		if written == "" && s.at < len(s.text) && unit != result.Seconds {
			return Must{}, mistake(s.at, "one number and one unit make a limit; only durations have several, as in 1h30m")
		}
		if needsUnit(unit) && written == "" && value.Sign() != 0 {
			return Must{}, mistake(end, "the unit is missing; write %q", strings.TrimSpace(s.text[:end])+" "+string(unit))
		}
		kind, scale, err := readUnit(written, unitAt, value, unit)
		if err != nil {
			return Must{}, err
		}
		if parts > 0 && (kind != result.Seconds || seen != result.Seconds) {
			return Must{}, mistake(start, "one number and one unit make a limit; only durations have several, as in 1h30m")
		}
		seen = kind
		total.Add(total, value.Mul(value, scale))
		if one := big.NewRat(1, 1); kind == result.Fraction && unit == result.Fraction && (total.Sign() < 0 || total.Cmp(one) > 0) {
			return Must{}, mistake(start, "fractions lie in 0..1, not %s", s.text[start:unitAt])
		}
	}
}

// number reads digits with at most one point; exponents and signs other than a leading minus have no use here.
func (s *scanner) number() (*big.Rat, *MustError) {
	const digitsMax = 30
	start, digits, points := s.at, 0, 0
	if strings.HasPrefix(s.rest(), "-") {
		s.at++
	}
	for s.at < len(s.text) {
		c := s.text[s.at]
		if c == '.' && points == 0 {
			points++
		} else if '0' <= c && c <= '9' {
			digits++
		} else {
			break
		}
		s.at++
	}
	if digits == 0 {
		return nil, mistake(start, "a number is missing")
	}
	if digits > digitsMax {
		return nil, mistake(start, "a number has at most %d digits", digitsMax)
	}
	value, ok := new(big.Rat).SetString(s.text[start:s.at])
	if !ok {
		return nil, mistake(start, "%q is no number", s.text[start:s.at])
	}
	return value, nil
}

// unit reads up to the next space, digit, sign or point.
func (s *scanner) unit() string {
	end := strings.IndexAny(s.rest(), " \t0123456789.-")
	if end < 0 {
		end = len(s.rest())
	}
	u := s.rest()[:end]
	s.at += end
	return u
}

// needsUnit tells whether a limit must say that it is in the unit. Fractions have none to say, and durations have several to choose
// from: readUnit tells them.
func needsUnit(u result.Unit) bool { return u != "" && u != result.Fraction && u != result.Seconds }

// durations and rates, in seconds and per second.
func scaleOf(written string) (result.Unit, *big.Rat) {
	switch written {
	case "ns":
		return result.Seconds, big.NewRat(1, 1e9)
	case "us", "µs":
		return result.Seconds, big.NewRat(1, 1e6)
	case "ms":
		return result.Seconds, big.NewRat(1, 1e3)
	case "s":
		return result.Seconds, big.NewRat(1, 1)
	case "m":
		return result.Seconds, big.NewRat(60, 1)
	case "h":
		return result.Seconds, big.NewRat(3600, 1)
	case "d":
		return result.Seconds, big.NewRat(24*3600, 1)
	case "w":
		return result.Seconds, big.NewRat(7*24*3600, 1)
	case "msg/s":
		return result.MessagesPerSecond, big.NewRat(1, 1)
	case "msg/min":
		return result.MessagesPerSecond, big.NewRat(1, 60)
	case "msg/h":
		return result.MessagesPerSecond, big.NewRat(1, 3600)
	}
	return result.Unit(written), big.NewRat(1, 1)
}

// readUnit checks the unit as written against the one wanted and returns what it is and what to multiply by.
func readUnit(written string, at int, value *big.Rat, want result.Unit) (result.Unit, *big.Rat, *MustError) {
	kind, scale := scaleOf(written)
	switch {
	case written == "" && want == result.Seconds && value.Sign() != 0:
		return "", nil, mistake(at, "a duration needs a unit: ns, us, ms, s, m, h, d or w")
	case written == "":
		return want, scale, nil
	case strings.HasPrefix(written, "%"):
		return "", nil, mistake(at, "fractions are numbers in 0..1, never percent")
	case !knownUnit(kind):
		return "", nil, mistake(at, "unknown unit %q; %s", written, wanted(want))
	case want != "" && kind != want:
		return "", nil, mistake(at, "%q is the wrong unit; %s", written, wanted(want))
	}
	return kind, scale, nil
}

func knownUnit(u result.Unit) bool {
	for _, m := range result.Metrics() {
		if m.Unit == u {
			return true
		}
	}
	return false
}

func wanted(u result.Unit) string {
	switch u {
	case "":
		return "units are msg, msg/s, connections, fraction, attempts, errors, dsn and durations such as 90s or 1h30m"
	case result.Seconds:
		return "the figure is a duration, such as 250ms, 90s or 1h30m"
	case result.MessagesPerSecond:
		return "the figure is in msg/s (msg/min and msg/h are known, too)"
	default:
		return fmt.Sprintf("the figure is in %s", u)
	}
}
