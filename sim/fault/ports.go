package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mailsim/sim/directory"
)

// blockPorts puts the filter of a port_block in place.
//
// F6: a block that is in force twice goes when the last one does.
func (e *Engine) blockPorts(i int) {
	b := e.faults[i].Filter
	b.Fault = i
	e.env.Dir.Block(e.now, b)
}

// unblock is the remedy unblock_port: the filter of its fault is lifted, or where it names hosts every filter that touches one.
func (e *Engine) unblock(t *task) {
	var lift []int
	if len(t.hosts) == 0 && t.fault >= 0 {
		lift = append(lift, t.fault)
	}
	for _, h := range t.hosts {
		for _, i := range e.env.Dir.BlockedBy(h) {
			if !slices.Contains(lift, i) {
				lift = append(lift, i)
			}
		}
	}
	for _, i := range lift {
		if x := &e.struck[i]; e.env.Dir.Unblock(e.now, i) && x.entry >= 0 {
			e.happened[x.entry].end = min(e.happened[x.entry].end, e.now)
		}
	}
}

// filterText names what a filter stops: port 88 from A1 to AD1, AD2.
func (e *Engine) filterText(f *Fault) string {
	name := func(hosts []Host) string {
		var out []string
		for _, h := range hosts {
			out = append(out, e.hostName(h))
		}
		return few(out)
	}
	between := " from " + name(f.Filter.From) + " to " + name(f.Filter.To)
	switch {
	case f.Filter.Outside:
		between = " from " + name(f.Filter.From) + " to the outside"
	case f.Filter.Both:
		between = " between " + name(f.Filter.From) + " and " + name(f.Filter.To)
	}
	if f.Filter.Does == directory.Strip {
		return "SMTP inspection" + between
	}
	return f.portsText() + between
}

// portsText names the ports that a fault stops: port 88, ports 25, 135.
func (f *Fault) portsText() string {
	var ports []string
	for _, p := range f.Filter.Ports {
		if p.Low == p.High {
			ports = append(ports, strconv.Itoa(int(p.Low)))
		} else {
			ports = append(ports, fmt.Sprintf("%d-%d", p.Low, p.High))
		}
	}
	return either(len(ports) == 1 && f.Filter.Ports[0].Low == f.Filter.Ports[0].High, "port ", "ports ") + strings.Join(ports, ", ")
}

// filterVerb says what begins or ends with a filter.
func (f *Fault) filterVerb(start bool) string {
	one := len(f.Filter.Ports) == 1 && f.Filter.Ports[0].Low == f.Filter.Ports[0].High
	switch {
	case f.Filter.Does == directory.Strip:
		return either(start, " begins", " ends")
	case one:
		return either(start, " is blocked", " passes again")
	}
	return either(start, " are blocked", " pass again")
}
