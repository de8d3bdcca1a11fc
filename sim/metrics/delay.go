package metrics

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Delays is a distribution of durations with a resolution of three significant digits (1 microsecond at least), an exact mean
// and an exact maximum. Memory is taken with the first value. The zero value is empty.
type Delays struct {
	hist  *hdrhistogram.Histogram
	sum   Integral
	count int64
	max   time.Duration
}

// maxDelay is the longest delay that the histogram tells apart: 100 days.
const maxDelay = 100 * 24 * time.Hour

// Record adds n times the duration d (>= 0).
func (d *Delays) Record(v time.Duration, n int64) {
	if d.hist == nil {
		d.hist = hdrhistogram.New(1, int64(maxDelay/time.Microsecond), 3)
	}
	// The range is known, so the error cannot occur.
	_ = d.hist.RecordValues(int64(min(v, maxDelay)/time.Microsecond), n)
	d.sum.Add(n, int64(v))
	d.count += n
	d.max = max(d.max, v)
}

// Merge adds what another distribution holds. The result does not depend on the order of merging.
func (d *Delays) Merge(o *Delays) {
	if o.count == 0 {
		return
	}
	if d.hist == nil {
		d.hist = hdrhistogram.New(1, int64(maxDelay/time.Microsecond), 3)
	}
	d.hist.Merge(o.hist)
	d.sum.Plus(o.sum)
	d.count += o.count
	d.max = max(d.max, o.max)
}

// Reset forgets everything.
func (d *Delays) Reset() {
	if d.hist != nil {
		d.hist.Reset()
	}
	d.sum, d.count, d.max = Integral{}, 0, 0
}

// Count returns how many values were recorded.
func (d *Delays) Count() int64 { return d.count }

// Mean returns the exact mean in seconds; 0 when empty.
func (d *Delays) Mean() float64 {
	if d.count == 0 {
		return 0
	}
	return d.sum.Seconds() / float64(d.count)
}

// Max returns the exact maximum.
func (d *Delays) Max() time.Duration { return d.max }

// Quantile returns the p-quantile (0..1) in seconds, to three digits; 0 when empty.
func (d *Delays) Quantile(p float64) float64 {
	if d.count == 0 {
		return 0
	}
	return (time.Duration(d.hist.ValueAtQuantile(p*100)) * time.Microsecond).Seconds()
}

// Buckets returns the non-empty buckets, ascending, with bounds in nanoseconds.
func (d *Delays) Buckets() (lower, upper, counts []int64) {
	if d.count == 0 {
		return nil, nil, nil
	}
	for _, b := range d.hist.Distribution() {
		if b.Count > 0 {
			lower = append(lower, b.From*1000)
			upper = append(upper, b.To*1000+999)
			counts = append(counts, b.Count)
		}
	}
	return lower, upper, counts
}
