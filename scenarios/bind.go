package scenarios

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// source is embedded by every table type: it remembers where the table stands.
type source struct {
	node    *node
	subject string // how messages call the table: link "A-B"
}

func (s *source) setSource(n *node, subject string) { s.node, s.subject = n, subject }

// at returns where the value of a key stands, or the table when it lacks the key.
func (s *source) at(key string) Pos {
	if f := s.node.get(key); f != nil {
		return f.at
	}
	return s.node.at
}

// item returns where the i-th element of a key's list stands; a single value stands for a list of one.
func (s *source) item(key string, i int) Pos {
	if f := s.node.get(key); f != nil && i < len(f.items) {
		return f.items[i].at
	}
	return s.at(key)
}

// has tells whether the table gives the key.
func (s *source) has(key string) bool { return s.node.get(key) != nil }

// custom is a type that reads its node by itself: a value with more than one shape.
type custom interface {
	bindNode(b *binder, n *node, w where)
}

// where says what a message is about.
type where struct {
	subject string // link "A-B"; "" at the head of the file
	field   string // cost, session.setup
}

func (w where) dot(key string) where {
	if w.field != "" {
		key = w.field + "." + key
	}
	return where{w.subject, key}
}

func (w where) item(i int) where { return where{w.subject, w.field + "[" + strconv.Itoa(i) + "]"} }

// String begins a message.
func (w where) String() string {
	switch {
	case w.subject == "" && w.field == "":
		return "scenario: "
	case w.subject == "":
		return w.field + ": "
	case w.field == "":
		return w.subject + ": "
	}
	return w.subject + ": " + w.field + ": "
}

// binder decodes a tree into the table types and reports everything that does not fit.
type binder struct {
	rep     *report
	partial bool // [defaults]: no key is required, and none has a default
}

func (b *binder) errorf(at Pos, w where, format string, args ...any) {
	b.rep.errorf(at, "%s%s", w, fmt.Sprintf(format, args...))
}

// bind decodes n into v, whose type says what is legal.
func (b *binder) bind(n *node, v reflect.Value, w where, tag reflect.StructTag) {
	if v.Kind() == reflect.Pointer {
		p := reflect.New(v.Type().Elem())
		if plainTable(p) && n.kind != tableNode { // the pointer stays nil: as if the key were absent
			b.noTable(n, w)
			return
		}
		v.Set(p)
		v = v.Elem()
	}
	switch p := v.Addr().Interface().(type) {
	case custom:
		p.bindNode(b, n, w)
		return
	case quantity:
		b.quantity(n, p, w, tag)
		return
	case *fraction:
		b.fraction(n, p, w)
		return
	case *time.Time:
		b.date(n, p, w)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		if n.kind != tableNode {
			b.noTable(n, w)
			return
		}
		if w.subject == "" && w.field != "" { // a table at the head of the file
			w = where{subject: "[" + w.field + "]"}
		}
		b.table(n, v, w)
	case reflect.Slice:
		b.slice(n, v, w, tag)
	case reflect.String:
		if s, ok := b.text(n, w); ok {
			b.oneOf(n, s, w, tag)
			v.SetString(s)
		}
	case reflect.Bool:
		if x, ok := n.value.(bool); ok {
			v.SetBool(x)
		} else {
			b.errorf(n.at, w, "expected true or false, got %s; write true or false without quotes", n.describe())
		}
	case reflect.Int64:
		if x, ok := b.integer(n, w); ok {
			v.SetInt(x)
			b.inRange(n, float64(x), w, tag, nil)
		}
	case reflect.Float64:
		if x, ok := b.number(n, w); ok {
			v.SetFloat(x)
			b.inRange(n, x, w, tag, nil)
		}
	default:
		panic("scenarios: binder.bind: no rule for " + v.Type().String())
	}
}

// plainTable tells whether a pointer is to a table that has no other shape.
func plainTable(p reflect.Value) bool {
	switch p.Interface().(type) {
	case custom, quantity, *time.Time:
		return false
	}
	return p.Elem().Kind() == reflect.Struct
}

func (b *binder) noTable(n *node, w where) {
	if w.subject == "" {
		b.errorf(n.at, w, "expected a table, got %s; write [%s] and its keys below", n.describe(), w.field)
		return
	}
	b.errorf(n.at, w, "expected a table, got %s; write { key = value }", n.describe())
}

