package load

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"mailsim/sim/simtime"
)

// TimeUnit says how a trace writes its times.
type TimeUnit string

// The time units. Seconds and Milliseconds count from t0, or from midnight where the trace has a date column; they may have a fraction.
const (
	Seconds      TimeUnit = "s"
	Milliseconds TimeUnit = "ms"
	Unix         TimeUnit = "unix"    // seconds since 1970-01-01 00:00 UTC
	RFC3339      TimeUnit = "RFC3339" // an instant with its zone, 2026-03-02T08:00:00+09:00; with a date column a clock time, 08:00:00
)

// Columns names the columns of a trace, as its header row does. "" = the trace has none; the first three are needed.
type Columns struct {
	Time, Sender, Recipients string

	Size      string // bytes; an empty cell or 0 = drawn from Source.Size
	MessageID string // rows with the same one, and not empty, are one message
	Date      string // 2026-03-02; the time is then counted from its midnight, by the clock of t0
}

// TraceSpec says how to read a trace.
type TraceSpec struct {
	Name      string // of the file, for messages
	Columns   Columns
	TimeUnit  TimeUnit  // "" = Seconds
	Separator string    // between the recipients in a cell; "" or " " = blanks
	Start     time.Time // t0; needed for dates, Unix and RFC3339
}

// Raw is one message of a trace, with mailboxes by name.
type Raw struct {
	At         simtime.Time // since t0, >= 0
	ID         string       // message id, where the trace has one
	Sender     string
	Recipients []string // at least one, each once, in the order of the trace
	Size       int64    // bytes; 0 = not recorded

	// Where it stands, for messages: line and columns, from 1.
	Line, SenderColumn, RecipientsColumn int
}

// ReadTrace reads a CSV trace with a header row. The result is in time order; rows of one instant keep the order of the file.
// A mailbox that stands twice among the recipients of a message counts once. Rows that share a message id are one message with all
// their recipients; its time, sender and size are those of the first of them in the file.
//
// Errors carry file, line and column, and come joined (errors.Join); after twenty the rest is only counted.
func ReadTrace(r io.Reader, spec TraceSpec) ([]Raw, error) {
	t, err := openTrace(r, spec)
	if err != nil {
		return nil, err
	}
	var problems problems
	for ok := true; ok; {
		if ok, err = t.next(); ok && err == nil {
			err = t.read()
		}
		if err != nil {
			problems.add(err)
		}
	}
	if err := problems.err(); err != nil {
		return nil, err
	}
	t.onceEach()
	slices.SortStableFunc(t.raws, func(a, b Raw) int { return cmp.Compare(a.At, b.At) })
	return t.raws, nil
}

// trace is a trace that is being read.
type trace struct {
	*sheet
	spec                                     TraceSpec
	time, sender, recipients, size, id, date int // columns; -1 = none
	raws                                     []Raw
	byID                                     map[string]int // index into raws
}

func openTrace(r io.Reader, spec TraceSpec) (*trace, error) {
	if err := spec.check(); err != nil {
		return nil, err
	}
	s, err := openSheet(spec.Name, r)
	if err != nil {
		return nil, err
	}
	t := &trace{sheet: s, spec: spec, byID: make(map[string]int)}
	c := &spec.Columns
	var errs []error
	find := func(name, purpose string) int {
		i, err := s.column(name, purpose)
		errs = append(errs, err)
		return i
	}
	t.time, t.sender, t.recipients = find(c.Time, "time"), find(c.Sender, "sender"), find(c.Recipients, "recipients")
	t.size, t.id, t.date = find(c.Size, "size"), find(c.MessageID, "message id"), find(c.Date, "date")
	return t, errors.Join(errs...)
}

func (s *TraceSpec) check() error {
	var errs []error
	bad := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf(s.Name+": "+format, args...))
		}
	}
	const name = "columns: %s is missing; name the column of the trace that holds it"
	bad(s.Columns.Time == "", name, "time")
	bad(s.Columns.Sender == "", name, "sender")
	bad(s.Columns.Recipients == "", name, "recipients")
	absolute := s.Columns.Date != ""
	switch s.TimeUnit {
	case "", Seconds, Milliseconds:
	case Unix:
		bad(s.Columns.Date != "", "columns: date does not go with time_unit \"unix\", whose times have their date in them; leave one out")
		absolute = true
	case RFC3339:
		absolute = true
	default:
		bad(true, "time_unit %q does not exist; write s, ms, unix or RFC3339", s.TimeUnit)
	}
	bad(absolute && s.Start.IsZero(), "dates need the start of the run; set start")
	return errors.Join(errs...)
}

