package scenarios

import (
	"fmt"
	"path"
	"strconv"
	"strings"
)

// A path names values of a scenario, for --set and for sweep axes:
//
//	seed                                   a key at the head
//	model.version                          a key of a table
//	edge.tyo-edge1.connection_threshold    a key of the [[edge]] of that name
//	edge.*.connection_threshold            the same of every edge; * stands for any letters
//	load[0].rate, load.office.rate         a key of a [[load]], by its place from 0 or by its id
//	remote.cloud.session.setup             a key inside a table
//	hub."a.b".dc                           a name that has a point itself

// step is one element of a path.
type step struct {
	name  string
	index int // of [n]; -1 for a name
}

// parsePath cuts a path into its steps.
func parsePath(text string) ([]step, error) {
	var steps []step
	rest := text
	for {
		var name string
		if strings.HasPrefix(rest, `"`) {
			end := strings.IndexByte(rest[1:], '"')
			if end < 0 {
				return nil, fmt.Errorf("path %s: a quote is not closed", quote(text))
			}
			name, rest = rest[1:end+1], rest[end+2:]
		} else {
			end := strings.IndexAny(rest, ".[")
			if end < 0 {
				end = len(rest)
			}
			name, rest = rest[:end], rest[end:]
		}
		if name == "" {
			return nil, fmt.Errorf("path %s: a part of it is empty; write for example edge.*.connection_threshold", quote(text))
		}
		steps = append(steps, step{name, -1})
		for strings.HasPrefix(rest, "[") {
			end := strings.IndexByte(rest, ']')
			if end < 0 {
				return nil, fmt.Errorf("path %s: a bracket is not closed", quote(text))
			}
			i, err := strconv.Atoi(rest[1:end])
			if err != nil || i < 0 {
				return nil, fmt.Errorf("path %s: [%s] is not a place; write a whole number from 0", quote(text), rest[1:end])
			}
			steps, rest = append(steps, step{"", i}), rest[end+1:]
		}
		if len(steps) > depthMax {
			return nil, fmt.Errorf("path %s: has more than %d parts", quote(text), depthMax)
		}
		if rest == "" {
			return steps, nil
		}
		if rest[0] != '.' {
			return nil, fmt.Errorf("path %s: expected a point before %s", quote(text), quote(rest))
		}
		rest = rest[1:]
	}
}

// set puts a copy of v at every place that the path names. Whether the last key exists, and takes such a value, is found when the
// tree is bound. It is an error when the path matches nothing.
func (n *node) set(text string, v *node) error {
	steps, err := parsePath(text)
	if err != nil {
		return err
	}
	if steps[0].name == "sweep" || steps[0].name == "base" {
		return fmt.Errorf("path %s: %s cannot be set", quote(text), steps[0].name)
	}
	return n.apply(text, steps, nil, v)
}

// apply walks down the path; done are the steps behind it.
func (n *node) apply(text string, steps, done []step, v *node) error {
	s := steps[0]
	if n.kind == arrayNode {
		return n.applyItems(text, steps, done, v)
	}
	if n.kind != tableNode {
		return fmt.Errorf("path %s: %s is %s and has no parts", quote(text), writePath(done), n.describe())
	}
	if s.index >= 0 {
		return fmt.Errorf("path %s: %s is not a list", quote(text), writePath(done))
	}
	f := n.get(s.name)
	if len(steps) == 1 {
		c := v.clone()
		c.key, c.keyAt = s.name, v.keyAt
		n.put(c)
		return nil
	}
	if f == nil {
		if len(done) == 0 && isTableArray(s.name) {
			return fmt.Errorf("path %s matches nothing: there is no [[%s]]", quote(text), s.name)
		}
		if len(done) == 0 && !isTable(s.name) && isKey(s.name) {
			return fmt.Errorf("path %s: %s is no table and has no parts", quote(text), s.name)
		}
		if len(done) == 0 && !isTable(s.name) {
			return fmt.Errorf("path %s matches nothing: %s", quote(text), suggestKey(s.name, tableNames()))
		}
		f = newTable(s.name, v.keyAt)
		n.put(f)
	}
	return f.apply(text, steps[1:], append(done, s), v)
}

// applyItems goes on in the elements that a step names, by place, by name or by pattern.
func (n *node) applyItems(text string, steps, done []step, v *node) error {
	s := steps[0]
	if s.index >= 0 {
		if s.index >= len(n.items) {
			return fmt.Errorf("path %s matches nothing: %s", quote(text), n.howMany(writePath(done)))
		}
		if len(steps) == 1 {
			c := v.clone()
			n.items[s.index] = c
			return nil
		}
		return n.items[s.index].apply(text, steps[1:], append(done, s), v)
	}
	var known []string
	hits := 0
	for i, x := range n.items {
		name := itemName(writePath(done), i, x)
		known = append(known, name)
		if ok, err := path.Match(s.name, name); err != nil {
			return fmt.Errorf("path %s: %s is not a pattern", quote(text), quote(s.name))
		} else if !ok && name != s.name {
			continue
		}
		hits++
		if len(steps) == 1 {
			return fmt.Errorf("path %s: names a whole table; add the key to set", quote(text))
		}
		if err := x.apply(text, steps[1:], append(done, s), v); err != nil {
			return err
		}
	}
	if hits == 0 {
		return fmt.Errorf("path %s matches nothing: no %s is called %s; %s", quote(text), writePath(done), quote(s.name),
			suggest(s.name, known, writePath(done)))
	}
	return nil
}

// howMany tells which elements a list has.
func (n *node) howMany(name string) string {
	switch len(n.items) {
	case 0:
		return name + " is empty"
	case 1:
		return fmt.Sprintf("there is 1 %s: %[1]s[0]", name)
	}
	return fmt.Sprintf("there are %d of %s: %[2]s[0] to %[2]s[%[3]d]", len(n.items), name, len(n.items)-1)
}

// nameKeys are the keys that tell the tables of a kind apart: a table has one of them, or none.
func nameKeys() []string { return []string{"name", "id", "domain"} }

// itemName is the name of an element of an array of tables: its name, id or domain, or the id that it gets.
func itemName(kind string, i int, n *node) string {
	for _, key := range nameKeys() {
		if s := n.text(key); s != "" {
			return s
		}
	}
	if k := n.text("kind"); k != "" {
		return fmt.Sprintf("%s-%d", k, i+1)
	}
	return fmt.Sprintf("%s-%d", kind, i+1)
}

func writePath(steps []step) string {
	var b strings.Builder
	for _, s := range steps {
		if s.index >= 0 {
			fmt.Fprintf(&b, "[%d]", s.index)
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(s.name)
	}
	return b.String()
}
