package scenarios

import (
	"math"
	"slices"
	"strconv"
	"time"

	"mailsim/sim/fault"
	"mailsim/sim/simtime"
)

// occurrencesMax bounds how often one fault happens in a run; where each target is struck by itself, to all of them together.
const occurrencesMax = 20_000

// recurrence translates what says how often a fault happens, and to which of its targets.
func (c *compiler) recurrence(t *faultTable, f *fault.Fault) {
	f.Stream = t.SeedStream
	if t.has("seed_stream") && t.SeedStream == "" {
		c.errorf(&t.source, "seed_stream", "is empty; write a name, or leave it out")
	}
	n := targetsOf(f)
	f.Pick = c.pick(t, f, n)
	if f.Pick > 0 {
		n = f.Pick
	}
	c.sequence(t, f)
	if t.has("schedule") && t.has("random") { // F016
		c.errorAt(t.node.get("random").keyAt, &t.source, "random", "not allowed together with schedule")
	}
	if t.Schedule != nil && t.Schedule.node != nil {
		c.noEnd(t, "schedule")
		c.scheduled(t, f, n)
	}
	if t.Random != nil && t.Random.node != nil {
		c.noEnd(t, "random")
		c.random(t, f, n)
	}
}

// noEnd reports an end where a fault happens more than once.
func (c *compiler) noEnd(t *faultTable, key string) {
	if t.has("end") && !t.has("duration") {
		c.errorf(&t.source, "end", "is one instant, and %s makes the fault happen more than once; write duration", key)
	}
}

// targetsOf counts what a fault can pick from: 0 when it strikes as a whole, or nothing.
func targetsOf(f *fault.Fault) int {
	n := len(f.Hosts) + len(f.Links) + len(f.Clients)
	for _, from := range f.From {
		for _, to := range f.To {
			if from != to {
				n++
			}
		}
	}
	return n
}

// pick is how many of n targets are hit; 0 = all (F014).
func (c *compiler) pick(t *faultTable, f *fault.Fault, n int) int {
	counted := t.Pick == "count" || t.Pick == "fraction"
	switch {
	case f.Kind.Whole() && t.has("pick"):
		c.errorAt(t.node.get("pick").keyAt, &t.source, "pick", "kind %q has no targets to pick from; remove it", t.Kind)
		return 0
	case t.has("pick_value") && !counted:
		c.errorAt(t.node.get("pick_value").keyAt, &t.source, "pick_value", `is for pick = "count" and pick = "fraction"; remove it`)
		return 0
	case t.Pick == "one":
		return 1
	case counted && !t.has("pick_value"):
		c.errorf(&t.source, "pick_value", `required for pick = %q; write pick_value = %s`, t.Pick, map[string]string{"count": "2", "fraction": "0.5"}[t.Pick])
		return 0
	case !counted || t.PickValue == nil:
		return 0
	}
	v, written := *t.PickValue, formatScalar(t.node.get("pick_value").value)
	switch {
	case t.Pick == "fraction" && (v <= 0 || v > 1):
		c.errorf(&t.source, "pick_value", "%s is outside 0..1; write a part above 0, up to 1", written)
	case t.Pick == "fraction":
		return int(math.Ceil(float64(v*float64(n)) - 1e-9))
	case v < 1 || v != math.Trunc(v):
		c.errorf(&t.source, "pick_value", "%s is no number of targets; write a whole number from 1", written)
	case n > 0 && v > float64(n):
		c.errorf(&t.source, "pick_value", "%s exceeds the %d matching %s", written, n, targetNoun(f))
	default:
		return int(v)
	}
	return 0
}

func targetNoun(f *fault.Fault) string {
	switch {
	case f.Kind.Accepts()&fault.TargetLink != 0:
		return "links"
	case f.Kind.Accepts()&fault.TargetPairs != 0:
		return "pairs"
	case f.Kind.Accepts()&fault.TargetClient != 0:
		return "clients"
	}
	return "hosts"
}

