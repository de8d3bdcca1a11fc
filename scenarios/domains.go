package scenarios

import "reflect"

// domainsKey is which domains a fault is about, by name (dns_fail), or how many (backscatter).
type domainsKey struct {
	list  []string
	at    []Pos
	count int64 // 0: named
}

func (x *domainsKey) bindNode(b *binder, n *node, w where) {
	if _, number := n.value.(int64); number {
		b.bind(n, reflect.ValueOf(&x.count).Elem(), w, `range:"1..100000"`)
		return
	}
	items := n.items
	if n.kind != arrayNode {
		items = []*node{n}
	}
	for _, i := range items {
		if s, ok := b.text(i, w); ok {
			x.list, x.at = append(x.list, s), append(x.at, i.at)
		}
	}
}
