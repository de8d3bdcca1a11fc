package route

import (
	"cmp"
	"slices"
	"strings"

	"mailsim/topology"
)

// exchangers appends the outside systems that DNS names for a domain: those of the lowest preference first, in rotation when
// they are several, then those of higher ones, whatever became of the ones before. A domain without a record of its own goes to the remote
// that stands for everything else, whose hosts are equal to each other and are the simulation's business.
func (v *view) exchangers(l *list, domain string) {
	type record struct {
		preference int32
		target     Target
	}
	var all []record
	for i := range v.org.Remotes {
		for _, m := range v.org.Remotes[i].MX {
			if strings.EqualFold(m.Domain, domain) {
				all = append(all, record{m.Preference, Target{TargetRemote, int32(i)}})
			}
		}
	}
	if len(all) == 0 && v.internet != topology.None {
		all = append(all, record{0, Target{TargetRemote, int32(v.internet)}})
	}
	slices.SortStableFunc(all, func(a, b record) int { return cmp.Compare(a.preference, b.preference) })
	for first, i := 0, 0; i < len(all); i++ {
		if i+1 < len(all) && all[i+1].preference == all[first].preference {
			continue
		}
		var equal []Target
		for _, r := range all[first : i+1] {
			equal = append(equal, r.target)
		}
		l.add(topology.None, false, equal...)
		first = i + 1
	}
}