// sequence translates whether targets are struck at once or in turn, and the waits between them.
func (c *compiler) sequence(t *faultTable, f *fault.Fault) {
	f.Serial = t.Sequence == "serial"
	wait := func(d *duration) time.Duration {
		if d == nil {
			return 0
		}
		return time.Duration(*d)
	}
	f.Gap = wait(t.LeadOut) + wait(t.LeadIn)
	switch {
	case !f.Serial:
		if t.has("serial_gap") {
			c.errorAt(t.node.get("serial_gap").keyAt, &t.source, "serial_gap", `is for sequence = "serial"; remove it`)
		}
		return
	case t.has("random"):
		c.errorf(&t.source, "sequence", "random failures strike each target by itself; remove it")
	case f.Kind.Whole():
		c.errorf(&t.source, "sequence", "kind %q strikes as a whole; remove it", t.Kind)
	case !t.has("duration") && !t.has("end"):
		c.errorf(&t.source, "sequence", `"serial" needs to know when a target is over; write duration = "10m"`)
	}
	f.Gap += wait(t.SerialGap)
}

// scheduled writes out the occurrences of a schedule.
func (c *compiler) scheduled(t *faultTable, f *fault.Fault, targets int) {
	s := t.Schedule
	at, ok := c.scheduleInstants(t, f)
	if !ok {
		return
	}
	if s.Count != nil && int64(len(at)) > *s.Count {
		at = at[:max(*s.Count, 0)]
	}
	turns := 1
	if f.Serial {
		turns = max(targets, 1)
	}
	if len(at)*turns > occurrencesMax {
		c.errorf(&t.source, "schedule", "makes more than %d occurrences; write a longer interval, or count", occurrencesMax)
		return
	}
	length, over := c.length(t, f, targets)
	lead := f.Start.Sub(c.instantOf(t.Start))
	skipped, first := 0, 0
	var busy simtime.Time
	f.Occurs = []fault.Occurrence{}
	for i, x := range at {
		if s.Overlap != "allow" && len(f.Occurs) > 0 && x < busy {
			if skipped++; skipped == 1 {
				first = i + 1
			}
			continue
		}
		f.Occurs = append(f.Occurs, fault.Occurrence{Number: i + 1, At: x.Add(lead)})
		busy = simtime.Never
		if over {
			busy = x.Add(lead + length)
		}
	}
	if skipped > 0 { // F019
		more := ""
		if skipped > 1 {
			more = ", like " + strconv.Itoa(skipped-1) + " more"
		}
		c.warnf(&t.source, "schedule", "occurrence %d overlaps %d; skipped (overlap = \"forbid\")%s", first, first-1, more)
	}
	if h := c.horizon(); h > 0 && len(at) == 0 && time.Duration(f.Start) < h {
		c.warnf(&t.source, "schedule", "nothing falls into the run, which ends at %s; fault never runs", duration(h))
	}
}

// instantOf is a start that has been checked, without reporting anything.
func (c *compiler) instantOf(i *instant) simtime.Time {
	if i == nil {
		return 0
	}
	return simtime.Time(max(0, i.since(c.t0)))
}

// length is how long an occurrence keeps its targets busy, from when it takes hold to the end of its lead_out; false when it does not
// end. Without an end it is over when its last remedy is done, and where it heals by itself at once (decision).
func (c *compiler) length(t *faultTable, f *fault.Fault, targets int) (time.Duration, bool) {
	out := time.Duration(0)
	if t.LeadOut != nil {
		out = time.Duration(*t.LeadOut)
	}
	switch {
	case f.End != simtime.Never && f.Serial && targets > 1:
		return time.Duration(targets)*f.End.Sub(f.Start) + time.Duration(targets-1)*f.Gap + out, true
	case f.End != simtime.Never:
		return f.End.Sub(f.Start) + out, true
	case len(f.Remedies) > 0:
		done := f.Start
		for i := range f.Remedies {
			done = max(done, f.Remedies[i].At.Add(f.Remedies[i].Duration))
		}
		return done.Sub(f.Start) + out, true
	}
	return out, f.Heals()
}

