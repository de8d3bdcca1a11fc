package directory

import (
	"slices"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// Service is what a connection between two machines of the organisation is for.
type Service uint8

// The services that a filter can stop. Each is one destination port, RPC two: the mapper's and one of the dynamic range.
const (
	SMTP          Service = iota // between servers, 25
	SMTPInternal                 // between transport services of 2013 and later, 2525
	KerberosPort                 // tickets, 88
	LDAP                         // configuration, 389, by TLS 636
	GlobalCatalog                // recipients, 3268, by TLS 3269
	RPC                          // replication between domain controllers, 135 and 49152-65535
	TimePort                     // UDP 123
	EdgeSyncPort                 // 50636
	services
)

// ports are the destination ports of a service, all of which a connection needs, and whether it goes by UDP. With tls the directory is read by TLS.
func (s Service) ports(tls bool) (ports []PortRange, udp bool) {
	one := func(p uint16) []PortRange { return []PortRange{{p, p}} }
	switch s {
	case SMTP:
		return one(25), false
	case SMTPInternal:
		return one(2525), false
	case KerberosPort:
		return one(88), false
	case LDAP:
		if tls {
			return one(636), false
		}
		return one(389), false
	case GlobalCatalog:
		if tls {
			return one(3269), false
		}
		return one(3268), false
	case RPC:
		return []PortRange{{135, 135}, {49152, 65535}}, false
	case TimePort:
		return one(123), true
	}
	return one(50636), false
}

// PortRange is the ports from Low to High, 1..65535.
type PortRange struct{ Low, High uint16 }

// Filter is what a new connection meets.
type Filter uint8

// What filters do. Of several in the way the last of this list counts (decision).
const (
	Open   Filter = iota
	Strip         // it passes, but SMTP loses the verbs by which hubs authenticate
	Reject        // it is refused at once
	Drop          // nothing comes back
)

// Block is a filter between two sets of machines, for new connections from the first to the second and, with Both, the other way.
type Block struct {
	Fault    int // who asked for it, for Unblock
	From, To []Host
	Both     bool
	Ports    []PortRange // destination ports
	TCP, UDP bool
	Does     Filter // Drop, Reject or Strip; Strip leaves all but SMTP alone
	Outside  bool   // between From and the world outside, in place of To: it is about the time that From gets from there
}

// wall is a Block as it is looked up.
type wall struct {
	Block
	from, to []bool // by host
	stops    [services]bool
}

// Block puts a filter in place.
//
// F6: sessions that are open go on, and tickets that are cached stay good.
func (d *Directory) Block(now simtime.Time, b Block) {
	d.filtersChange(now)
	w := wall{Block: b, from: make([]bool, len(d.hosts)), to: make([]bool, len(d.hosts))}
	for _, h := range b.From {
		w.from[d.host(h)] = true
	}
	for _, h := range b.To {
		w.to[d.host(h)] = true
	}
	for s := range services {
		w.stops[s] = b.stops(s, d.cfg.TLS)
	}
	d.walls = append(d.walls, w)
	d.filtersChanged(now)
}

// stops tells whether a block stops a service: it covers all of one of the ranges that the service needs.
func (b *Block) stops(s Service, tls bool) bool {
	ports, udp := s.ports(tls)
	if udp && !b.UDP || !udp && !b.TCP || b.Does == Strip && s != SMTP && s != SMTPInternal {
		return false
	}
	if b.Does == Strip {
		return slices.ContainsFunc(b.Ports, func(p PortRange) bool { return p.Low <= 25 && p.High >= 25 })
	}
	return slices.ContainsFunc(ports, func(need PortRange) bool {
		return slices.ContainsFunc(b.Ports, func(p PortRange) bool { return p.Low <= need.Low && p.High >= need.High })
	})
}

// Unblock takes the filters of a fault away. It tells whether there were any.
func (d *Directory) Unblock(now simtime.Time, fault int) bool {
	ours := func(w wall) bool { return w.Fault == fault }
	if !slices.ContainsFunc(d.walls, ours) {
		return false
	}
	d.filtersChange(now)
	d.walls = slices.DeleteFunc(d.walls, ours)
	d.filtersChanged(now)
	return true
}

// BlockedBy lists the faults whose filters touch a machine, at either end, in the order in which they came.
func (d *Directory) BlockedBy(h Host) []int {
	var out []int
	i := d.host(h)
	for k := range d.walls {
		if w := &d.walls[k]; (w.from[i] || w.to[i]) && !slices.Contains(out, w.Fault) {
			out = append(out, w.Fault)
		}
	}
	return out
}

// Filters tells whether any filter is in place.
func (d *Directory) Filters() bool { return len(d.walls) > 0 }

// Filtered tells what a new connection between two machines meets.
func (d *Directory) Filtered(from, to Host, s Service) Filter {
	if len(d.walls) == 0 {
		return Open
	}
	return d.filter(d.host(from), d.host(to), s)
}

// FilteredSite tells what a new connection meets from a machine of a site that is none of the directory's, as those of mail clients, to a server: what all
// other servers of the site meet (decision).
func (d *Directory) FilteredSite(from topology.SiteID, to Host, s Service) Filter {
	worst, dst := Open, d.host(to)
	for k := range d.walls {
		if w := &d.walls[k]; w.stops[s] && (w.to[dst] && d.all(w.from, from, dst) || w.Both && w.from[dst] && d.all(w.to, from, dst)) {
			worst = max(worst, w.Does)
		}
	}
	return worst
}

// all tells whether one end of a filter has every server of a site but one, and there is another.
func (d *Directory) all(end []bool, at topology.SiteID, but int32) bool {
	some := false
	for i := range d.servers {
		if d.org.Servers[i].Site != at || int32(i) == but {
			continue
		}
		if !end[i] {
			return false
		}
		some = true
	}
	return some
}

func (d *Directory) filter(from, to int32, s Service) Filter {
	worst := Open
	for k := range d.walls {
		w := &d.walls[k]
		if w.stops[s] && (w.from[from] && w.to[to] || w.Both && w.from[to] && w.to[from]) && from != to {
			worst = max(worst, w.Does)
		}
	}
	return worst
}

// passes tells whether a connection between two machines comes about.
func (d *Directory) passes(from, to int32, s Service) bool {
	return len(d.walls) == 0 || d.filter(from, to, s) < Reject
}

// filtersChange does what has to be done before the filters change: renewals up to now went by what was.
func (d *Directory) filtersChange(now simtime.Time) {
	if !d.ideal {
		d.renewTickets(now)
	}
}

// filtersChanged lets what a filter held up go on: time, replication, EdgeSync.
func (d *Directory) filtersChanged(now simtime.Time) {
	d.networkChanged(now)
	d.connect(now)
	d.review(now)
	for i := range d.servers {
		if s := &d.servers[i]; s.fed && s.hub >= 0 && s.state != d.servers[s.hub].state {
			d.planSync(now, topology.ServerID(i))
		}
	}
}

// dcHost is the number of a domain controller among the hosts.
func (d *Directory) dcHost(dc topology.DCID) int32 { return int32(len(d.servers)) + int32(dc) }
