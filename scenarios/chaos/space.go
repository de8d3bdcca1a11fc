package chaos

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"mailsim/sim/fault"
	"mailsim/sim/rng"
	"mailsim/topology"
)

// Space is what plans are drawn from: what can be struck in an organisation, for how long, and when.
type Space struct {
	kinds    []kindSpace
	from, to time.Duration
	changes  []time.Duration // when operators change the configuration, in order
}

// kindSpace is what one kind of fault can strike, and how long it takes to repair.
type kindSpace struct {
	kind   fault.Kind
	places []Place
	repair rng.Dist // seconds
	modes  []string
	chance
}

// FaultsMax is the largest number of faults in a plan. With so few every subset can be tried when a plan is shrunk, and what an
// organisation does not survive takes one or two, hardly ever more.
const FaultsMax = 6

// NewSpace lists what can be struck in an organisation; every fault begins at from or later and is repaired by to (but for a restart of
// a few minutes), both cut to whole minutes. profile names the figures for the times of repair (fault.Profiles). It fails where the
// profile is unknown, where there is nothing to strike, and where no time is left.
//
// The kinds are those that come by themselves in an organisation that nobody changes, and of which it recovers without loss: machines
// and domain controllers down, links down or bad, sites cut off from each other, wrong clocks, latches, failed replication, databases that are
// dismounted, slow agents, drives that fill up, certificates that end; and, for a day after somebody has changed something (Changed), names that
// are missing and ports that are blocked. A destroyed queue database is left out: no organisation of 2007 can keep its mail then, so every search
// would find just this. What other organisations do is left out as well.
func NewSpace(org *topology.Organisation, from, to time.Duration, profile string) (*Space, error) {
	s := &Space{from: (from + time.Minute - 1).Truncate(time.Minute), to: to.Truncate(time.Minute)}
	if !slices.Contains(fault.Profiles(), profile) {
		return nil, fmt.Errorf("%q is not a profile; write %s", profile, strings.Join(fault.Profiles(), " or "))
	}
	if s.to-s.from < time.Minute {
		return nil, fmt.Errorf("no fault fits between %s and %s of the run; make the run longer", from, to)
	}
	for _, x := range []struct {
		kind   fault.Kind
		like   string // whose figures it has where nobody has published its own
		places []Place
		modes  []string
		chance chance
	}{
		{fault.HostDown, "host_down", servers(org, 0), []string{"", "service_stop", "maintenance"}, always(1)},
		{fault.LinkDown, "link_down", links(org), nil, always(1)},
		{fault.LinkDegrade, "link_down", links(org), []string{"", "far", "lossy"}, always(1)},
		{fault.Partition, "link_down", sitePairs(org), nil, always(1)},
		{fault.DCDown, "dc_down", controllers(org), []string{"", "kdc_only", "maintenance"}, always(1)},
		{fault.StoreDown, "store_down", servers(org, topology.RoleMailbox), nil, always(1)},
		{fault.AgentStall, "agent_stall", append(servers(org, topology.RoleHub), servers(org, topology.RoleEdge)...), nil, always(1)},
		{fault.DiskPressure, "store_down", append(servers(org, topology.RoleHub), servers(org, topology.RoleEdge)...), nil, always(1)},
		{fault.CertExpiry, "host_down", servers(org, topology.RoleEdge), nil, always(1)},
		{fault.ClockSkew, "host_down", members(org), nil, betweenSites(0.55)},
		{fault.ReplFail, "link_down", replicated(org), nil, betweenSites(0.40)},
		{fault.AuthLatch, "host_down", hubPairs(org), nil, betweenSites(0.02)},
		{fault.SPNMissing, "host_down", members(org), nil, changed(0.15)},
		{fault.PortBlock, "link_down", sitePairs(org), nil, changed(0.25)},
	} {
		if len(x.places) == 0 {
			continue
		}
		for i := range x.places {
			x.places[i].Kind = x.kind
		}
		figures, _ := fault.ProfileOf(profile, x.like)
		process, err := figures.Process()
		if err != nil {
			return nil, fmt.Errorf("profile %q: %s: %w", profile, x.kind, err)
		}
		s.kinds = append(s.kinds, kindSpace{kind: x.kind, places: x.places, repair: process.Down, modes: x.modes, chance: x.chance})
	}
	if len(s.kinds) == 0 {
		return nil, fmt.Errorf("the organisation has nothing that a fault could strike")
	}
	return s, nil
}