// scheduleInstants lists the instants of a schedule within the run, in order of time; false where the schedule is wrong.
func (c *compiler) scheduleInstants(t *faultTable, f *fault.Fault) ([]simtime.Time, bool) {
	s := t.Schedule
	start, end := c.instantOf(t.Start), simtime.Time(c.horizon())
	if s.Until != nil {
		end = min(end, c.until(t, s))
	}
	var given []string
	for _, key := range []string{"every", "weekly", "monthly", "profile"} {
		if s.has(key) {
			given = append(given, key)
		}
	}
	if len(given) != 1 {
		c.errorf(&t.source, "schedule", "give one of every, weekly, monthly and profile; here are: %s", givenKeys(given))
		for _, key := range slices.DeleteFunc(given, func(key string) bool { return key == "every" || key == "profile" }) {
			c.calendar(t, key, start, end) // its days and times may be wrong, too
		}
		return nil, false
	}
	if s.has("every") {
		for _, key := range []string{"at", "tz"} {
			if s.has(key) {
				c.errorAt(s.node.get(key).keyAt, &t.source, "schedule."+key, "is for weekly and monthly; remove it")
			}
		}
		return every(s, start, end), s.Every != nil && *s.Every > 0
	}
	if s.has("profile") {
		return c.plannedRestarts(t, f, start, end)
	}
	return c.calendar(t, given[0], start, end)
}

// until is the last instant at which an occurrence may begin.
func (c *compiler) until(t *faultTable, s *schedule) simtime.Time {
	until := s.Until.since(c.t0)
	if until < 0 {
		c.errorAt(s.at("until"), &t.source, "schedule.until", "is before the start of the run (%s)", c.t0.Format(time.RFC3339))
	}
	return simtime.Time(until)
}

// every lists the instants of an interval. More than a run may have are not all listed.
func every(s *schedule, start, end simtime.Time) []simtime.Time {
	var out []simtime.Time
	if s.Every == nil || *s.Every <= 0 {
		return nil
	}
	for at := start; at <= end && len(out) <= occurrencesMax; at = at.Add(time.Duration(*s.Every)) {
		out = append(out, at)
	}
	return out
}

// scheduleClock reads the zone of a schedule and the time of day in it; false where one is wrong.
func (c *compiler) scheduleClock(t *faultTable, std time.Duration) (zone *time.Location, clock time.Duration, good bool) {
	s := t.Schedule
	zone, clock, good = c.t0.Location(), std, true
	if s.has("tz") {
		loc, err := time.LoadLocation(s.TZ)
		if err != nil || s.TZ == "Local" || s.TZ == "" {
			c.errorAt(s.at("tz"), &t.source, "schedule.tz", `%s is not an IANA time zone; write for example "Asia/Tokyo"`, quote(s.TZ))
			good = false
		} else {
			zone = loc
		}
	}
	if s.has("at") {
		at, err := parseTimeOfDay(s.At)
		if err != nil {
			c.errorAt(s.at("at"), &t.source, "schedule.at", "%s", err)
			good = false
		}
		clock = at
	}
	return zone, clock, good
}

