package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// nodeKind says what a node holds.
type nodeKind uint8

const (
	scalarNode nodeKind = iota
	arrayNode
	tableNode
)

// node is a value of a scenario file that knows where it stands. A tree of nodes is what base files, overrides and sweep points
// are applied to, before anything is decoded.
type node struct {
	kind   nodeKind
	key    string  // its name in the table above; "" for an array's element
	keyAt  Pos     // where the name stands
	at     Pos     // where the value (or the table's header) begins
	value  any     // scalar: string, int64, float64, bool or time.Time
	items  []*node // array
	fields []*node // table, in file order
	typed  string  // an override's value as it was typed: text may then stand without quotes
	astext bool    // ... and it did
}

// table makes an empty table at a place.
func newTable(key string, at Pos) *node { return &node{kind: tableNode, key: key, keyAt: at, at: at} }

// get returns the field of a table, or nil.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for _, f := range n.fields {
		if f.key == key {
			return f
		}
	}
	return nil
}

// text returns the string field of a table, or "".
func (n *node) text(key string) string {
	if f := n.get(key); f != nil {
		if s, ok := f.value.(string); ok {
			return s
		}
	}
	return ""
}

// put sets a field of a table, in the place of one with the same name.
func (n *node) put(f *node) {
	for i, old := range n.fields {
		if old.key == f.key {
			n.fields[i] = f
			return
		}
	}
	n.fields = append(n.fields, f)
}

// clone copies a tree; the copy shares nothing with the original that can change.
func (n *node) clone() *node {
	if n == nil {
		return nil
	}
	c := *n
	c.items = make([]*node, len(n.items))
	for i, x := range n.items {
		c.items[i] = x.clone()
	}
	c.fields = make([]*node, len(n.fields))
	for i, x := range n.fields {
		c.fields[i] = x.clone()
	}
	return &c
}

// isTables tells whether the node is an array of tables ([[name]]).
func (n *node) isTables() bool {
	return n.kind == arrayNode && len(n.items) > 0 && !slices.ContainsFunc(n.items, func(x *node) bool { return x.kind != tableNode })
}

// describe writes the value for a message: number 5, text "x", a table.
func (n *node) describe() string {
	switch v := n.value.(type) {
	case string:
		return "text " + quote(v)
	case int64, float64:
		return "the number " + formatScalar(v)
	case bool:
		return formatScalar(v)
	case time.Time:
		return "a date"
	}
	if n.kind == arrayNode {
		return "a list"
	}
	return "a table"
}

// formatScalar writes a scalar as TOML.
func formatScalar(v any) string {
	switch v := v.(type) {
	case string:
		return quoteTOML(v)
	case float64:
		s := strconv.FormatFloat(v, 'g', -1, 64)
		switch s {
		case "NaN":
			return "nan"
		case "+Inf", "-Inf":
			return strings.ToLower(s)
		}
		if !strings.ContainsAny(s, ".e") {
			s += ".0"
		}
		return s
	case time.Time:
		return v.Format(time.RFC3339Nano)
	default:
		return fmt.Sprint(v)
	}
}

// quoteTOML writes a basic TOML string.
func quoteTOML(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// build makes the tree of a parsed file: the parser's values at the scanner's places.
func (ix index) build(file string, values map[string]any) *node {
	root := newTable("", Pos{file, 1, 1})
	ix.fill(root, "", values)
	return root
}

func (ix index) fill(t *node, path string, values map[string]any) {
	for k, v := range values { // the order is restored below
		p := joinKey(path, k)
		t.fields = append(t.fields, ix.node(k, p, v, t.at))
	}
	slices.SortFunc(t.fields, func(a, b *node) int {
		return cmp.Or(cmp.Compare(a.keyAt.Line, b.keyAt.Line), cmp.Compare(a.keyAt.Column, b.keyAt.Column), cmp.Compare(a.key, b.key))
	})
}

func (ix index) node(key, path string, v any, parent Pos) *node {
	m, ok := ix.marks[path]
	if !ok { // a place that the scanner missed is told as its table's
		m = mark{parent, parent}
	}
	n := &node{key: key, keyAt: m.key, at: m.value}
	switch v := v.(type) {
	case map[string]any:
		n.kind = tableNode
		ix.fill(n, path, v)
	case []map[string]any:
		n.kind = arrayNode
		for i, x := range v {
			n.items = append(n.items, ix.node("", joinItem(path, i), x, m.value))
		}
	case []any:
		n.kind = arrayNode
		for i, x := range v {
			n.items = append(n.items, ix.node("", joinItem(path, i), x, m.value))
		}
	default:
		n.value = v
	}
	return n
}
