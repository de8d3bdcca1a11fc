package transport

import (
	"errors"
	"fmt"

	"mailsim/topology"
)

// priorityOrder is the order of delivery within a queue.
func priorityOrder() [NumPriorities]Priority {
	return [NumPriorities]Priority{PriorityHigh, PriorityNormal, PriorityLow}
}

// PriorityConnections are the ceilings of one queue by class under priority queueing: how many connections it may have for the messages of
// each, at least 1. Without priority queueing they do not apply.
type PriorityConnections [NumPriorities]int

// DefaultPriorityConnections returns the documented ceilings. Together they are the default ceiling of a queue.
func DefaultPriorityConnections() PriorityConnections {
	return PriorityConnections{PriorityHigh: 3, PriorityNormal: 15, PriorityLow: 2}
}

// Check returns everything that is wrong with the ceilings for a server of version v with priority queueing.
func (c *PriorityConnections) Check(v topology.Version) error {
	var errs []error
	if v == topology.V2007RTM {
		errs = append(errs, fmt.Errorf("priority queueing: version %v has none; leave it off", v))
	}
	name := [NumPriorities]string{"normal", "high", "low"}
	for _, p := range priorityOrder() {
		if c[p] < 1 {
			errs = append(errs, fmt.Errorf("priority queueing: mail of %s priority has %d connections; write 1 or more", name[p], c[p]))
		}
	}
	return errors.Join(errs...)
}

// Total returns the ceilings of all classes together. More than a queue may open is legal and of no use.
func (c *PriorityConnections) Total() int {
	n := 0
	for _, x := range c {
		n += x
	}
	return n
}

// wantByClass is for each class of a queue on its own: what its messages want, up to the class's ceiling, and all together
// up to the queue's, which the classes fill in order of delivery.
func (c *PriorityConnections) wantByClass(counts [NumPriorities]int32, threshold, ceiling int32) (wanted [NumPriorities]int32) {
	for _, p := range priorityOrder() {
		wanted[p] = min(want(counts[p], threshold), int32(c[p]), ceiling)
		ceiling -= wanted[p]
	}
	return wanted
}
