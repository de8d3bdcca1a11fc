package dir

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"mailsim/sim/result"
)

// rowGroup is how many rows the Parquet writers hold in memory before they go to disk.
const rowGroup = 64 * 1024

// No column is dictionary-encoded, which would make files a fifth smaller: the library then writes other bytes where a processor has no AVX2,
// and the same run must give the same bytes everywhere.

// seriesRow is a row of series.parquet: one figure (mean, max or last) of one sample of one series.
type seriesRow struct {
	Point       int32   `parquet:"point"`
	Replication int32   `parquet:"replication"`
	TimeNS      int64   `parquet:"t_ns,delta"`
	Entity      string  `parquet:"entity"`
	Metric      string  `parquet:"metric"`
	Stat        string  `parquet:"stat"`
	Value       float64 `parquet:"value"`
}

// histogramRow is a row of histograms.parquet: one bucket.
type histogramRow struct {
	Point       int32  `parquet:"point"`
	Replication int32  `parquet:"replication"`
	Entity      string `parquet:"entity"`
	Metric      string `parquet:"metric"`
	LowerNS     int64  `parquet:"lower_ns,delta"`
	UpperNS     int64  `parquet:"upper_ns,delta"`
	Count       int64  `parquet:"count"`
}

// table is a Parquet file under construction. Rows are gathered in a small buffer, as the library is fast with slices.
type table[T any] struct {
	file   *os.File
	sum    hash.Hash // SHA-256 of what went to file
	writer *parquet.GenericWriter[T]
	buffer []T
}

func createTable[T any](path string) (*table[T], error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	w := parquet.NewGenericWriter[T](io.MultiWriter(f, sum),
		parquet.Compression(&zstd.Codec{Level: zstd.SpeedDefault}),
		parquet.MaxRowsPerRowGroup(rowGroup),
		parquet.CreatedBy("mailsim", fmt.Sprint(result.FormatVersion), "none")) // never the library's version: bytes stay the same
	return &table[T]{file: f, sum: sum, writer: w, buffer: make([]T, 0, 1024)}, nil
}

func (t *table[T]) add(row T) error {
	t.buffer = append(t.buffer, row)
	if len(t.buffer) == cap(t.buffer) {
		return t.flush()
	}
	return nil
}

func (t *table[T]) flush() error {
	_, err := t.writer.Write(t.buffer)
	t.buffer = t.buffer[:0]
	return err
}

// finish writes what is left and the footer, and syncs.
func (t *table[T]) finish() error {
	return errors.Join(t.flush(), t.writer.Close(), t.file.Sync(), t.file.Close())
}

// readTable calls row for every row of a Parquet file, in order. The row and its strings are valid until the call returns. The file
// must be whole (head.whole); one with other columns, of another version of the program, is refused.
func readTable[T any](path string, row func(*T) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	file, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if want := parquet.SchemaOf(*new(T)); !parquet.EqualNodes(file.Schema(), want) {
		return fmt.Errorf("%w: its columns are not those of format %d", ErrDamaged, result.FormatVersion)
	}
	r := parquet.NewGenericReader[T](file)
	defer r.Close()
	var seen int64
	buffer := make([]T, 1024)
	for {
		n, err := r.Read(buffer)
		for i := range n {
			if err := row(&buffer[i]); err != nil {
				return err
			}
		}
		seen += int64(n)
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	if seen != file.NumRows() {
		return fmt.Errorf("%w: %d of %d rows", ErrDamaged, seen, file.NumRows())
	}
	return nil
}
