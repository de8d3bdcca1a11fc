package dir

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ExportCSV writes the series and histograms of the result in folder as series.csv and histograms.csv into the folder out, which is
// made if need be and may be the same. Times are seconds. Rows are in the order of the Parquet files and stream through: no more
// than a few thousand are in memory. Each file appears whole or not at all.
//
//	series.csv:     point,replication,time,entity,metric,value,stat
//	histograms.csv: point,replication,entity,metric,lower,upper,count   (lower <= value <= upper)
func ExportCSV(folder, out string) error {
	head, err := readHead(folder)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if err := head.whole(folder, SeriesFile); err != nil {
		return damaged(folder, SeriesFile, err)
	}
	if err := head.whole(folder, HistogramsFile); err != nil {
		return damaged(folder, HistogramsFile, err)
	}
	err = writeCSV(filepath.Join(out, "series.csv"), "point,replication,time,entity,metric,value,stat", func(w *csv.Writer) error {
		return readTable(locate(folder, SeriesFile), func(r *seriesRow) error {
			return w.Write([]string{decimal(int64(r.Point)), decimal(int64(r.Replication)), seconds(r.TimeNS), r.Entity, r.Metric,
				strconv.FormatFloat(r.Value, 'f', -1, 64), r.Stat})
		})
	})
	if err != nil {
		return damaged(folder, SeriesFile, err)
	}
	err = writeCSV(filepath.Join(out, "histograms.csv"), "point,replication,entity,metric,lower,upper,count", func(w *csv.Writer) error {
		return readTable(locate(folder, HistogramsFile), func(r *histogramRow) error {
			return w.Write([]string{decimal(int64(r.Point)), decimal(int64(r.Replication)), r.Entity, r.Metric,
				seconds(r.LowerNS), seconds(r.UpperNS), decimal(r.Count)})
		})
	})
	if err != nil {
		return damaged(folder, HistogramsFile, err)
	}
	return nil
}

func writeCSV(path, header string, rows func(*csv.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // nothing to remove once it is renamed
	b := bufio.NewWriterSize(f, 1<<16)
	w := csv.NewWriter(b)
	err = errors.Join(w.Write(strings.Split(header, ",")), rows(w))
	w.Flush()
	if err := errors.Join(err, w.Error(), b.Flush(), f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// seconds writes nanoseconds as seconds, exactly: 1500000000 is 1.5.
func seconds(ns int64) string {
	sign := ""
	if ns < 0 {
		sign, ns = "-", -ns
	}
	s := fmt.Sprintf("%s%d.%09d", sign, ns/1e9, ns%1e9)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}
