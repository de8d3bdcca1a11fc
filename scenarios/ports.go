package scenarios

import (
	"strconv"
	"strings"

	"mailsim/sim/directory"
)

// ports is a port, a range "lo-hi", or a list of them.
type ports struct {
	list []directory.PortRange
	at   []Pos
}

func (x *ports) bindNode(b *binder, n *node, w where) {
	items := n.items
	if n.kind == scalarNode {
		items = []*node{n}
	} else if n.kind == tableNode || len(n.items) == 0 {
		b.errorf(n.at, w, `expected a port or a list of ports; write 25 or [88, "49152-65535"]`)
		return
	}
	for _, i := range items {
		if p, ok := onePort(b, i, w); ok {
			x.list, x.at = append(x.list, p), append(x.at, i.at)
		}
	}
}

func onePort(b *binder, n *node, w where) (directory.PortRange, bool) {
	port := func(v int64) (uint16, bool) {
		if v < 1 || v > 65535 {
			b.errorf(n.at, w, "%d is not a port; write 1 to 65535", v)
			return 0, false
		}
		return uint16(v), true
	}
	switch v := n.value.(type) {
	case int64:
		p, ok := port(v)
		return directory.PortRange{Low: p, High: p}, ok
	case string:
		lo, hi, isRange := strings.Cut(v, "-")
		low, err1 := strconv.ParseInt(lo, 10, 64)
		high := low
		var err2 error
		if isRange {
			high, err2 = strconv.ParseInt(hi, 10, 64)
		}
		if err1 != nil || err2 != nil {
			break
		}
		p, good := port(low)
		if !good || !isRange {
			return directory.PortRange{Low: p, High: p}, good
		}
		q, good := port(high)
		if good && q < p {
			b.errorf(n.at, w, "%s ends before it begins; write %q", quote(v), hi+"-"+lo)
			good = false
		}
		return directory.PortRange{Low: p, High: q}, good
	}
	b.errorf(n.at, w, `%s is neither a port nor a range; write 25 or "49152-65535"`, n.describe())
	return directory.PortRange{}, false
}
