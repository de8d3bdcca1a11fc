package scenarios

import (
	"path"
	"strconv"
	"strings"
)

// overlap reports axes that write the same value: whichever came last would win, and the label of the point be wrong.
func (s *Scenario) overlap(rep *report) {
	owner := map[string]int{} // key of a place: axis that writes it
	all := make([][]writtenPlace, len(s.axes))
	for i, a := range s.axes {
		steps, err := parsePath(a.path)
		if err != nil {
			continue // reported when its values are tried
		}
		all[i] = s.root.places(steps, writtenPlace{})
		for _, p := range all[i] {
			if j, ok := owner[p.key]; !ok {
				owner[p.key] = i
			} else if j != i {
				s.overlapError(rep, j, i, p)
				break
			}
		}
	}
	for i := range all { // a value and the table that it is in
		for _, p := range all[i] {
			if j, ok := ownerAbove(owner, p.key); ok && j != i {
				s.overlapError(rep, min(i, j), max(i, j), p)
				break
			}
		}
	}
}

func (s *Scenario) overlapError(rep *report, first, second int, p writtenPlace) {
	rep.errorf(s.axes[second].at, "sweep: %s and %s both set %s; let each axis name other values, or remove one",
		quote(s.axes[first].path), quote(s.axes[second].path), p.shown)
}

// ownerAbove finds the axis that writes a table around the place.
func ownerAbove(owner map[string]int, key string) (int, bool) {
	for {
		cut := strings.LastIndexByte(key, 0)
		if cut < 0 {
			return 0, false
		}
		key = key[:cut]
		if i, ok := owner[key]; ok {
			return i, true
		}
	}
}

// writtenPlace is a value that a path names.
type writtenPlace struct {
	key   string // the same for all paths that name it; steps are parted by a zero byte
	shown string // for people
}

func (p writtenPlace) into(key, shown string) writtenPlace {
	if p.key == "" {
		return writtenPlace{key, shown}
	}
	return writtenPlace{p.key + "\x00" + key, p.shown + "." + shown}
}

// places lists what steps name below n, as set finds it; nothing for a path that ends at a whole table, which set refuses.
func (n *node) places(steps []step, at writtenPlace) []writtenPlace {
	if len(steps) == 0 {
		return []writtenPlace{at}
	}
	s, rest := steps[0], steps[1:]
	if n == nil || n.kind != arrayNode {
		return n.get(s.name).places(rest, at.into(s.name, s.name))
	}
	if len(rest) == 0 && s.index < 0 {
		return nil
	}
	var out []writtenPlace
	for i, x := range n.items {
		name := itemName(at.shown, i, x)
		match, _ := path.Match(s.name, name)
		if s.index == i || s.index < 0 && (match || name == s.name) {
			out = append(out, x.places(rest, at.into(strconv.Itoa(i), name))...)
		}
	}
	return out
}
