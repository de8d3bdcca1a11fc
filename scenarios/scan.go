package scenarios

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// mark says where a key stands and where its value begins.
type mark struct {
	key, value Pos
}

// index maps the path of every key, table and array element of a TOML file to its place. Paths are written by joinKey and
// joinItem: link[3].sites[0].
type index struct {
	marks map[string]mark
	keys  [][]string // every key and table header in file order, without element numbers, as toml.MetaData.Keys lists them
}

func joinKey(path, key string) string {
	if !bare(key) {
		key = strconv.Quote(key)
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

func joinItem(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// bare tells whether TOML lets a key stand without quotes.
func bare(key string) bool {
	for i := range len(key) {
		if !bareByte(key[i]) {
			return false
		}
	}
	return key != ""
}

func bareByte(c byte) bool {
	return c == '_' || c == '-' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

// depthMax bounds the nesting of arrays, inline tables and dotted keys, before the parser recurses into them.
const depthMax = 32

// scanError is a file that the scanner cannot follow. Whether a file is valid TOML is the parser's business, so only nesting is
// an error of its own; anything else merely ends the scan.
type scanError struct {
	at   Pos
	text string
}

// scanner walks over a TOML text. It trusts the text to be valid, and must end without a panic when it is not.
type scanner struct {
	file, src string
	off       int
	line      int
	from, col int // col is the column (from 1) of byte offset from
	depth     int
	idx       index
	tables    map[string]int // number of [[tables]] seen, by path
	tooDeep   *scanError
	path      string   // of the table that the current line belongs to
	prefix    []string // the same without element numbers
	abandoned bool
}

// scan finds the place of every key of a TOML text. It reads each byte once, in O(n).
func scan(file, src string) (index, *scanError) {
	s := &scanner{file: file, src: src, line: 1, col: 1, tables: map[string]int{}}
	s.idx.marks = map[string]mark{}
	for !s.abandoned {
		s.blank(true)
		if s.off >= len(s.src) {
			break
		}
		if s.src[s.off] == '[' {
			s.header()
		} else {
			s.keyValue(s.path, s.prefix)
		}
		s.restOfLine()
	}
	return s.idx, s.tooDeep
}

// here returns the position of the current offset. Offsets only grow, so the column is counted on.
func (s *scanner) here() Pos {
	s.col += utf8.RuneCountInString(s.src[s.from:s.off])
	s.from = s.off
	return Pos{s.file, s.line, s.col}
}

func (s *scanner) newline() { // the byte at off is '\n'
	s.off++
	s.line++
	s.from, s.col = s.off, 1
}

// blank skips spaces and, where lines do not count, newlines and comments.
func (s *scanner) blank(lines bool) {
	for s.off < len(s.src) {
		switch c := s.src[s.off]; {
		case c == ' ' || c == '\t' || c == '\r':
			s.off++
		case lines && c == '\n':
			s.newline()
		case lines && c == '#':
			s.restOfLine()
		default:
			return
		}
	}
}

func (s *scanner) restOfLine() {
	if i := strings.IndexByte(s.src[s.off:], '\n'); i >= 0 {
		s.off += i
		s.newline()
		return
	}
	s.off = len(s.src)
}

func (s *scanner) next(c byte) bool {
	if s.off < len(s.src) && s.src[s.off] == c {
		s.off++
		return true
	}
	return false
}

// header reads [a.b] and [[a.b]].
func (s *scanner) header() {
	at := s.here()
	s.off++
	array := s.next('[')
	keys, places := s.dotted()
	if len(keys) == 0 {
		s.abandoned = true
		return
	}
	s.path, s.prefix = "", nil
	for i, k := range keys {
		s.path = joinKey(s.path, k)
		last := i == len(keys)-1
		n := s.tables[s.path]
		switch {
		case last && array:
			s.put(s.path, mark{at, at}, false)
			s.tables[s.path]++
			s.path = joinItem(s.path, n)
			s.put(s.path, mark{at, at}, true)
		case n > 0:
			s.path = joinItem(s.path, n-1)
		default:
			s.put(s.path, mark{places[i], at}, last)
		}
	}
	s.prefix = keys
	s.idx.keys = append(s.idx.keys, keys)
}

// put records a place; an implicit table keeps its first one until it is declared.
func (s *scanner) put(path string, m mark, declared bool) {
	if _, ok := s.idx.marks[path]; !ok || declared {
		s.idx.marks[path] = m
	}
}

// keyValue reads a.b = value inside the table at path.
func (s *scanner) keyValue(path string, prefix []string) {
	keys, places := s.dotted()
	s.blank(false)
	if len(keys) == 0 || !s.next('=') {
		s.abandoned = true
		return
	}
	s.blank(false)
	full := append(append([]string{}, prefix...), keys...)
	s.idx.keys = append(s.idx.keys, full)
	for i, k := range keys {
		path = joinKey(path, k)
		s.put(path, mark{places[i], s.here()}, i == len(keys)-1)
	}
	s.value(path, full)
}

// dotted reads the parts of a key and their places.
func (s *scanner) dotted() (keys []string, places []Pos) {
	for {
		s.blank(false)
		at := s.here()
		k, ok := s.simpleKey()
		if !ok {
			return nil, nil
		}
		keys, places = append(keys, k), append(places, at)
		if len(keys) > depthMax {
			s.deep(at)
			return nil, nil
		}
		s.blank(false)
		if !s.next('.') {
			return keys, places
		}
	}
}

func (s *scanner) simpleKey() (string, bool) {
	if s.off >= len(s.src) {
		return "", false
	}
	switch c := s.src[s.off]; c {
	case '"':
		start := s.off
		s.basicString()
		return unescape(s.src[start:s.off])
	case '\'':
		start := s.off
		s.literalString()
		if s.off-start < 2 {
			return "", false
		}
		return s.src[start+1 : s.off-1], true
	default:
		start := s.off
		for s.off < len(s.src) && bareByte(s.src[s.off]) {
			s.off++
		}
		return s.src[start:s.off], s.off > start
	}
}

func (s *scanner) deep(at Pos) {
	s.abandoned = true
	if s.tooDeep == nil {
		s.tooDeep = &scanError{at, fmt.Sprintf("nested more than %d deep; no table of a scenario needs that", depthMax)}
	}
}

// value reads one value; path and keys are those of the key that it belongs to.
func (s *scanner) value(path string, keys []string) {
	if s.off >= len(s.src) || s.abandoned {
		s.abandoned = true
		return
	}
	switch s.src[s.off] {
	case '"', '\'':
		q := s.src[s.off : s.off+1]
		triple := strings.HasPrefix(s.src[s.off:], q+q+q)
		switch {
		case triple:
			s.multiline(q)
		case q == `"`:
			s.basicString()
		default:
			s.literalString()
		}
	case '[', '{':
		if s.depth++; s.depth > depthMax {
			s.deep(s.here())
			return
		}
		if s.src[s.off] == '[' {
			s.array(path, keys)
		} else {
			s.inlineTable(path, keys)
		}
		s.depth--
	default: // number, bool, date (which may hold a blank)
		if i := strings.IndexAny(s.src[s.off:], ",]}#\r\n"); i >= 0 {
			s.off += i
		} else {
			s.off = len(s.src)
		}
	}
}

func (s *scanner) array(path string, keys []string) {
	s.off++
	for i := 0; ; i++ {
		s.blank(true)
		if s.off >= len(s.src) || s.next(']') {
			return
		}
		at, item := s.here(), joinItem(path, i)
		s.idx.marks[item] = mark{at, at}
		s.value(item, keys)
		s.blank(true)
		if s.abandoned || !s.next(',') {
			s.abandoned = s.abandoned || !s.next(']')
			return
		}
	}
}

func (s *scanner) inlineTable(path string, keys []string) {
	s.off++
	for {
		s.blank(true)
		if s.off >= len(s.src) || s.next('}') {
			return
		}
		s.keyValue(path, keys)
		s.blank(true)
		if s.abandoned || !s.next(',') {
			s.abandoned = s.abandoned || !s.next('}')
			return
		}
	}
}

func (s *scanner) basicString() {
	for s.off++; s.off < len(s.src); s.off++ {
		switch s.src[s.off] {
		case '\\':
			if s.off+1 < len(s.src) && s.src[s.off+1] != '\n' {
				s.off++
			}
		case '"':
			s.off++
			return
		case '\n':
			s.abandoned = true
			return
		}
	}
}

func (s *scanner) literalString() {
	s.off++
	if i := strings.IndexAny(s.src[s.off:], "'\n"); i >= 0 && s.src[s.off+i] == '\'' {
		s.off += i + 1
		return
	}
	s.abandoned = true
}

// multiline reads a string between three quotes; one or two more may stand before the closing three.
func (s *scanner) multiline(q string) {
	for s.off += 3; s.off < len(s.src); {
		switch c := s.src[s.off]; {
		case c == '\n':
			s.newline()
		case c == '\\' && q == `"`:
			s.off++
			if s.off < len(s.src) && s.src[s.off] != '\n' {
				s.off++
			}
		case strings.HasPrefix(s.src[s.off:], q+q+q):
			s.off += 3
			for range 2 {
				s.next(q[0])
			}
			return
		default:
			s.off++
		}
	}
}
