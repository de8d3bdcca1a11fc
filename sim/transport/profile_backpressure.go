package transport

import (
	"time"

	"mailsim/topology"
)

// Machine is what the levels of drives and memory depend on. A value of 0 is one so large that the documented levels hold as they are.
type Machine struct {
	QueueDrive   int64 // bytes: size of the drive with the queue database
	LogDrive     int64 // bytes: size of the drive with its logs
	ContentDrive int64 // bytes: size of the drive for content conversion
	Memory       int64 // bytes
	Checkpoint   int64 // bytes: DatabaseCheckPointDepthMax; 0 = 384 MB
}

const megabyte, terabyte = 1 << 20, 1 << 40

// Percent returns used of size as a percentage; it is not rounded.
func Percent(used, size int64) float64 { return 100 * float64(used) / float64(size) }

// DefaultPressure returns the back pressure of a server of version v on a machine. Where nothing is known of 2007 or 2010 the figures of
// 2013 stand; 2016's stand for all later ones.
func DefaultPressure(v topology.Version, m Machine) PressureSettings {
	s := PressureSettings{TarpitStart: 10 * time.Second, TarpitStep: 5 * time.Second, TarpitMax: 55 * time.Second}
	s.Rules = pressureLevels(v, m)
	if v >= topology.V2016 { // QX-8
		s.TarpitStart, s.TarpitStep = time.Second, time.Second
	}
	setMeasures(v, &s.Rules)
	// The process's memory has a history and no tarpit: it is mail alone that waits for it.
	s.Rules[VersionBuckets].History = 10
	s.Rules[PrivateBytes].History = 30
	s.Rules[SubmissionLength].History = 300
	s.Rules[BatchPoints].History = 300
	return s
}

// pressureLevels is the table of levels.
func pressureLevels(v topology.Version, m Machine) (rules [NumResources]PressureRule) {
	monitor := func(r Resource, l Levels) { rules[r] = PressureRule{Monitored: true, Levels: l} }
	free, log := int64(500*megabyte), min(5120*megabyte, 3*m.Checkpoint)
	if m.Checkpoint == 0 {
		log = 3 * 384 * megabyte
	}
	if v == topology.V2007RTM { // of all drives: the text does not tell them apart
		free, log = 4096*megabyte, 4096*megabyte
	}
	queue, logs, content, process := diskHigh(m.QueueDrive, free), diskHigh(m.LogDrive, log), diskHigh(m.ContentDrive, free), processHigh(m.Memory)
	if v >= topology.V2016 {
		monitor(QueueDatabase, Levels{96, 99, 97, 94}.lowered(99-queue))
		monitor(QueueLogs, Levels{90, 99, 94, 88}.lowered(99-logs)) // QX-6
		monitor(ContentDrive, Levels{90, 99, 94, 88}.lowered(99-content))
		monitor(PrivateBytes, Levels{72, 75, 73, 71}.lowered(75-process))
		monitor(SystemMemory, Levels{88, 94, 89, 84})
		monitor(VersionBuckets, Levels{999, 1500, 1000, 800})
		monitor(SubmissionLength, Levels{9999, 15000, 10000, 2000}) // QX-7
		return rules
	}
	monitor(QueueDatabase, below(queue))
	monitor(QueueLogs, below(logs))
	monitor(ContentDrive, below(content))
	monitor(PrivateBytes, below(process))
	monitor(SystemMemory, below(94))
	if v == topology.V2013 {
		monitor(VersionBuckets, triple(1750, 2000, 2500))
		monitor(BatchPoints, triple(1000, 2000, 4000))
	} else {
		monitor(VersionBuckets, triple(80, 120, 200))
	}
	if v >= topology.V2010RTM {
		monitor(SubmissionLength, triple(2000, 4000, 10000))
	}
	return rules
}

// setMeasures is the table of what a server does, by resource and version.
func setMeasures(v topology.Version, rules *[NumResources]PressureRule) {
	const outside, inside = RejectOutside | RejectPickup, RejectServers | RejectSubmission
	set := func(r Resource, x PressureRule) {
		x.Monitored, x.Levels = rules[r].Monitored, rules[r].Levels
		rules[r] = x
	}
	recent := v >= topology.V2016
	var pause, stop Measures
	if recent {
		pause, stop = PauseResubmission|RefuseShadow, StopDelivery
	}
	set(QueueDatabase, PressureRule{Lasting: outside, Medium: pause, High: inside})
	set(QueueLogs, PressureRule{Lasting: outside, Medium: pause, High: inside})
	set(ContentDrive, PressureRule{Lasting: outside, High: inside})
	if recent {
		set(PrivateBytes, PressureRule{Lasting: outside, Medium: PauseBootScan | pause, High: inside})
		set(SystemMemory, PressureRule{Medium: FreeMemory})
	} else {
		set(PrivateBytes, PressureRule{Lasting: outside, Medium: PauseBootScan | FreeMemory, High: inside})
		set(SystemMemory, PressureRule{Lasting: outside, Medium: FreeMemory, High: inside})
	}
	set(VersionBuckets, PressureRule{Tarpit: true, Lasting: outside, High: inside | stop})
	set(BatchPoints, PressureRule{Tarpit: true, Lasting: outside, High: inside})
	set(SubmissionLength, PressureRule{Tarpit: true, Lasting: outside | pause, High: inside | FreeMemory})
}

// diskHigh is the High level of a drive in percent: what leaves so many bytes free, rounded down. A drive that is no larger
// than that is always at High.
func diskHigh(size, free int64) int64 {
	if size == 0 {
		return 99
	}
	return 100 * max(size-free, 0) / size // QX-11
}

// processHigh is the High level of the transport process in percent of memory: 75, or 1 TB of a larger machine.
func processHigh(memory int64) int64 {
	if memory == 0 {
		return 75
	}
	return min(75, 100*terabyte/memory)
}

// lowered shifts all levels by as much as the formula's High lies below the documented one (Q-10.1a).
func (l Levels) lowered(by int64) Levels {
	return Levels{l.LowToMedium - by, l.MediumToHigh - by, l.HighToMedium - by, l.MediumToLow - by}
}

// triple makes levels of the three figures of versions up to 2013: up at Medium and at High, down below Medium and below Normal.
func triple(normal, medium, high int64) Levels { return Levels{medium, high, medium, normal} }

// below makes levels of a High level alone: Medium is 2 less, Normal 4 less.
func below(high int64) Levels { return triple(high-4, high-2, high) }
