package sim

import (
	"math/bits"
	"slices"
	"time"

	"mailsim/sim/fault"
	"mailsim/sim/internal/calendar"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
)

// diskUse is what faults have put on the drives of a server (F16). Drives fill all the time and are looked at by polls: a poll becomes an event where what is
// known of the drive takes its meter over a level.
type diskUse struct {
	fills []diskFill
	freed [fault.NumDrives]int64 // bytes that operators have freed
	at    simtime.Time           // the poll that is planned; Never = none
}

// diskFill is what one fault does to a drive.
type diskFill struct {
	fault int
	disk  fault.Disk
	began int64  // bytes in use when it began; -1 = what is in use anyway
	bytes int64  // that it had put there at since
	rest  uint64 // ... and this part of a further one, in 1/3.6e12
	since simtime.Time
}

// resourceOf is the meter of a drive.
func resourceOf(d fault.Drive) transport.Resource {
	return [...]transport.Resource{fault.QueueDrive: transport.QueueDatabase, fault.LogDrive: transport.QueueLogs, fault.TempDrive: transport.ContentDrive}[d]
}

// put is how many bytes a fault has put on its drive by an instant, exactly, and which part of a further one, so that changes of the rate lose nothing.
func (f *diskFill) put(t simtime.Time) (whole int64, rest uint64) {
	hi, lo := bits.Mul64(uint64(f.disk.Fill), uint64(t-f.since))
	lo, carry := bits.Add64(lo, f.rest, 0)
	if hi += carry; hi >= uint64(time.Hour)>>2 { // beyond every drive
		return f.disk.Size, 0
	}
	grown, rest := bits.Div64(hi, lo, uint64(time.Hour))
	if grown >= uint64(f.disk.Size) || f.bytes+int64(grown) >= f.disk.Size {
		return f.disk.Size, 0
	}
	return f.bytes + int64(grown), rest
}

// diskEffect lets a drive fill, or be freed.
func (r *run) diskEffect(e *fault.Effect) {
	s := int32(e.Server)
	h := &r.hosts[s]
	if h.pressure == nil || h.disk == nil && e.Kind == fault.DiskReleased {
		return
	}
	if h.disk == nil {
		h.disk = &diskUse{at: never}
	}
	u := h.disk
	i := slices.IndexFunc(u.fills, func(f diskFill) bool { return f.fault == e.Fault })
	switch {
	case e.Kind == fault.DiskFreed:
		u.freed[e.Disk.Drive] += e.Disk.Size
	case e.Kind == fault.DiskReleased:
		if i >= 0 {
			u.fills = slices.Delete(u.fills, i, i+1)
		}
	case i >= 0: // its intensity has changed
		f := &u.fills[i]
		f.bytes, f.rest = f.put(r.now)
		f.since = r.now
		f.disk.Fill, f.disk.To = e.Disk.Fill, e.Disk.To
	default:
		f := diskFill{fault: e.Fault, disk: e.Disk, began: -1, since: r.now}
		if f.disk.Size == 0 {
			f.disk.Size = h.pressure.spec.Drive
		}
		if f.disk.From >= 0 {
			f.began = int64(f.disk.From * float64(f.disk.Size))
		}
		u.fills = append(u.fills, f)
	}
	if !h.hub.Halted() {
		r.setDrives(h)
		r.planPoll(s, h.pressure)
		r.planDisk(s, h)
	}
}

// driveUse is how much of a drive is in use at an instant, in percent. What several faults put there adds up, on top of the largest of what is in use anyway; of
// shares the largest counts.
func (r *run) driveUse(h *host, d fault.Drive, t simtime.Time) float64 {
	p := h.pressure
	size, used, share, mail := int64(0), int64(0), 0.0, int64(0)
	if d == fault.QueueDrive {
		size, used, mail = p.spec.Drive, p.spec.DriveUsed, h.hub.Bytes()+r.onDisk(h.id)
	}
	put := int64(0)
	for i := range h.disk.fills {
		f := &h.disk.fills[i]
		switch {
		case f.disk.Drive != d:
		case f.disk.To >= 0:
			share = max(share, 100*f.disk.To)
		default:
			size = f.disk.Size
			used = max(used, f.began)
			whole, _ := f.put(t)
			put += whole
		}
	}
	if size == 0 {
		return share
	}
	used = max(0, min(used+put, size)-h.disk.freed[d])
	return max(share, transport.Percent(min(used+mail, size), size))
}

// setDrives tells the meters of the drives that faults fill, or have filled.
func (r *run) setDrives(h *host) {
	for d := range fault.NumDrives {
		v := r.driveUse(h, d, r.now)
		h.pressure.meter.Set(r.now, r.phase, resourceOf(d), v)
		if d == fault.QueueDrive {
			h.pressure.diskOutside = v < h.pressure.low || v >= h.pressure.high
		}
	}
}

// planDisk plans the first poll that finds a drive over a level, as things stand.
func (r *run) planDisk(s int32, h *host) {
	first := never
	for d := range fault.NumDrives {
		if !slices.ContainsFunc(h.disk.fills, func(f diskFill) bool { return f.disk.Drive == d && f.disk.Fill > 0 }) {
			continue
		}
		_, high := h.pressure.meter.Keeps(resourceOf(d))
		first = min(first, transport.PollWhen(r.now+1, r.end+1, func(t simtime.Time) bool { return r.driveUse(h, d, t) >= high }))
	}
	if first < h.disk.at {
		h.disk.at = first
		r.at(first, transport.PhaseCompletions, s, evDisk, r.serial(), 0)
	}
}

// diskEvent is such a poll, before it reads the meters.
func (r *run) diskEvent(s int32, ev calendar.Event) {
	h := &r.hosts[s]
	if h.disk == nil || h.disk.at != ev.At {
		return
	}
	h.disk.at = never
	if !h.hub.Halted() {
		r.setDrives(h)
		r.planPoll(s, h.pressure)
		r.planDisk(s, h)
	}
}