// calendar lists the instants of days of the week or of the month.
func (c *compiler) calendar(t *faultTable, key string, start, end simtime.Time) ([]simtime.Time, bool) {
	s := t.Schedule
	zone, clock, good := c.scheduleClock(t, 0)
	wrong := func(at Pos, key, format string, args ...any) {
		c.errorAt(at, &t.source, "schedule."+key, format, args...)
		good = false
	}
	names, parse := s.Weekly, parseWeekday
	if key == "monthly" {
		names, parse = s.Monthly, parseMonthDay
	}
	if len(names) == 0 {
		wrong(s.at(key), key, "names no day; write for example %s", map[string]string{"weekly": `"monday"`, "monthly": `"second-tuesday"`}[key])
	}
	day := func(at simtime.Time) time.Time {
		l := c.t0.Add(time.Duration(at)).In(zone)
		return time.Date(l.Year(), l.Month(), l.Day(), 0, 0, 0, 0, time.UTC)
	}
	from, to := day(start), day(end)
	var out []simtime.Time
	for i, name := range names {
		rule, err := parse(name)
		if err != nil {
			wrong(s.item(key, i), key, "%s", err)
			continue
		}
		if name == "second-wednesday" {
			c.rep.warnf(s.item(key, i), "%s: schedule.monthly: \"second-wednesday\" is not always the day after the second Tuesday; for that write \"second-tuesday+1\"", t.subject)
		}
		for _, d := range rule.days(from, to) {
			at := simtime.Time(localTime(d, clock, zone).Sub(c.t0))
			if at >= start && at <= end {
				out = append(out, at)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out), good
}

// random translates a random process: the figures of the profile, and what is given in their place.
func (c *compiler) random(t *faultTable, f *fault.Fault, targets int) {
	r := t.Random
	var x fault.Figures
	if r.Profile != "" {
		known := slices.Contains(fault.Profiles(), r.Profile)
		var ok bool
		if x, ok = fault.ProfileOf(r.Profile, t.Kind); !ok && known && r.MTBF == nil {
			c.errorAt(r.at("profile"), &t.source, "random.profile", "%q has no figures for kind %q; write mtbf and mttr", r.Profile, t.Kind)
			return
		}
	}
	x.Up, x.UpShape = c.law(t, "up_dist", r.UpDist, x.Up, "up_shape", r.UpShape, x.UpShape)
	if r.Relapse != nil {
		x.Relapse = float64(*r.Relapse)
	}
	if r.MTBF != nil {
		x.MTBF = time.Duration(*r.MTBF)
	} else if x.MTBF == 0 && !r.has("mtbf") && !r.has("profile") {
		c.errorAt(r.node.at, &t.source, "random.mtbf", `required; write mtbf = "306h", or a profile`)
	}
	switch {
	case t.has("duration") && r.has("mttr"):
		c.errorAt(r.at("mttr"), &t.source, "random.mttr", "give either duration or mttr, not both")
	case r.MTTR != nil:
		x.MTTR = time.Duration(*r.MTTR)
	case t.Duration != nil:
		x.MTTR, x.Down = time.Duration(*t.Duration), fault.Fixed
	}
	if x.MTTR > 0 && !t.has("duration") {
		x.Down, x.DownSigma = c.law(t, "down_dist", r.DownDist, x.Down, "down_sigma", r.DownSigma, x.DownSigma)
	} else if !r.has("mttr") {
		for _, key := range []string{"down_dist", "down_sigma"} {
			if r.has(key) {
				c.errorAt(r.node.get(key).keyAt, &t.source, "random."+key, "is how mttr is spread; write mttr, or remove it")
			}
		}
	}
	if x.MTBF <= 0 {
		return
	}
	p, err := x.Process()
	if err != nil {
		c.errorf(&t.source, "random", "%s", err)
		return
	}
	up := float64(x.MTBF)*(1-x.Relapse) + float64(90*time.Minute)*x.Relapse
	if n := float64(c.horizon()) / (up + float64(x.MTTR)) * float64(max(targets, 1)); n > occurrencesMax {
		c.errorf(&t.source, "random", "about %.0f failures in the run; a fault has at most %d: write a longer mtbf", n, occurrencesMax)
		return
	}
	f.Random, f.End = p, simtime.Never
}

// law is a distribution by name with its parameter. Another distribution than the profile's does not take its parameter over.
func (c *compiler) law(t *faultTable, key, name string, was fault.Law, parameterKey string, given *float64, parameter float64) (fault.Law, float64) {
	r, law := t.Random, was
	if i := slices.Index(fault.Laws(), name); i >= 0 {
		law = fault.Law(i)
	}
	if law != was {
		parameter = 0
	}
	if given == nil {
		return law, parameter
	}
	switch {
	case law != fault.Weibull && law != fault.Lognormal:
		c.errorAt(r.node.get(parameterKey).keyAt, &t.source, "random."+parameterKey, "is for weibull and lognormal; write %s, or remove it", key)
	case law == fault.Lognormal && *given > 3:
		c.errorAt(r.at(parameterKey), &t.source, "random."+parameterKey, "must be at most 3, is %s; write 0.3 to 3", formatScalar(*given))
	default:
		return law, *given
	}
	return law, parameter
}
