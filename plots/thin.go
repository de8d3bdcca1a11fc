package plots

import "math"

// thin returns the indices of the samples to draw in a picture of the given number of columns over [from, to]: all of a column
// with one or two, otherwise the first smallest and the first largest, in order of time. So no peak is lost, however long the
// series is. A gap (NaN) shows where it fills a column.
func thin(x, y []float64, from, to float64, columns int) []int {
	width := (to - from) / float64(columns)
	if len(x) <= 2*columns || !(width > 0) {
		all := make([]int, len(x))
		for i := range all {
			all[i] = i
		}
		return all
	}
	var kept []int
	for start := 0; start < len(x); {
		column := math.Floor((x[start] - from) / width)
		end := start + 1
		for end < len(x) && math.Floor((x[end]-from)/width) == column {
			end++
		}
		kept = append(kept, extremes(y, start, end)...)
		start = end
	}
	return kept
}

// extremes returns the indices of the first smallest and first largest value of y[start:end] in order; of a range without values
// it returns its first index.
func extremes(y []float64, start, end int) []int {
	low, high := -1, -1
	for i := start; i < end; i++ {
		if math.IsNaN(y[i]) {
			continue
		}
		if low < 0 || y[i] < y[low] {
			low = i
		}
		if high < 0 || y[i] > y[high] {
			high = i
		}
	}
	switch {
	case low < 0:
		return []int{start}
	case low == high:
		return []int{low}
	case low < high:
		return []int{low, high}
	}
	return []int{high, low}
}

// turns returns the samples among keep after which a line that went up goes down, or the other way round.
func turns(y []float64, keep []int) []int {
	var at []int
	way, last := 0.0, -1
	for _, i := range keep {
		if math.IsNaN(y[i]) {
			continue
		}
		if last >= 0 && y[i] != y[last] {
			step := y[i] - y[last]
			if step > 0 && way < 0 || step < 0 && way > 0 {
				at = append(at, last)
			}
			way = step
		}
		last = i
	}
	return at
}

// xy is a point in data coordinates.
type xy struct{ X, Y float64 }

// outline turns samples into the corners of their steps: y[i] holds from the sample before (the first: from start) to x[i]. A gap
// begins a new piece. Neighbours of one height make one step.
func outline(start float64, x, y []float64, keep []int) [][]xy {
	var pieces [][]xy
	var piece []xy
	from := start
	for _, i := range keep {
		switch n := len(piece); {
		case math.IsNaN(y[i]):
			if n > 0 {
				pieces = append(pieces, piece)
				piece = nil
			}
		case n > 0 && piece[n-1].Y == y[i]:
			piece[n-1].X = x[i]
		default:
			piece = append(piece, xy{from, y[i]}, xy{x[i], y[i]})
		}
		from = x[i]
	}
	if len(piece) > 0 {
		pieces = append(pieces, piece)
	}
	return pieces
}