// table decodes the fields of a table and reports unknown, missing and unavailable keys.
func (b *binder) table(n *node, v reflect.Value, w where) {
	if s, ok := v.Addr().Interface().(interface{ setSource(*node, string) }); ok {
		s.setSource(n, w.subject)
	}
	given := make(map[string]*node, len(n.fields))
	for _, f := range n.fields {
		given[f.key] = f
	}
	known := make([]string, 0, v.NumField())
	for _, f := range fieldsOf(v.Type()) {
		if !f.later {
			known = append(known, f.key)
		}
		c, ok := given[f.key]
		delete(given, f.key)
		field := v.FieldByIndex(f.index)
		switch def := f.tag.Get("default"); {
		case ok && f.later && f.tag.Get("later") != "true": // a check of the table's own tells more
		case ok && f.later:
			b.errorf(c.keyAt, w.dot(f.key), "known, but not available in this version; remove it")
		case ok:
			b.bind(c, field, w.dot(f.key), f.tag)
		case b.partial:
		case f.tag.Get("req") == "true":
			b.errorf(n.at, w.dot(f.key), "required; write %s", f.example())
		case def != "":
			b.bind(literal(def, n.at), field, w.dot(f.key), "")
		}
	}
	for _, f := range n.fields { // what is left, in file order
		if given[f.key] == nil {
			continue
		}
		b.errorf(f.keyAt, w.dot(f.key), "unknown %s; %s", keyOrField(w.subject), suggestKey(f.key, known))
	}
}

// keyOrField keeps the wording of the faults sheet (F001) for faults.
func keyOrField(subject string) string {
	if strings.HasPrefix(subject, "[[fault]]") {
		return "field"
	}
	return "key"
}

func suggestKey(key string, known []string) string {
	return suggest(key, known, "key")
}

// literal makes the node of a default written in a tag, as TOML spells it.
func literal(text string, at Pos) *node {
	n := &node{at: at, keyAt: at}
	if s, ok := unescape(text); ok {
		n.value = s
	} else if text == "true" || text == "false" {
		n.value = text == "true"
	} else if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		n.value = i
	} else if f, err := strconv.ParseFloat(text, 64); err == nil {
		n.value = f
	} else {
		panic("scenarios: literal: cannot read the default " + text)
	}
	return n
}

func (b *binder) slice(n *node, v reflect.Value, w where, tag reflect.StructTag) {
	items := n.items
	if n.kind != arrayNode {
		if n.kind == tableNode || tag.Get("list") != "or-one" {
			what := `["a", "b"]`
			switch k := v.Type().Elem().Kind(); {
			case k == reflect.Struct:
				what = "[[" + w.field + "]]"
			case k == reflect.Float64:
				what = "[1.5, 2.5]"
			case n.kind == scalarNode:
				what = "[" + quote(fmt.Sprint(n.value)) + "]"
			}
			b.errorf(n.at, w, "expected a list, got %s; write %s", n.describe(), what)
			return
		}
		items = []*node{n}
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, x := range items {
		at := w.item(i)
		if v.Type().Elem().Kind() == reflect.Struct && w.subject == "" {
			at = where{subject: subjectOf(w.field, i, x)}
		} else if n.kind != arrayNode {
			at = w
		}
		b.bind(x, v.Index(i), at, tag)
	}
}

// subjectOf is how messages call the i-th table of a kind (from 0).
func subjectOf(kind string, i int, n *node) string {
	if kind == "fault" { // faults sheet 5.3
		return fmt.Sprintf("[[fault]] #%d (id %s)", i+1, quote(itemName(kind, i, n)))
	}
	for _, key := range []string{"name", "id"} {
		if s := n.text(key); s != "" {
			return kind + " " + quote(s)
		}
	}
	return fmt.Sprintf("%s #%d", kind, i+1)
}

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
	if !ok {
		b.errorf(n.at, w, "expected a whole number, got %s; write a number without quotes and without a point", n.describe())
	}
	return x, ok
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

// validName tells why a name could not stand in results and paths.
func validName(name string) error {
	const most = 100
	switch {
	case name == "":
		return errors.New("is empty; write a name")
	case utf8.RuneCountInString(name) > most:
		return fmt.Errorf("the name has %d characters; write at most %d", utf8.RuneCountInString(name), most)
	case strings.TrimSpace(name) != name:
		return fmt.Errorf("%s begins or ends with a blank; remove it", quote(name))
	}
	for _, r := range name {
		if strings.ContainsRune(`=,"*?[]{}\:`, r) || !unicode.IsPrint(r) {
			return fmt.Errorf("%s holds %q; a name has letters, digits, blanks and signs other than = , : * ? [ ] { } \\ and quotes", quote(name), r)
		}
	}
	return nil
}