// Draw draws the plan of a number: the same for the same seed and number, whatever other plans are drawn. First a kind is drawn and
// then a place, not by how often each fails: a link fails once in a year and a half, and hardly any plan would have two
// faults, or anything but a server. How long a repair takes is drawn from the profile and cut to what fits.
func (s *Space) Draw(seed int64, number int) Plan {
	r := rng.NewRoot(seed, 0).Stream("chaos.plan", strconv.Itoa(number))
	plan := make(Plan, 1+r.IntN(FaultsMax))
	for i := range plan {
		when := r.Float64() // where in the time that there is
		from := s.from
		since, recent := s.lastChange(from + time.Duration(float64(s.to-from)*when))
		k := s.kind(r.Float64(), recent)
		f := Fault{Place: k.places[r.IntN(len(k.places))]}
		if k.spontaneous == 0 { // not before what brought it
			from = max(from, since)
		}
		f.Duration = time.Duration(r.Sample(k.repair)/60+1) * time.Minute
		f.Duration = max(time.Minute, min(f.Duration, s.to-from))
		f.Start = from + time.Duration(when*float64((s.to-from-f.Duration)/time.Minute+1))*time.Minute
		if len(k.modes) > 0 {
			f.Mode = k.modes[r.IntN(len(k.modes))]
		}
		if f.Kind == fault.ClockSkew { // on both sides of the five minutes that authentication allows
			f.Offset = time.Duration(1+r.IntN(15)) * time.Minute
			if r.IntN(2) == 1 {
				f.Offset = -f.Offset
			}
		}
		if f.Kind == fault.DiskPressure { // below, between and above the levels that matter
			f.Used = 90 + r.IntN(11)
		}
		plan[i] = f
	}
	return plan
}

// servers are the servers with a role, of those that are there from the beginning; 0 is all of them.
func servers(org *topology.Organisation, role topology.Roles) []Place {
	var out []Place
	for i := range org.Servers {
		if s := &org.Servers[i]; s.Is(role) && !s.Absent {
			out = append(out, Place{Target: s.Name})
		}
	}
	return out
}

// members are the machines whose clocks matter to authentication: hubs of a domain. Clocks of domain controllers are left out: a whole
// site follows one, and every machine of it would have to be restarted.
func members(org *topology.Organisation) []Place {
	if len(org.DCs) == 0 {
		return nil
	}
	return servers(org, topology.RoleHub)
}

func controllers(org *topology.Organisation) []Place {
	var out []Place
	for i := range org.DCs {
		out = append(out, Place{Target: org.DCs[i].Name})
	}
	return out
}

func links(org *topology.Organisation) []Place {
	var out []Place
	for i := range org.Links {
		out = append(out, Place{Target: org.Links[i].Name})
	}
	return out
}

// replicated are the links over which domain controllers replicate: two of the sites have some.
func replicated(org *topology.Organisation) []Place {
	var out []Place
	for i := range org.Links {
		sites := 0
		for _, site := range org.Links[i].Sites {
			if slices.ContainsFunc(org.DCs, func(d topology.DC) bool { return d.Site == site }) {
				sites++
			}
		}
		if sites >= 2 {
			out = append(out, Place{Target: org.Links[i].Name})
		}
	}
	return out
}

// sitePairs are the pairs of sites, each once.
func sitePairs(org *topology.Organisation) []Place {
	var out []Place
	for i := range org.Sites {
		for j := i + 1; j < len(org.Sites); j++ {
			out = append(out, Place{Target: org.Sites[i].Name, Other: org.Sites[j].Name})
		}
	}
	return out
}

// hubPairs are the pairs of hubs of different sites, in both directions: those of one site are not authenticated this way.
func hubPairs(org *topology.Organisation) []Place {
	var out []Place
	for _, from := range members(org) {
		for _, to := range members(org) {
			a, _ := org.ServerByName(from.Target)
			b, _ := org.ServerByName(to.Target)
			if org.Servers[a].Site != org.Servers[b].Site {
				out = append(out, Place{Target: from.Target, Other: to.Target})
			}
		}
	}
	return out
}
