package sim

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// QueueError is the LastError that servers of 2013 and later show at a queue, in its parts.
type QueueError struct {
	Tried time.Time // the last attempt (LRT), as the clock of the server shows it: to the second, and without a zone, for which UTC stands
	Text  string    // what went wrong (LED)
	FQDN  string    // whom the attempt was for; "" = nobody
	IP    string
}

// String writes it as a server does.
func (e QueueError) String() string {
	return fmt.Sprintf("[{LRT=%s};{LED=%s};{FQDN=%s};{IP=%s}]", e.Tried.Format(operatorTime), e.Text, e.FQDN, e.IP)
}

// operatorTime is how times are written in the texts of queues.
const operatorTime = "2006/01/02 15:04:05"

// ParseQueueError reads the LastError of a queue as a server of any region writes it (ParseLRT). A text without the brackets is that of a server of 2007 or 2010: there
// is nothing but the text. An error says what does not fit.
func ParseQueueError(s string) (QueueError, error) {
	s = strings.TrimSpace(s)
	inner, ok := strings.CutPrefix(s, "[{LRT=")
	if !ok {
		return QueueError{Text: s}, nil
	}
	if inner, ok = strings.CutSuffix(inner, "}]"); !ok {
		return QueueError{}, errors.New("last error: begins with [{LRT= and does not end with }]; write the whole line")
	}
	tried, rest, ok := strings.Cut(inner, "};{LED=")
	if !ok {
		return QueueError{}, errors.New("last error: has no {LED=...} after {LRT=...}; write the whole line")
	}
	// The text may hold anything, a part that looks like these included: they are the last ones.
	var e QueueError
	for _, part := range []struct {
		name string
		to   *string
	}{{"IP", &e.IP}, {"FQDN", &e.FQDN}} {
		mark := "};{" + part.name + "="
		i := strings.LastIndex(rest, mark)
		if i < 0 {
			return QueueError{}, fmt.Errorf("last error: has no {%s=...} after {LED=...}; write the whole line", part.name)
		}
		*part.to, rest = rest[i+len(mark):], rest[:i]
	}
	e.Text = rest
	at, err := ParseLRT(tried)
	e.Tried = at
	return e, err
}

// ParseLRT reads a time that a server wrote in the format of its region, without a zone: 2017/01/05 12:05:59, 15-01-21 22:06:02, 2019/11/4 13:31:03, 1/21/2021 10:06:02 PM.
//
// Documents are silent on how to tell the parts of a date (decision). A number of four digits is the year, and stands first or last; of two digits the year
// is the last number, unless the first is over 31. A year that stands last has the day first, but the month where AM or PM is
// written or the second number is over 12.
func ParseLRT(s string) (time.Time, error) {
	wrong := func(why string) (time.Time, error) {
		return time.Time{}, fmt.Errorf("last retry time %q: %s; write for example 2017/01/05 12:05:59", short(s), why)
	}
	half, rest := halfOfDay(s)
	n, digits, ok := numbers(rest)
	if !ok || len(n) < 5 || len(n) > 6 {
		return wrong("is not a date and a time of numbers")
	}
	year, month, day := n[0], n[1], n[2]
	switch {
	case digits[0] == 4 || n[0] > 31:
	case half != noHalf && n[0] <= 12 || n[1] > 12:
		year, month, day = n[2], n[0], n[1]
	default:
		year, month, day = n[2], n[1], n[0]
	}
	if year < 100 {
		year += 2000
	}
	hour, minute, second := n[3], n[4], 0
	if len(n) == 6 {
		second = n[5]
	}
	switch {
	case half != noHalf && (hour < 1 || hour > 12):
		return wrong("has an hour that AM and PM do not have")
	case half != noHalf:
		hour = hour%12 + 12*half
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if year > 9999 || t.Year() != year || int(t.Month()) != month || t.Day() != day || t.Hour() != hour || t.Minute() != minute || t.Second() != second {
		return wrong("is no time that there is")
	}
	return t, nil
}

// noHalf says that no half of the day is given; 0 is the first.
const noHalf = -1

// halfOfDay takes the half of the day off a time.
func halfOfDay(s string) (half int, rest string) {
	upper := strings.ToUpper(s)
	for _, x := range []struct {
		name string
		half int
	}{{"AM", 0}, {"A.M.", 0}, {"PM", 1}, {"P.M.", 1}, {"上午", 0}, {"午前", 0}, {"下午", 1}, {"午後", 1}} {
		if before, after, ok := strings.Cut(upper, x.name); ok {
			return x.half, before + " " + after
		}
	}
	return noHalf, s
}

// numbers reads the numbers of a time and how many digits each has. Between them stands any of "/-.:" with spaces, or spaces alone.
func numbers(s string) (n, digits []int, ok bool) {
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("/-.: \t\u00a0\u202f", r) }) {
		v, err := strconv.ParseUint(word, 10, 16)
		if err != nil || len(word) > 4 {
			return nil, nil, false
		}
		n, digits = append(n, int(v)), append(digits, len(word))
	}
	return n, digits, true
}

// short cuts a text for a message.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "..."
	}
	return s
}
