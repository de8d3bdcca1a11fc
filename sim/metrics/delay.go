package metrics

import (
	"math/bits"
	"time"
)

// Delays is a distribution of durations with a resolution of three significant digits (1 microsecond at least), an exact mean
// and an exact maximum. Memory, a quarter of a megabyte, is taken with the first value. The zero value is empty.
//
// The buckets are those of a high dynamic range histogram of whole microseconds: up to 2 ms each is one wide, and from every power of two on
// twice as wide as before, 1024 of each width. They are counted here and not by a library, whose general answer takes three times as long a value.
type Delays struct {
	counts []int64 // by bucket
	sum    Integral
	count  int64
	max    time.Duration
}

// maxDelay is the longest delay that the buckets tell apart: 100 days.
const maxDelay = 100 * 24 * time.Hour

const (
	halfBits   = 10 // 1024 buckets of each width
	maxBuckets = 34 << halfBits
)

// bucketOf returns the bucket of a number of microseconds, which must not be negative.
func bucketOf(us uint64) uint {
	doublings := uint(bits.Len64(us|(2<<halfBits-1))) - halfBits - 1
	return doublings<<halfBits + uint(us>>(doublings&63))
}

// bucketRange returns the least and the greatest number of microseconds that a bucket holds.
func bucketRange(bucket int) (least, greatest int64) {
	doublings := max(bucket>>halfBits-1, 0)
	least = int64(bucket-doublings<<halfBits) << doublings
	return least, least + 1<<doublings - 1
}

// Record adds n times the duration d (>= 0).
func (d *Delays) Record(v time.Duration, n int64) {
	if d.counts == nil {
		d.counts = make([]int64, maxBuckets)
	}
	d.counts[bucketOf(uint64(min(v, maxDelay))/uint64(time.Microsecond))] += n
	d.sum.Add(n, int64(v))
	d.count += n
	d.max = max(d.max, v)
}

// Merge adds what another distribution holds. The result does not depend on the order of merging.
func (d *Delays) Merge(o *Delays) {
	if o.count == 0 {
		return
	}
	if d.counts == nil {
		d.counts = make([]int64, maxBuckets)
	}
	for i, n := range o.counts {
		d.counts[i] += n
	}
	d.sum.Plus(o.sum)
	d.count += o.count
	d.max = max(d.max, o.max)
}

// Reset forgets everything.
func (d *Delays) Reset() {
	clear(d.counts)
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

// Quantile returns the p-quantile (0..1) in seconds, to three digits; 0 when empty. It is the greatest value of the bucket that holds the
// value of that rank; for p = 0 the least value of the first bucket.
func (d *Delays) Quantile(p float64) float64 {
	if d.count == 0 {
		return 0
	}
	rank := int64(1)
	if x := float64(p*100/100*float64(d.count)) + 0.5; x >= float64(d.count) {
		rank = d.count
	} else if x >= 1 {
		rank = int64(x)
	}
	least, greatest := bucketRange(d.ranked(rank))
	if p <= 0 {
		greatest = least
	}
	return (time.Duration(greatest) * time.Microsecond).Seconds()
}

// ranked returns the bucket of the value of a rank, from 1 to count.
func (d *Delays) ranked(rank int64) int {
	for i, n := range d.counts {
		if rank -= n; rank <= 0 {
			return i
		}
	}
	return len(d.counts) - 1
}

// Buckets returns the non-empty buckets, ascending, with bounds in nanoseconds.
func (d *Delays) Buckets() (lower, upper, counts []int64) {
	left := d.count // most of the buckets are beyond the longest delay
	for i := 0; left > 0; i++ {
		if n := d.counts[i]; n > 0 {
			least, greatest := bucketRange(i)
			lower = append(lower, least*1000)
			upper = append(upper, greatest*1000+999)
			counts = append(counts, n)
			left -= n
		}
	}
	return lower, upper, counts
}
