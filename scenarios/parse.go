package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// sizeMax bounds a scenario file; an organisation of ten thousand servers needs a tenth of it.
const sizeMax = 64 << 20

// parse reads a TOML text into a tree. A byte order mark at the start is skipped, as editors on Windows write one.
func parse(file string, data []byte) (*node, *Problem) {
	start := Pos{file, 1, 1}
	if len(data) > sizeMax {
		return nil, &Problem{Pos: start, Text: fmt.Sprintf("the file has %d MB; a scenario has at most %d MB", len(data)>>20, sizeMax>>20)}
	}
	for _, mark := range []string{"\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(data, []byte(mark)) {
			return nil, &Problem{Pos: start, Text: "the file is UTF-16; save it as UTF-8"}
		}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return nil, &Problem{Pos: place(file, data, i), Text: "the file holds a zero byte: it is no text; a scenario is TOML in UTF-8"}
	}
	if i := invalidUTF8(data); i >= 0 {
		return nil, &Problem{Pos: place(file, data, i), Text: fmt.Sprintf("byte 0x%02x is not UTF-8; save the file as UTF-8", data[i])}
	}
	src := string(data)
	ix, deep := scan(file, src)
	if deep != nil {
		return nil, &Problem{Pos: deep.at, Text: deep.text}
	}
	values := map[string]any{}
	if err := decodeTOML(src, &values); err != nil {
		var pe toml.ParseError
		if !errors.As(err, &pe) {
			return nil, &Problem{Pos: start, Text: "not valid TOML: " + oneLine(err.Error())}
		}
		at := place(file, data, pe.Position.Start)
		if pe.Position.Line > 0 && at.Line != pe.Position.Line { // an error at a line's end may begin on the next
			at = Pos{file, pe.Position.Line, max(pe.Position.Col, 1)}
		}
		return nil, &Problem{Pos: at, Text: "not valid TOML: " + oneLine(pe.Message)}
	}
	return ix.build(file, values), nil
}

// decodeTOML runs the parser. A few texts make it panic with a report of its own instead of returning an error; that is a syntax
// error like any other.
func decodeTOML(src string, values *map[string]any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	_, err = toml.Decode(src, values)
	return err
}

// place returns the position of a byte offset.
func place(file string, data []byte, off int) Pos {
	off = min(max(off, 0), len(data))
	line := bytes.Count(data[:off], []byte("\n"))
	from := bytes.LastIndexByte(data[:off], '\n') + 1
	return Pos{file, line + 1, utf8.RuneCount(data[from:off]) + 1}
}

// invalidUTF8 returns the offset of the first byte that is not part of a character, or -1.
func invalidUTF8(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// oneLine makes a parser's message fit on a line.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	const most = 200
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "..."
	}
	return s
}
