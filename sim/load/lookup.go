package load

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// LookupSpec says which columns of a CSV file map a key to a value.
type LookupSpec struct {
	Name       string // of the file, for messages
	Key, Value string // names of columns, as the header row has them
	Separator  string // between several keys in one cell, " " = blanks; "" = a cell is one key
}

// Lookup maps the keys of a file to its values: mailboxes to sites, or mailboxes to departments and departments to sites.
type Lookup struct {
	name    string
	entries []lookupEntry // in the order of the file
	byKey   map[string]int
}

type lookupEntry struct {
	key, value   string
	line, column int // of the value
}

// ReadLookup reads a lookup from a CSV file with a header row. A key may stand in several rows if they agree. Errors carry file,
// line and column, and come joined (errors.Join); after twenty the rest is only counted.
func ReadLookup(r io.Reader, spec LookupSpec) (*Lookup, error) {
	s, err := openSheet(spec.Name, r)
	if err != nil {
		return nil, err
	}
	key, errKey := s.column(spec.Key, "keys")
	value, errValue := s.column(spec.Value, "values")
	if err := errors.Join(errKey, errValue); err != nil {
		return nil, err
	}
	if key < 0 || value < 0 {
		return nil, errors.New(spec.Name + ": name the column of the keys and that of the values")
	}
	l := &Lookup{name: spec.Name, byKey: make(map[string]int)}
	var problems problems
	for ok := true; ok; {
		if ok, err = s.next(); ok && err == nil {
			keys := []string{s.cell(key)}
			if spec.Separator != "" {
				keys = split(keys[0], spec.Separator)
			}
			err = l.read(s, keys, key, value)
		}
		if err != nil {
			problems.add(err)
		}
	}
	if err := problems.err(); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *Lookup) read(s *sheet, keys []string, key, value int) error {
	e := lookupEntry{value: s.cell(value)}
	if e.value == "" {
		return s.bad(value, "%q is empty; write the value that %q stands for", s.header[value], strings.Join(keys, " "))
	}
	e.line, e.column = s.r.FieldPos(value)
	for _, e.key = range keys {
		if e.key == "" {
			return s.bad(key, "%q is empty; write the key, or leave the row out", s.header[key])
		}
		i, again := l.byKey[e.key]
		if again && l.entries[i].value != e.value {
			return s.bad(key, "%q stands for %q here and for %q in line %d; keep one of them", e.key, e.value, l.entries[i].value,
				l.entries[i].line)
		}
		if !again {
			l.byKey[e.key] = len(l.entries)
			l.entries = append(l.entries, e)
		}
	}
	return nil
}

// Get returns what a key stands for.
func (l *Lookup) Get(key string) (string, bool) {
	i, ok := l.byKey[key]
	if !ok {
		return "", false
	}
	return l.entries[i].value, true
}

// Len is the number of keys.
func (l *Lookup) Len() int { return len(l.entries) }

// Then joins two files: it maps the keys of l to what next makes of their values. A value that next does not know is an error.
func (l *Lookup) Then(next *Lookup) (*Lookup, error) {
	out := &Lookup{name: l.name, entries: make([]lookupEntry, len(l.entries)), byKey: l.byKey}
	var problems problems
	for i, e := range l.entries {
		v, ok := next.Get(e.value)
		if !ok {
			problems.add(e.bad(l.name, "%q is not in %s; add it there", e.value, next.name))
		}
		e.value = v
		out.entries[i] = e
	}
	if err := problems.err(); err != nil {
		return nil, err
	}
	return out, nil
}

func (e *lookupEntry) bad(file, format string, args ...any) error {
	return fmt.Errorf("%s:%d:%d: %s", file, e.line, e.column, fmt.Sprintf(format, args...))
}
