package scenarios

import (
	"slices"

	"mailsim/sim/fault"
)

// diskKeys are the keys of disk_pressure (F16).
type diskKeys struct {
	Drive    string    `toml:"drive" std:"queue_db" enum:"queue_db,log,temp" doc:"disk_pressure: the drive of the queue database, of its logs, or for content conversion." rule:"F16"`
	UsedFrom *fraction `toml:"used_from" std:"with used_to 0, with fill_rate what is in use anyway" example:"0.9" doc:"disk_pressure: share of the drive that is in use at the start of the ramp, or when it begins to fill." rule:"F16"`
	UsedTo   *fraction `toml:"used_to" example:"0.97" doc:"disk_pressure: share of the drive that is in use at least, at once or at the end of the ramp." rule:"F16"`
	FillRate *size     `toml:"fill_rate" range:"1B.." example:"\"10GB\"" doc:"disk_pressure: how much more is in use each hour, in place of used_to." rule:"F16"`
	Size     *size     `toml:"size" std:"that of the server's queue_drive" range:"1MB.." example:"\"500GB\"" doc:"disk_pressure: size of the drive, for fill_rate." rule:"F16"`
}

// diskPressure translates the keys of disk_pressure (docs/rules/faults.md, F16).
func (c *compiler) diskPressure(t *faultTable, f *fault.Fault) {
	d := &f.Disk
	d.Drive = fault.Drive(max(0, slices.Index([]string{"queue_db", "log", "temp"}, t.diskKeys.Drive)))
	if t.UsedTo != nil {
		d.To = float64(*t.UsedTo)
	}
	if d.From = -1; t.UsedFrom != nil {
		d.From = float64(*t.UsedFrom)
	}
	switch {
	case !t.has("used_to") && !t.has("fill_rate"):
		c.errorf(&t.source, "used_to", `required for kind "disk_pressure"; write used_to = 0.97, or fill_rate = "10GB" for so much each hour`)
	case t.has("used_to") && t.has("fill_rate"):
		c.errorf(&t.source, "fill_rate", "give either used_to or fill_rate, not both")
	case t.has("used_to"):
		if t.has("size") {
			c.errorf(&t.source, "size", "used_to is a share of the drive, however large; remove size")
		}
		if d.From = max(d.From, 0); t.UsedTo != nil && d.From > d.To {
			c.errorf(&t.source, "used_from", "%v is above used_to %v; a drive fills", d.From, d.To)
		}
		for i := range t.Remedy {
			if r := &t.Remedy[i]; r.Action == fault.FreeDisk.String() && r.has("free") {
				c.errorAt(r.at("free"), &t.source, where{field: "remedy"}.item(i).field+".free", "used_to says no size of which so much could be freed; remove free, or write fill_rate")
			}
		}
	case t.FillRate != nil:
		d.Fill, d.To = int64(*t.FillRate), -1
		c.diskSize(t, f)
	}
}

// diskSize finds the size of the drive that a fault fills: the servers' own, where it is that of the queue database and they say one.
func (c *compiler) diskSize(t *faultTable, f *fault.Fault) {
	if t.diskKeys.Size != nil {
		f.Disk.Size = int64(*t.diskKeys.Size)
	}
	for _, h := range f.Hosts {
		own := int64(0)
		if f.Disk.Drive == fault.QueueDrive {
			own = c.cfg.Servers[h.Server].Pressure.Drive
		}
		name := c.servers[h.Server].Name
		switch {
		case own == 0 && f.Disk.Size == 0:
			c.errorf(&t.source, "size", "required with fill_rate: host %s says nothing of the size of the drive; write size = \"500GB\"", quote(name))
			return
		case own > 0 && f.Disk.Size > 0 && own != f.Disk.Size:
			c.errorf(&t.source, "size", "host %s says another one in queue_drive; remove size here", quote(name))
			return
		}
	}
}
