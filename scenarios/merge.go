package scenarios

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"
)

// tableNames are the keys at the head of a scenario that hold tables.
func tableNames() []string {
	var out []string
	for _, f := range fieldsOf(reflect.TypeFor[document]()) {
		if k := f.typ.Kind(); !f.later && (k == reflect.Struct && f.typ != reflect.TypeFor[duration]() || k == reflect.Slice) {
			out = append(out, f.key)
		}
	}
	return out
}

func isTableArray(key string) bool {
	for _, f := range fieldsOf(reflect.TypeFor[document]()) {
		if f.key == key {
			return f.typ.Kind() == reflect.Slice
		}
	}
	return false
}

func isTable(key string) bool {
	for _, name := range tableNames() {
		if name == key {
			return true
		}
	}
	return key == "replications"
}

// isKey tells whether a scenario has such a key at its head.
func isKey(key string) bool {
	return slices.ContainsFunc(fieldsOf(reflect.TypeFor[document]()), func(f field) bool { return f.key == key })
}

// baseMax bounds a chain of bases.
const baseMax = 20

// loader reads files.
type loader struct {
	rep   *report
	fsys  fs.FS
	chain []string // the files being read, for finding cycles
}

// read parses a file and merges it over its base.
func (l *loader) read(name string) *node {
	data, err := readFile(l.fsys, name, sizeMax)
	if err != nil {
		l.rep.files = append(l.rep.files, name)
		l.rep.errorf(Pos{name, 1, 1}, "cannot read the scenario: %s", readError(err))
		return nil
	}
	return l.merged(name, data)
}

// merged parses the text of a file and merges it over its base. Each file is read once: it may be a pipe.
func (l *loader) merged(name string, data []byte) *node {
	l.rep.files = append(l.rep.files, name)
	l.chain = append(l.chain, name)
	root, problem := parse(name, data)
	if problem != nil {
		l.rep.problems = append(l.rep.problems, *problem)
		return nil
	}
	b := root.get("base")
	if b == nil {
		return root
	}
	base, ok := b.value.(string)
	if !ok || base == "" {
		l.rep.errorf(b.at, `base: expected the path of a scenario, got %s; write for example "ref-2.toml"`, b.describe())
		return nil
	}
	full := beside(name, base)
	for _, f := range l.chain {
		if f == full {
			l.rep.errorf(b.at, "base: %s leads back to itself (%s); remove one of them", quote(base), strings.Join(append(l.chain, full), " > "))
			return nil
		}
	}
	if len(l.chain) > baseMax {
		l.rep.errorf(b.at, "base: more than %d scenarios build on each other", baseMax)
		return nil
	}
	data, err := readFile(l.fsys, full, sizeMax)
	if err != nil {
		l.rep.errorf(b.at, "base: cannot read %s: %s; write a path relative to this file, or @name of a shipped scenario", quote(full), readError(err))
		return nil
	}
	under := l.merged(full, data)
	if under == nil {
		return nil
	}
	root.remove("base")
	return merge(under, root)
}

func (n *node) remove(key string) {
	for i, f := range n.fields {
		if f.key == key {
			n.fields = append(n.fields[:i:i], n.fields[i+1:]...)
			return
		}
	}
}