// read takes in the present row.
func (t *trace) read() error {
	m := Raw{ID: t.cell(t.id), Sender: t.cell(t.sender), Recipients: split(t.cell(t.recipients), t.spec.Separator)}
	m.Line, m.SenderColumn = t.r.FieldPos(t.sender)
	_, m.RecipientsColumn = t.r.FieldPos(t.recipients)
	if m.Sender == "" {
		return t.bad(t.sender, "message has no sender; write the mailbox that sent it, or leave the row out")
	}
	if len(m.Recipients) == 0 {
		return t.bad(t.recipients, "message has no recipient; write the mailboxes that got it, or leave the row out")
	}
	var err error
	if m.At, err = t.instant(); err != nil {
		return err
	}
	if cell := t.cell(t.size); cell != "" {
		if m.Size, err = strconv.ParseInt(cell, 10, 64); err != nil || m.Size < 0 || m.Size > MaxSize {
			return t.bad(t.size, "size %q is no whole number of bytes from 0 to %d; leave it empty where it is not known", cell, MaxSize)
		}
	}
	if m.ID != "" {
		if i, ok := t.byID[m.ID]; ok {
			t.raws[i].Recipients = append(t.raws[i].Recipients, m.Recipients...)
			return nil
		}
		t.byID[m.ID] = len(t.raws)
	}
	t.raws = append(t.raws, m)
	return nil
}

// instant reads the time of the present row.
func (t *trace) instant() (simtime.Time, error) {
	cell := t.cell(t.time)
	since, err := t.sinceStart(cell)
	if err != nil {
		return 0, err
	}
	if since < 0 {
		return 0, t.bad(t.time, "time %q is %v before the start of the run; start the run earlier, or leave the row out", cell, -since)
	}
	if since >= time.Duration(horizon) {
		return 0, t.bad(t.time, "time %q is more than 146 years after the start of the run; check time_unit", cell)
	}
	return simtime.Time(since), nil
}

func (t *trace) sinceStart(cell string) (time.Duration, error) {
	start := t.spec.Start
	if t.spec.TimeUnit == RFC3339 {
		at, err := time.Parse(time.RFC3339, cell)
		if t.date >= 0 {
			at, err = time.ParseInLocation("2006-01-02T15:04:05", t.cell(t.date)+"T"+cell, start.Location())
			if err != nil {
				return 0, t.bad(t.time, "date %q and time %q are no instant; write 2026-03-02 and 08:00:00", t.cell(t.date), cell)
			}
		} else if err != nil {
			return 0, t.bad(t.time, "time %q is no instant; write 2026-03-02T08:00:00+09:00, or set time_unit to s, ms or unix", cell)
		}
		return at.Sub(start), nil
	}
	unit, name := "s", "seconds"
	if t.spec.TimeUnit == Milliseconds {
		unit, name = "ms", "milliseconds"
	}
	// ParseDuration keeps decimals exactly, where a float would not.
	d, err := time.ParseDuration(cell + unit)
	if err != nil || strings.Trim(cell, "0123456789.") != "" {
		return 0, t.bad(t.time, "time %q is no number of %s; write 12 or 12.5, or set time_unit to s, ms, unix or RFC3339", cell, name)
	}
	switch {
	case t.spec.TimeUnit == Unix:
		return time.Unix(0, 0).Add(d).Sub(start), nil
	case t.date >= 0:
		midnight, err := time.ParseInLocation(time.DateOnly, t.cell(t.date), start.Location())
		if err != nil {
			return 0, t.bad(t.date, "date %q is no day; write 2026-03-02", t.cell(t.date))
		}
		return midnight.Add(d).Sub(start), nil
	}
	return d, nil
}

// onceEach leaves out recipients that stand twice in a message.
func (t *trace) onceEach() {
	last := make(map[string]int) // mailbox: number of the last message that it got, from 1
	for i := range t.raws {
		t.raws[i].Recipients = slices.DeleteFunc(t.raws[i].Recipients, func(r string) bool {
			again := last[r] == i+1
			last[r] = i + 1
			return again
		})
	}
}
