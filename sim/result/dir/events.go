package dir

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"os"
	"slices"

	"mailsim/sim/result"
)

// eventLog is events.jsonl under construction: one JSON object a line, its keys in a fixed order.
type eventLog struct {
	file *os.File
	sum  hash.Hash // SHA-256 of what went to file
	out  *bufio.Writer
	line bytes.Buffer
	json *json.Encoder // writes to line
}

func createEventLog(path string) (*eventLog, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	l := &eventLog{file: f, sum: sha256.New()}
	l.out = bufio.NewWriterSize(io.MultiWriter(f, l.sum), 1<<16)
	l.json = json.NewEncoder(&l.line)
	l.json.SetEscapeHTML(false)
	return l, nil
}

// eventKeys are the keys that every event has, in their order; the kind's own fields follow.
var eventKeys = [...]string{"time", "point", "replication", "server", "kind", "id", "text"}

func (l *eventLog) add(point, replication int, e result.Event) error {
	var id any // null for events that Exchange has no number for
	if e.ID != 0 {
		id = e.ID
	}
	values := [...]any{e.Time.String(), point, replication, e.Server, e.Kind, id, e.Text}
	l.line.Reset()
	l.line.WriteByte('{')
	for i, key := range eventKeys {
		if err := l.pair(key, values[i]); err != nil {
			return err
		}
	}
	for i, f := range e.Fields {
		taken := func(g result.Field) bool { return g.Key == f.Key }
		if slices.Contains(eventKeys[:], f.Key) || slices.ContainsFunc(e.Fields[:i], taken) {
			return fmt.Errorf("event %s of %q at %s has the key %q twice", e.Kind, e.Server, e.Time, f.Key)
		}
		switch v := f.Value.(type) {
		case string, int64, bool:
		case float64:
			if math.IsNaN(v) || math.IsInf(v, 0) {
				f.Value = nil
			}
		default:
			return fmt.Errorf("event %s of %q at %s: field %q is a %T; string, int64, float64 and bool are possible", e.Kind, e.Server, e.Time, f.Key, v)
		}
		if err := l.pair(f.Key, f.Value); err != nil {
			return err
		}
	}
	l.line.WriteString("}\n")
	_, err := l.out.Write(l.line.Bytes())
	return err
}

// pair writes "key":value, with a comma before all but the first.
func (l *eventLog) pair(key string, value any) error {
	if l.line.Len() > 1 {
		l.line.WriteByte(',')
	}
	for i, v := range [...]any{key, value} {
		if err := l.json.Encode(v); err != nil {
			return err
		}
		l.line.Truncate(l.line.Len() - 1) // the encoder ends each value with a line feed
		if i == 0 {
			l.line.WriteByte(':')
		}
	}
	return nil
}

func (l *eventLog) finish() error {
	return errors.Join(l.out.Flush(), l.file.Sync(), l.file.Close())
}
