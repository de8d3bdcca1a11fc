package scenarios

import (
	"mailsim/sim"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// queueDrive is queue_drive = { size, used } of a transport server: the drive that its queue database is on.
type queueDrive struct {
	source
	Size *size `toml:"size" req:"true" range:"1MB.." example:"\"500GB\"" doc:"Size of the drive." rule:"Q-10.1"`
	Used *size `toml:"used" std:"0B" example:"\"470GB\"" doc:"What of it is taken by other things than queued mail, which is added." rule:"Q-10.9"`
}

// pressure is the back pressure of a server's version, with the meters that the scenario has.
func (c *compiler) pressure(s *topology.Server, k *transportKeys) sim.Pressure {
	if !s.Transport() {
		return sim.Pressure{}
	}
	p := sim.Pressure{Buckets: c.doc.Model.BucketMeter}
	if d := k.QueueDrive; d != nil && d.Size != nil {
		p.Drive = int64(*d.Size)
		if d.Used != nil {
			p.DriveUsed = int64(*d.Used)
		}
		if p.DriveUsed > p.Drive {
			c.errorAt(d.at("used"), &d.source, "queue_drive.used", "more than the size of the drive; write at most that")
		}
	}
	p.Settings = transport.DefaultPressure(s.Version, transport.Machine{QueueDrive: p.Drive})
	if high := p.Settings.Rules[transport.QueueDatabase].Levels.MediumToHigh; p.Drive > 0 && p.DriveUsed <= p.Drive &&
		transport.Percent(p.DriveUsed, p.Drive) >= float64(high) {
		c.rep.warnf(k.QueueDrive.at("size"), "%sthe server takes no mail from the start on: back pressure is high from %d %% of this drive on (Q-10.1); write a larger size or less used",
			where{k.QueueDrive.subject, "queue_drive.size"}.String(), max(0, high))
	}
	if !c.doc.Model.SubmissionMeter { // QX-7
		p.Settings.Rules[transport.SubmissionLength].Monitored = false
	}
	return p
}