// beside resolves a path that a file names: relative to it, or @name.
func beside(file, name string) string {
	name = strings.ReplaceAll(name, `\`, "/")
	switch {
	case strings.HasPrefix(name, "@") || path.IsAbs(name) || len(name) > 1 && name[1] == ':':
		return name
	case strings.HasPrefix(file, "@"):
		return "@" + path.Join(path.Dir(strings.TrimPrefix(file, "@")), strings.TrimSuffix(name, ".toml"))
	}
	return path.Join(path.Dir(file), name)
}

// merge lays over upon under and returns the result: tables merge key by key, arrays of tables by name, id or domain, what has no name is
// appended, everything else is replaced.
func merge(under, over *node) *node {
	out := *over
	out.fields = append([]*node{}, under.fields...)
	for _, f := range over.fields {
		old := out.get(f.key)
		switch {
		case old == nil:
			out.fields = append(out.fields, f)
		case old.kind == tableNode && f.kind == tableNode:
			out.put(merge(old, f))
		case old.isTables() && f.isTables():
			out.put(mergeItems(old, f))
		default:
			out.put(f)
		}
	}
	return &out
}

func mergeItems(under, over *node) *node {
	out := *over
	out.items = append([]*node{}, under.items...)
	for _, x := range over.items {
		at := -1
		for i, y := range out.items {
			for _, key := range nameKeys() {
				if s := x.text(key); s != "" && s == y.text(key) {
					at = i
				}
			}
		}
		if at < 0 {
			out.items = append(out.items, x)
		} else {
			out.items[at] = merge(out.items[at], x)
		}
	}
	return &out
}

// override applies one --set.
func (r *report) override(root *node, number int, text string) {
	at := Pos{overrideFile(text), number, 1}
	key, value, ok := strings.Cut(text, "=")
	if !ok {
		r.errorf(at, "has no =; write path=value, for example edge.*.connection_threshold=5")
		return
	}
	key = strings.TrimSpace(key)
	v := parseValue(strings.TrimSpace(value), Pos{at.File, number, len([]rune(key)) + 2})
	v.keyAt = at
	if root.narrow(key, v) {
		return
	}
	if err := root.set(key, v); err != nil {
		r.errorf(at, "%s", err)
	}
}

// narrow gives a sweep axis of that path one value only, and drops the expectations that are about another. It reports whether there
// is such an axis.
func (n *node) narrow(path string, v *node) bool {
	a := n.get("sweep").get(path)
	if a == nil || v.kind != scalarNode {
		return false
	}
	for _, x := range a.items {
		if sameScalar(x, v) {
			v = x
		}
	}
	a.items = []*node{v}
	expects := n.get("expect")
	if expects == nil {
		return true
	}
	var kept []*node
	for _, e := range expects.items {
		if want := e.get("set").get(path); want == nil || sameScalar(want, v) {
			kept = append(kept, e)
		}
	}
	if expects.items = kept; len(kept) == 0 {
		n.remove("expect")
	}
	return true
}

// sameScalar compares values; an override may be text without quotes.
func sameScalar(a, b *node) bool {
	return a.kind == scalarNode && b.kind == scalarNode &&
		(formatScalar(a.value) == formatScalar(b.value) || b.typed != "" && a.value == b.typed)
}

// parseValue reads the value of an override: TOML where it is, else text without quotes.
func parseValue(text string, at Pos) *node {
	n := &node{at: at, value: text, typed: text}
	if root, problem := parse(at.File, []byte("x = "+text+"\n")); problem == nil && len(root.fields) == 1 {
		n = root.fields[0]
		n.relocate(at)
		if n.kind == scalarNode {
			n.typed = text
			if s, ok := n.value.(string); ok {
				n.typed = s
			}
		}
	}
	return n
}

// relocate moves a value parsed on its own to where it stands.
func (n *node) relocate(at Pos) {
	n.at, n.keyAt = at, at
	for _, x := range append(append([]*node{}, n.items...), n.fields...) {
		x.relocate(at)
	}
}

// applyDefaults puts the keys of [defaults.KIND] into all tables of the kind that lack them, and removes the table. Defaults that
// are wrong in themselves are reported once, and not applied.
func (r *report) applyDefaults(root *node) {
	defaults := root.get("defaults")
	if defaults == nil {
		return
	}
	root.remove("defaults")
	if defaults.kind != tableNode {
		r.errorf(defaults.at, "defaults: expected a table, got %s; write [defaults.hub]", defaults.describe())
		return
	}
	var kinds []string
	for _, f := range fieldsOf(reflect.TypeFor[document]()) {
		if f.typ.Kind() == reflect.Slice && !f.later {
			kinds = append(kinds, f.key)
		}
	}
	for _, d := range defaults.fields {
		var typ reflect.Type
		for _, f := range fieldsOf(reflect.TypeFor[document]()) {
			if f.key == d.key && f.typ.Kind() == reflect.Slice && !f.later {
				typ = f.typ.Elem()
			}
		}
		if typ == nil {
			r.errorf(d.keyAt, "defaults.%s: there are no tables of this kind; %s", d.key, suggestKey(d.key, kinds))
			continue
		}
		if d.kind != tableNode {
			r.errorf(d.at, "defaults.%s: expected a table, got %s; write [defaults.%s]", d.key, d.describe(), d.key)
			continue
		}
		b := binder{rep: &report{}, partial: true}
		b.table(d, reflect.New(typ).Elem(), where{"defaults." + d.key, ""})
		for _, key := range nameKeys() {
			if f := d.get(key); f != nil {
				b.rep.errorf(f.keyAt, "defaults.%s: %s: cannot be the same for all; remove it", d.key, key)
			}
		}
		r.problems = append(r.problems, b.rep.problems...)
		array := root.get(d.key)
		if len(b.rep.problems) > 0 || array == nil || !array.isTables() {
			continue
		}
		for _, x := range array.items {
			for _, f := range d.fields {
				if x.get(f.key) == nil {
					x.fields = append(x.fields, f.clone())
				}
			}
		}
	}
}

func readError(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "there is no such file"
	}
	if pe, ok := err.(*fs.PathError); ok {
		return pe.Err.Error()
	}
	if most, ok := err.(tooLargeError); ok && most == sizeMax {
		return err.Error() + "; is this a scenario?"
	}
	return fmt.Sprint(err)
}
