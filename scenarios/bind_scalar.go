package scenarios

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const textMax = 2000 // characters of any text in a scenario

// text reads a string. An override may leave the quotes out.
func (b *binder) text(n *node, w where) (string, bool) {
	if s, ok := n.value.(string); ok {
		if c := utf8.RuneCountInString(s); c > textMax {
			b.errorf(n.at, w, "the text has %d characters; write at most %d", c, textMax)
			return "", false
		}
		return s, true
	}
	if n.kind == scalarNode && n.typed != "" {
		n.astext = true
		return n.typed, true
	}
	hint := `write it in quotes, as in "name"`
	if n.kind == scalarNode && len(formatScalar(n.value)) < 40 {
		hint = fmt.Sprintf("write %q", formatScalar(n.value))
	}
	b.errorf(n.at, w, "expected text, got %s; %s", n.describe(), hint)
	return "", false
}

func (b *binder) oneOf(n *node, s string, w where, tag reflect.StructTag) {
	enum, later := tag.Get("enum"), tag.Get("enumlater")
	if enum == "" {
		return
	}
	known := strings.Split(enum, ",")
	for _, k := range known {
		if k == s {
			return
		}
	}
	for _, k := range strings.Split(later, ",") {
		if k == s && later != "" {
			b.errorf(n.at, w, "%q is known, but not available in this version; write %s", s, orList(known))
			return
		}
	}
	what := "unknown"
	if noun := tag.Get("noun"); noun != "" {
		what = "is not " + noun
	}
	switch near := nearest(s, known); {
	case near != "" && what == "unknown":
		b.errorf(n.at, w, "%s unknown; did you mean %q?", quote(s), near)
	case near != "":
		b.errorf(n.at, w, "%s %s; did you mean %q? (known: %s)", quote(s), what, near, list(known))
	default:
		b.errorf(n.at, w, "%s %s; write %s", quote(s), what, orList(known))
	}
}

func orList(names []string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = strconv.Quote(n)
	}
	if len(q) < 2 {
		return strings.Join(q, "")
	}
	return strings.Join(q[:len(q)-1], ", ") + " or " + q[len(q)-1]
}

func (b *binder) integer(n *node, w where) (int64, bool) {
	x, ok := n.value.(int64)
	if !ok && n.outOfRange() {
		b.errorf(n.at, w, "%s is too large; write a whole number of at most %d", n.typed, math.MaxInt64)
	} else if !ok {
		b.errorf(n.at, w, "expected a whole number, got %s; write a number without quotes and without a point", n.describe())
	}
	return x, ok
}

// outOfRange tells whether an override is text only because the number is beyond those of TOML.
func (n *node) outOfRange() bool {
	if s, ok := n.value.(string); !ok || s != n.typed {
		return false
	}
	_, whole := strconv.ParseInt(n.typed, 10, 64)
	_, real := strconv.ParseFloat(n.typed, 64)
	return errors.Is(whole, strconv.ErrRange) || errors.Is(real, strconv.ErrRange)
}

func (b *binder) number(n *node, w where) (float64, bool) {
	switch x := n.value.(type) {
	case int64:
		return float64(x), true
	case float64:
		if !math.IsNaN(x) && !math.IsInf(x, 0) {
			return x, true
		}
		b.errorf(n.at, w, "%s is not a number; write a finite one", formatScalar(x))
		return 0, false
	case string:
		if n.outOfRange() {
			b.errorf(n.at, w, "%s is too large; write a smaller number", n.typed)
			return 0, false
		}
		if p, ok := strings.CutSuffix(x, "%"); ok {
			if f, err := strconv.ParseFloat(strings.TrimSpace(p), 64); err == nil { // F010
				b.errorf(n.at, w, "%s is a string; write %s", quote(x), strconv.FormatFloat(f/100, 'g', 10, 64))
				return 0, false
			}
		}
		b.errorf(n.at, w, "expected a number, got string %s; write it without quotes", quote(x)) // F025
		return 0, false
	}
	b.errorf(n.at, w, "expected a number, got %s; write a number", n.describe())
	return 0, false
}

