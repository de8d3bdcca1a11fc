package fault

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"mailsim/topology"
)

// mail_storm (F20), duplicate_storm (F21) and backscatter (F22): faults that break nothing and bring mail. The engine says when and how hard; the simulation
// has the mail.

// Storm is the mail that a storm brings.
type Storm struct {
	Rate float64 // mail_storm: replies a second, backscatter: spam a second, at all of the intensity; above 0

	// List are the members of the list of mail_storm: mailboxes by database, each database once, none without a mailbox.
	List  []topology.Recipient
	Guard bool // mail_storm: replies to all are counted, and refused when they are too many

	Copies int           // duplicate_storm: how often a message is sent again, 1 or more
	Delay  time.Duration // duplicate_storm: from one copy to the next; 0 or more
	NewID  bool          // duplicate_storm: each copy has a message id of its own

	Unknown float64 // backscatter: share of the spam, 0..1, that is for nobody
	Domains int     // backscatter: how many domains the senders claim to be of; 1 or more
	Checked bool    // backscatter: recipients are looked up at RCPT, so that spam for nobody is not accepted
}

// Members is how many mailboxes are on the list of mail_storm.
func (s *Storm) Members() int64 {
	n := int64(0)
	for i := range s.List {
		n += int64(s.List[i].Mailboxes())
	}
	return n
}

// blow reports a storm at its present intensity.
func (e *Engine) blow(i int) {
	s := &e.struck[i]
	x := stormEffect(StormBlows, i)
	x.Level, x.Count = s.level, s.number
	for _, h := range s.hosts {
		x.Hosts = append(x.Hosts, h.Server)
	}
	e.effect(x)
}

func stormEffect(kind EffectKind, fault int) Effect {
	return Effect{Kind: kind, Fault: fault, Server: topology.None, Link: topology.None, SiteA: topology.None, SiteB: topology.None}
}

// deleteList is a remedy: the list of a mail storm is there no more, and what comes for it is returned. The storm is over for everybody but those who go on
// replying.
func (e *Engine) deleteList(t *task) {
	if t.fault < 0 {
		return
	}
	if s := &e.struck[t.fault]; s.entry >= 0 {
		e.happened[s.entry].end = min(e.happened[s.entry].end, e.now)
	}
	e.effect(stormEffect(ListDeleted, t.fault))
}

// checkRecipients is an operator's step: from now on a server looks recipients up at RCPT. Backscatter is over for it.
func (e *Engine) checkRecipients(server topology.ServerID) {
	for _, i := range slices.Clone(e.active) {
		if e.faults[i].Kind == Backscatter {
			e.mend(i, server)
		}
	}
	x := stormEffect(RecipientsChecked, -1)
	x.Server = server
	e.effect(x)
}

// stormLabel names a storm in a chart.
func (e *Engine) stormLabel(i int) string {
	switch f := &e.faults[i]; f.Kind {
	case MailStorm:
		return fmt.Sprintf("replies to a list of %d, %s", f.Storm.Members(), perMinute(f.Storm.Rate))
	case DuplicateStorm:
		return "mail at " + e.briefly(i) + " sent again" + either(f.Storm.Copies == 1, "", " ("+strconv.Itoa(f.Storm.Copies)+" copies)") + f.Storm.idText()
	}
	return "spam at " + e.briefly(i) + ", " + perMinute(e.faults[i].Storm.Rate)
}

// stormSentence says in an event what a storm does to a target.
func (f *Fault) stormSentence(target string, start bool) string {
	switch f.Kind {
	case MailStorm:
		return either(start, "people reply to all of "+target+", "+perMinute(f.Storm.Rate), "nobody replies to all of "+target+" any more")
	case DuplicateStorm:
		times := either(f.Storm.Copies == 1, "once more", strconv.Itoa(f.Storm.Copies)+" times more")
		return either(start, "what enters at "+target+" is sent "+times+f.Storm.idText(), "what enters at "+target+" is sent once again")
	}
	return either(start, "spam with forged senders comes to "+target+", "+perMinute(f.Storm.Rate), "no spam comes to "+target+" any more")
}

func (s *Storm) idText() string { return either(s.NewID, " with new message ids", "") }

// perMinute writes a rate.
func perMinute(perSecond float64) string {
	return strconv.FormatFloat(float64(perSecond*60), 'g', 6, 64) + " a minute"
}
