package dir

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"mailsim/sim/result"
)

// The files of a snapshot. They stand in SnapshotFolder; NotesFile is there when the snapshot leaves something out.
const (
	QueuesFile     = "queues.csv"
	MessagesFile   = "messages.csv"
	ConnectorsFile = "connectors.csv"
	DigestFile     = "digest.csv"
	TableFile      = "queues.txt"
	NotesFile      = "notes.txt"
)

// snapshotsFolder holds the snapshots of a result.
const snapshotsFolder = "snapshots"

// SnapshotFolder is where a snapshot stands in the result folder, with slashes: snapshots/0-r0/1h30m0s for point and replication 0, both
// counted from 0, at 1 h 30 min after the start.
func SnapshotFolder(point, replication int, s *result.Snapshot) string {
	return path.Join(snapshotsFolder, fmt.Sprintf("%d-r%d", point, replication), s.Time.String())
}

// snapshotFiles are the files of all snapshots of a result, as patterns.
func snapshotFiles() []string {
	var all []string
	for _, name := range []string{QueuesFile, MessagesFile, ConnectorsFile, DigestFile, TableFile, NotesFile} {
		all = append(all, path.Join(snapshotsFolder, "*-r*", "*", name))
	}
	return all
}

// addSnapshot writes the files of a snapshot and notes their sums.
func (w *Writer) addSnapshot(point, replication int, s *result.Snapshot) error {
	folder := SnapshotFolder(point, replication, s)
	if err := os.MkdirAll(filepath.Join(w.folder, staging, filepath.FromSlash(folder)), 0o777); err != nil {
		return err
	}
	put := func(name string, data []byte, err error) error {
		if err != nil {
			return err
		}
		name = path.Join(folder, name)
		sum := sha256.New()
		sum.Write(data)
		w.snapshots[name] = digest(sum)
		return w.write(filepath.FromSlash(name), data)
	}
	queues, e1 := queueTable(s)
	messages, e2 := messageTable(s)
	connectors, e3 := connectorTable(s)
	digest, e4 := digestTable(s)
	err := errors.Join(put(QueuesFile, queues, e1), put(MessagesFile, messages, e2), put(ConnectorsFile, connectors, e3), put(DigestFile, digest, e4), put(TableFile, shortTable(s), nil))
	if len(s.Notes) > 0 {
		err = errors.Join(err, put(NotesFile, []byte(strings.Join(s.Notes, "\n")+"\n"), nil))
	}
	return err
}

// column is one column of a listing: its name in the shell, the generation of servers that brought it, and the cell of a row.
type column[T any] struct {
	name  string
	since result.Generation
	cell  func(*T) string
}

// listing writes rows as CSV, with the columns of a generation. A server that is older than a column leaves it empty.
func listing[T any](columns []column[T], of result.Generation, rows []T, generation func(*T) result.Generation) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	var line []string
	for _, c := range columns {
		if c.since <= of {
			line = append(line, c.name)
		}
	}
	err := w.Write(line)
	for i := range rows {
		line = line[:0]
		for _, c := range columns {
			switch {
			case c.since > of:
			case c.since > generation(&rows[i]):
				line = append(line, "")
			default:
				line = append(line, c.cell(&rows[i]))
			}
		}
		err = errors.Join(err, w.Write(line))
	}
	w.Flush()
	return b.Bytes(), errors.Join(err, w.Error())
}

// connectorTable tells which connector a GUID in the queues stands for.
func connectorTable(s *result.Snapshot) ([]byte, error) {
	columns := []column[result.Connector]{
		{"Name", 0, func(c *result.Connector) string { return c.Name }},
		{"Guid", 0, func(c *result.Connector) string { return c.GUID }},
	}
	return listing(columns, 0, s.Connectors, func(*result.Connector) result.Generation { return 0 })
}
