package scenarios

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// unescape reads the quoted text of a basic TOML string on one line, quotes included. It reports false when the text is none.
func unescape(quoted string) (string, bool) {
	if len(quoted) < 2 || quoted[0] != '"' || quoted[len(quoted)-1] != '"' {
		return "", false
	}
	in := quoted[1 : len(quoted)-1]
	if !strings.Contains(in, `\`) {
		return in, true
	}
	var b strings.Builder
	for len(in) > 0 {
		if in[0] != '\\' {
			b.WriteByte(in[0])
			in = in[1:]
			continue
		}
		if len(in) < 2 {
			return "", false
		}
		digits := 0
		switch in[1] {
		case 'b':
			b.WriteByte('\b')
		case 't':
			b.WriteByte('\t')
		case 'n':
			b.WriteByte('\n')
		case 'f':
			b.WriteByte('\f')
		case 'r':
			b.WriteByte('\r')
		case 'e':
			b.WriteByte(0x1b)
		case '"', '\\':
			b.WriteByte(in[1])
		case 'x':
			digits = 2
		case 'u':
			digits = 4
		case 'U':
			digits = 8
		default:
			return "", false
		}
		in = in[2:]
		if digits > 0 {
			if len(in) < digits {
				return "", false
			}
			code, err := strconv.ParseUint(in[:digits], 16, 32)
			if err != nil || !utf8.ValidRune(rune(code)) {
				return "", false
			}
			b.WriteRune(rune(code))
			in = in[digits:]
		}
	}
	return b.String(), true
}