func (b *binder) fraction(n *node, p *fraction, w where) {
	x, ok := b.number(n, w)
	switch {
	case !ok:
	case x > 1 && x <= 100: // F009
		b.errorf(n.at, w, "%s is outside 0..1; for %[1]s percent write %[2]s", strconv.FormatFloat(x, 'g', -1, 64),
			strconv.FormatFloat(x/100, 'g', 10, 64))
	case x < 0 || x > 1:
		b.errorf(n.at, w, "%s is outside 0..1; write a number from 0 to 1", strconv.FormatFloat(x, 'g', -1, 64))
	default:
		*p = fraction(x)
	}
}

func (b *binder) date(n *node, p *time.Time, w where) {
	switch x := n.value.(type) {
	case time.Time:
		if isLocal(x) {
			b.errorf(n.at, w, "%s has no offset from UTC; write for example 2026-03-02T08:00:00+09:00", x.Format("2006-01-02T15:04:05"))
			return
		}
		*p = x
	case string:
		t, err := time.Parse(time.RFC3339Nano, x)
		if err != nil {
			b.errorf(n.at, w, "%s is not an RFC 3339 instant; write for example 2026-03-02T08:00:00+09:00", quote(x))
			return
		}
		*p = t
	default:
		b.errorf(n.at, w, "expected a date, got %s; write for example 2026-03-02T08:00:00+09:00", n.describe())
	}
}

// isLocal tells whether a parsed date came without an offset: the parser gives those locations of its own.
func isLocal(t time.Time) bool {
	name := t.Location().String()
	return name == "datetime-local" || name == "date-local" || name == "time-local"
}

func (b *binder) quantity(n *node, p quantity, w where, tag reflect.StructTag) {
	s, ok := n.value.(string)
	switch x := n.value.(type) {
	case int64, float64:
		if n.typed != "" {
			s, ok, n.astext = n.typed, true, true
			break
		}
		if f, is := x.(float64); is && (math.IsNaN(f) || math.IsInf(f, 0)) {
			b.errorf(n.at, w, "%s is no amount; %s", strings.TrimPrefix(formatScalar(x), "+"), strings.TrimPrefix(p.noUnit("1"), "1 has no unit; "))
			return
		}
		b.errorf(n.at, w, "%s", p.noUnit(formatScalar(x)))
		return
	case time.Time:
		if i, is := p.(*instant); is && !isLocal(x) {
			*i = instant{date: x, dated: true}
			return
		}
	}
	if !ok {
		b.errorf(n.at, w, "expected text with a unit, got %s", n.describe()+"; "+strings.TrimPrefix(p.noUnit("1"), "1 has no unit; "))
		return
	}
	if err := p.UnmarshalText([]byte(s)); err != nil {
		b.errorf(n.at, w, "%s", err)
		return
	}
	b.inRange(n, p.amount(), w, tag, p)
}

// inRange checks the range of a tag: "lo..hi", either end may be missing. Bounds are in the value's own unit.
func (b *binder) inRange(n *node, x float64, w where, tag reflect.StructTag, q quantity) {
	lo, hi, ok := strings.Cut(tag.Get("range"), "..")
	if !ok {
		return
	}
	bound := func(s string) float64 {
		if q == nil {
			f, _ := strconv.ParseFloat(s, 64)
			return f
		}
		p := reflect.New(reflect.TypeOf(q).Elem()).Interface().(quantity)
		if err := p.UnmarshalText([]byte(s)); err != nil {
			panic("scenarios: range " + s + ": " + err.Error())
		}
		return p.amount()
	}
	what := formatScalar(n.value)
	if s, ok := n.value.(string); ok {
		what = s
	}
	between := lo + " or more"
	switch {
	case lo == "":
		between = hi + " or less"
	case hi != "":
		between = lo + " to " + hi
	}
	switch {
	case lo != "" && x < bound(lo):
		b.errorf(n.at, w, "must be at least %s, is %s; write %s", lo, what, between)
	case hi != "" && x > bound(hi):
		b.errorf(n.at, w, "must be at most %s, is %s; write %s", hi, what, between)
	}
}
