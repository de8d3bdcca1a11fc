package world

// Two small binary heaps: a class's bodies by their finish, and the classes by their next completion. Both keep each member's place,
// so that members can leave from the middle.

// crossing is a body's entry in its class's heap.
type crossing struct {
	finish float64 // work of the class at which it is through
	id     TransferID
}

func (n *Network) before(a, b crossing) bool {
	if a.finish != b.finish {
		return a.finish < b.finish
	}
	x, y := &n.transfers[a.id].load, &n.transfers[b.id].load
	return x.Server < y.Server || x.Server == y.Server && x.Conn < y.Conn
}

func (n *Network) push(k *class, x crossing) {
	k.heap = append(k.heap, x)
	n.up(k, len(k.heap)-1)
}

func (n *Network) up(k *class, i int) {
	h := k.heap
	x := h[i]
	for i > 0 {
		p := (i - 1) / 2
		if !n.before(x, h[p]) {
			break
		}
		h[i] = h[p]
		n.transfers[h[i].id].slot = int32(i)
		i = p
	}
	h[i] = x
	n.transfers[x.id].slot = int32(i)
}

func (n *Network) down(k *class, i int) {
	h := k.heap
	x := h[i]
	for {
		c := 2*i + 1
		if c >= len(h) {
			break
		}
		if c+1 < len(h) && n.before(h[c+1], h[c]) {
			c++
		}
		if !n.before(h[c], x) {
			break
		}
		h[i] = h[c]
		n.transfers[h[i].id].slot = int32(i)
		i = c
	}
	h[i] = x
	n.transfers[x.id].slot = int32(i)
}

func (n *Network) remove(k *class, i int) {
	last := len(k.heap) - 1
	moved := k.heap[last]
	k.heap = k.heap[:last]
	if i == last {
		return
	}
	k.heap[i] = moved
	n.transfers[moved.id].slot = int32(i)
	n.down(k, i)
	if i > 0 {
		n.up(k, int(n.transfers[moved.id].slot))
	}
}

func (n *Network) sooner(a, b int32) bool {
	x, y := n.classes[a].next, n.classes[b].next
	return x < y || x == y && a < b
}

// list finds a class's next completion and puts the class where it belongs among the others.
func (n *Network) list(c int32, now Time) {
	k := &n.classes[c]
	k.next = max(k.due(k.heap[0].finish), now)
	if k.slot < 0 {
		n.heap = append(n.heap, c)
		k.slot = int32(len(n.heap) - 1)
	}
	if len(n.heap) > 1 {
		n.listUp(int(k.slot))
		n.listDown(int(k.slot))
	}
}

// unlist takes a class out of the heap of classes.
func (n *Network) unlist(c int32) {
	i := n.classes[c].slot
	if i < 0 {
		return
	}
	n.classes[c].slot = -1
	last := len(n.heap) - 1
	moved := n.heap[last]
	n.heap = n.heap[:last]
	if int(i) == last {
		return
	}
	n.heap[i] = moved
	n.classes[moved].slot = i
	n.listDown(int(i))
	n.listUp(int(n.classes[moved].slot))
}

func (n *Network) listUp(i int) {
	c := n.heap[i]
	for i > 0 {
		p := (i - 1) / 2
		if !n.sooner(c, n.heap[p]) {
			break
		}
		n.heap[i] = n.heap[p]
		n.classes[n.heap[i]].slot = int32(i)
		i = p
	}
	n.heap[i] = c
	n.classes[c].slot = int32(i)
}

func (n *Network) listDown(i int) {
	c := n.heap[i]
	for {
		k := 2*i + 1
		if k >= len(n.heap) {
			break
		}
		if k+1 < len(n.heap) && n.sooner(n.heap[k+1], n.heap[k]) {
			k++
		}
		if !n.sooner(n.heap[k], c) {
			break
		}
		n.heap[i] = n.heap[k]
		n.classes[n.heap[i]].slot = int32(i)
		i = k
	}
	n.heap[i] = c
	n.classes[c].slot = int32(i)
}
