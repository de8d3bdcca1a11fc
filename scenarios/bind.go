package scenarios

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
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

// empty tells whether the text at a place in a key's value is empty. What is no text at all has been reported when it was read.
func (s *source) empty(key string, at Pos) bool {
	f := s.node.get(key)
	if f == nil {
		return false
	}
	return f.at == at && f.value == "" || slices.ContainsFunc(f.items, func(x *node) bool { return x.at == at && x.value == "" })
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

// keyOrField keeps the wording of docs/rules/messages.md (F001) for faults.
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
			case k == reflect.Struct && w.subject != "" && w.field != "remedy":
				what = "[{ key = value }]"
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
	if kind == "fault" { // docs/rules/messages.md
		return fmt.Sprintf("[[fault]] #%d (id %s)", i+1, quote(itemName(kind, i, n)))
	}
	for _, key := range nameKeys() {
		if s := n.text(key); s != "" {
			return kind + " " + quote(s)
		}
	}
	return fmt.Sprintf("%s #%d", kind, i+1)
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
