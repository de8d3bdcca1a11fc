package cli

import (
	"reflect"
	"slices"

	"mailsim/sim/result"
)

// faultRecord collects the faults and remedies for the result folder: those of the first replication of the first setting, and those of the
// first replication of every setting where they came otherwise.
type faultRecord struct {
	faults []result.TopologyFault
	first  []result.TopologyFault
	vary   bool // some replication differs from the first of all
}

// take is told of every replication, in order.
func (r *faultRecord) take(point, replication int, faults []result.TopologyFault) {
	if point == 0 && replication == 0 {
		r.first, r.faults = faults, slices.Clone(faults)
		return
	}
	if slices.EqualFunc(r.first, faults, func(a, b result.TopologyFault) bool { return reflect.DeepEqual(a, b) }) {
		return
	}
	r.vary = true
	if replication > 0 {
		return
	}
	for _, f := range faults {
		f.Point = point
		r.faults = append(r.faults, f)
	}
}
