package load

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// sheet reads a CSV file with a header row by the names of its columns. Errors say where: file:line:column.
type sheet struct {
	name   string
	r      *csv.Reader
	header []string
	row    []string
}

// openSheet reads the header. A byte order mark before it is skipped.
func openSheet(name string, r io.Reader) (*sheet, error) {
	b := bufio.NewReader(r)
	if mark, _ := b.Peek(3); string(mark) == "\xef\xbb\xbf" {
		_, _ = b.Discard(3)
	}
	s := &sheet{name: name, r: csv.NewReader(b)}
	s.r.ReuseRecord = true
	header, err := s.r.Read()
	if err == io.EOF {
		return nil, fmt.Errorf("%s:1:1: is empty; the first row must name the columns", name)
	}
	if err != nil {
		return nil, s.broken(err)
	}
	for _, h := range header {
		s.header = append(s.header, strings.TrimSpace(h))
	}
	return s, nil
}

// column finds a column by its name. An empty name is column -1: not there.
func (s *sheet) column(name, purpose string) (int, error) {
	if name == "" {
		return -1, nil
	}
	i := slices.Index(s.header, name)
	if i < 0 {
		return -1, fmt.Errorf("%s:1:1: has no column %q for the %s; its columns are %s", s.name, name, purpose, s.names())
	}
	if slices.Contains(s.header[i+1:], name) {
		return -1, fmt.Errorf("%s:1:1: has more than one column %q; rename all but one", s.name, name)
	}
	return i, nil
}

func (s *sheet) names() string {
	quoted := make([]string, len(s.header))
	for i, h := range s.header {
		quoted[i] = fmt.Sprintf("%q", h)
	}
	return strings.Join(quoted, ", ")
}

// next reads a row. ok is false at the end of the file and where reading cannot go on. A row with too many or too few cells is an
// error after which it can.
func (s *sheet) next() (ok bool, err error) {
	s.row, err = s.r.Read()
	if err == io.EOF {
		return false, nil
	}
	if err != nil {
		return errors.Is(err, csv.ErrFieldCount), s.broken(err)
	}
	return true, nil
}

// cell returns a cell of the present row without blanks around it; "" for column -1.
func (s *sheet) cell(column int) string {
	if column < 0 {
		return ""
	}
	return strings.TrimSpace(s.row[column])
}

// bad is an error at a cell of the present row.
func (s *sheet) bad(column int, format string, args ...any) error {
	line, col := s.r.FieldPos(column)
	return fmt.Errorf("%s:%d:%d: %s", s.name, line, col, fmt.Sprintf(format, args...))
}

// broken turns an error of the CSV reader into ours.
func (s *sheet) broken(err error) error {
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	at := fmt.Sprintf("%s:%d:%d", s.name, p.Line, max(1, p.Column))
	switch {
	case errors.Is(err, csv.ErrFieldCount):
		return fmt.Errorf("%s: row has %d cells, the header has %d; put a cell with commas into double quotes",
			at, len(s.row), len(s.header))
	case errors.Is(err, csv.ErrBareQuote), errors.Is(err, csv.ErrQuote):
		return fmt.Errorf("%s: stray double quote; put the whole cell into double quotes and write each of its own twice", at)
	}
	return fmt.Errorf("%s: %w", at, p.Err)
}

// split cuts a cell into its items: at blanks of any length when the separator is "" or " ", else at the separator, with blanks
// around items left out. Empty items are left out.
func split(cell, separator string) []string {
	if strings.TrimSpace(separator) == "" && separator != "\t" {
		return strings.Fields(cell)
	}
	var items []string
	for item := range strings.SplitSeq(cell, separator) {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
