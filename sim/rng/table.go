package rng

import (
	"fmt"
	"math"
)

// table is what a measured distribution is drawn from. It is searched from the front: the frequent entries come first.
type table struct {
	below          []float64 // share of numbers in entry i or before it; the last is 1
	edges          []float64 // tabulated: entry i lies between edges i and i+1
	logWidth       []float64 // tabulated: ln(edges[i+1] / edges[i])
	mean, variance float64
}

// maxEntries bounds a table: a sample reads it from the front.
const maxEntries = 1000

// entry returns the index of the entry that u falls into.
func (t *table) entry(u float64) int {
	for i, b := range t.below {
		if u < b {
			return i
		}
	}
	return len(t.below) - 1
}

// number is the inverse of a Buckets distribution.
func (t *table) number(u float64) float64 {
	i := t.entry(u)
	from := 0.0
	if i > 0 {
		from = t.below[i-1]
	}
	return t.edges[i] * Exp((u-from)/(t.below[i]-from)*t.logWidth[i])
}

// count is the inverse of an AtLeast or Zipf distribution.
func (t *table) count(u float64) float64 { return float64(t.entry(u) + 1) }

// Buckets is a measured distribution of positive numbers, such as sizes: below[i] is the share of numbers under edges[i+1], edges[0] is
// the least number, and inside a bucket numbers are spread evenly over the logarithm. Edges and shares must rise, edges[0] be above
// 0 and the last share be 1; at most 1000 buckets.
func Buckets(edges, below []float64) (Dist, error) {
	if len(below) == 0 || len(below) > maxEntries || len(edges) != len(below)+1 {
		return Dist{}, fmt.Errorf("table of buckets: must have 1 to %d shares and one edge more, has %d and %d", maxEntries, len(below), len(edges))
	}
	if !(edges[0] > 0) {
		return Dist{}, fmt.Errorf("table of buckets: the first edge must be above 0, is %v", edges[0])
	}
	t := &table{edges: append([]float64(nil), edges...), below: append([]float64(nil), below...)}
	from, square := 0.0, 0.0
	for i, b := range below {
		lo, hi := edges[i], edges[i+1]
		if !(hi > lo) || math.IsInf(hi, 1) {
			return Dist{}, fmt.Errorf("table of buckets: edge %d must be above %v and finite, is %v", i+1, lo, hi)
		}
		if !(b > from) || b > 1 {
			return Dist{}, fmt.Errorf("table of buckets: share %d must be above %v and at most 1, is %v", i, from, b)
		}
		w := Log(hi / lo)
		t.logWidth = append(t.logWidth, w)
		t.mean += float64((b - from) * (hi - lo) / w)
		square += float64((b - from) * (float64(hi*hi) - float64(lo*lo)) / (2 * w))
		from = b
	}
	if from != 1 {
		return Dist{}, fmt.Errorf("table of buckets: the last share must be 1, is %v", from)
	}
	t.variance = square - float64(t.mean*t.mean)
	return Dist{kind: tabulated, table: t}, nil
}

// Share is a point of a measured distribution of counts: this share of them is Count or more.
type Share struct {
	Count int
	Share float64
}

// AtLeast is a measured distribution of whole numbers from 1, such as recipients, given by the share of numbers that reach each of some
// counts. Between two points the share falls geometrically; no number is above the last point's. The first point is {1, 1}; counts
// rise to at most 1000 and shares fall.
func AtLeast(points []Share) (Dist, error) {
	if len(points) == 0 || points[0] != (Share{1, 1}) {
		return Dist{}, fmt.Errorf("table of counts: the first point must be count 1 with share 1")
	}
	reach := []float64{1}
	for i := 1; i < len(points); i++ {
		p, q := points[i-1], points[i]
		if q.Count <= p.Count || q.Count > maxEntries {
			return Dist{}, fmt.Errorf("table of counts: count %d of point %d must be above %d and at most %d", q.Count, i, p.Count, maxEntries)
		}
		if !(q.Share < p.Share && q.Share > 0) {
			return Dist{}, fmt.Errorf("table of counts: the share with at least %d must be above 0 and below %v, is %v", q.Count, p.Share, q.Share)
		}
		for k := p.Count + 1; k < q.Count; k++ {
			reach = append(reach, p.Share*power(q.Share/p.Share, float64(k-p.Count)/float64(q.Count-p.Count)))
		}
		reach = append(reach, q.Share)
	}
	return countsOf(reach), nil
}

// Zipf is a whole number k from 1 to most (at most 1000), with a probability proportional to k^-exponent; exponent is 0 to 20.
func Zipf(exponent float64, most int) (Dist, error) {
	if err := check("Zipf", "exponent", exponent, exponent >= 0 && exponent <= 20, "between 0 and 20"); err != nil {
		return Dist{}, err
	}
	if most < 1 || most > maxEntries {
		return Dist{}, fmt.Errorf("Zipf distribution: the largest number must be between 1 and %d, is %d", maxEntries, most)
	}
	reach := make([]float64, most)
	sum := 0.0
	for k := most; k >= 1; k-- { // the small ones first
		sum += power(float64(k), -exponent)
		reach[k-1] = sum
	}
	for i := range reach {
		reach[i] /= sum
	}
	return countsOf(reach), nil
}

// countsOf makes a distribution of counts; reach[k-1] is the share of numbers that are at least k.
func countsOf(reach []float64) Dist {
	t := &table{}
	square := 0.0
	for i := len(reach) - 1; i >= 0; i-- {
		t.mean += reach[i]
		square += float64(float64(2*i+1) * reach[i]) // k^2 is the sum of the first k odd numbers
	}
	t.variance = square - float64(t.mean*t.mean)
	for _, r := range reach[1:] {
		t.below = append(t.below, 1-r)
	}
	t.below = append(t.below, 1)
	return Dist{kind: counts, table: t}
}
