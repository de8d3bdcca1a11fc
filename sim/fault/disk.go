package fault

import (
	"fmt"
	"slices"

	"mailsim/topology"
)

// disk_pressure (F16): something fills a drive of a transport server.

// Drive is a drive of a transport server.
type Drive uint8

// The drives.
const (
	QueueDrive Drive = iota // with the queue database
	LogDrive                // with its logs
	TempDrive               // for content conversion
	NumDrives
)

// String is the name in events.
func (d Drive) String() string {
	return [NumDrives]string{"queue database", "logs", "content conversion"}[d]
}

// Disk is how a drive fills: up to a share of it, or so fast.
type Disk struct {
	Drive Drive
	// From and To are the shares of the drive in use at no intensity and at all of it, 0..1, where Fill is 0. With Fill, To is below 0, and From is what is in use
	// when the fault begins; below 0: what is in use anyway.
	From, To float64
	Fill     int64 // bytes an hour; 0 = not so
	Size     int64 // bytes of the drive; 0 = the server's queue drive
}

// fillDisk reports how a fault fills the drive of its servers, at its present intensity.
func (e *Engine) fillDisk(i int) {
	d, s := e.faults[i].Disk, &e.struck[i]
	if d.Fill > 0 {
		d.Fill = d.Fill/tenths*int64(s.level) + d.Fill%tenths*int64(s.level)/tenths
	} else {
		d.To = d.From + float64((d.To-d.From)*float64(s.level))/tenths
		if s.level == tenths {
			d.To = e.faults[i].Disk.To
		}
	}
	for _, h := range s.hosts {
		if !slices.Contains(s.mended, h.Server) {
			e.effect(Effect{Kind: DiskFills, Server: h.Server, Fault: i, Disk: d, Link: topology.None, SiteA: topology.None, SiteB: topology.None})
		}
	}
}

// releaseDisk takes back what a fault has put on a drive.
func (e *Engine) releaseDisk(i int, server topology.ServerID) {
	e.effect(Effect{Kind: DiskReleased, Server: server, Fault: i, Disk: e.faults[i].Disk, Link: topology.None, SiteA: topology.None, SiteB: topology.None})
}

// freeDisk is an operator's step: without an amount the faults that fill drives of a server are over for it; with one, so much less is in use on the drives
// that faults fill, else on that of the queue database, and the faults go on.
func (e *Engine) freeDisk(t *task, server topology.ServerID) {
	var drives []Drive
	for _, i := range slices.Clone(e.active) {
		f, s := &e.faults[i], &e.struck[i]
		switch {
		case f.Kind != DiskPressure || slices.Contains(s.mended, server) || !slices.Contains(s.hosts, Host{Server: server, DC: topology.None}):
		case t.Free == 0:
			e.mend(i, server)
			e.releaseDisk(i, server)
		case !slices.Contains(drives, f.Disk.Drive):
			drives = append(drives, f.Disk.Drive)
		}
	}
	if drives == nil {
		drives = []Drive{QueueDrive}
	}
	for _, d := range drives {
		if t.Free > 0 {
			e.effect(Effect{Kind: DiskFreed, Server: server, Disk: Disk{Drive: d, Size: t.Free}, Link: topology.None, SiteA: topology.None, SiteB: topology.None})
		}
	}
}

// diskText says how a drive fills.
func (f *Fault) diskText() string {
	if f.Disk.Fill > 0 {
		return fmt.Sprintf("fills by %.4g GB an hour", float64(f.Disk.Fill)/(1<<30))
	}
	return fmt.Sprintf("is %.4g full", f.Disk.To)
}
