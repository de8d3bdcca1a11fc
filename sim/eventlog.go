package sim

import (
	"mailsim/sim/directory"
	"mailsim/sim/result"
	"mailsim/topology"
)

// catalogued adds to an event with a number what an event log has besides: who logs it and how serious it is.
func catalogued(e result.Event) result.Event {
	if e.ID == 0 {
		return e
	}
	source, level := logged(e.Kind, e.ID)
	e.Fields = append(e.Fields, result.Field{Key: "source", Value: source})
	if level != "" {
		e.Fields = append(e.Fields, result.Field{Key: "level", Value: level})
	}
	return e
}

// logged is the source and the level of an event; "" where no level is known.
// FD-4: event 1035 is a warning.
func logged(kind string, id int) (source, level string) {
	switch kind {
	case "auth.kerberos":
		return "Kerberos", "error"
	case "auth.kdc":
		return "KDC", "error"
	case "store.refused":
		return "MSExchangeIS", "error"
	case "agent.engine":
		return "FIPFS", "error"
	case "agent.slow":
		return "MSExchange Extensibility", "warning"
	case "clock.unsynchronised", "clock.peer":
		return "W32Time", "warning"
	case "directory.replication":
		if id == 1864 {
			return "NTDS Replication", "warning"
		}
		return "NTDS Replication", "error"
	case "directory.controller":
		switch id {
		case 2080:
			return "MSExchange ADAccess", "information"
		case 2084, 2085:
			return "MSExchange ADAccess", "warning"
		}
		return "MSExchange ADAccess", "error"
	}
	switch id {
	case 7023:
		return "Service Control Manager", "error"
	case 7036:
		return "Service Control Manager", "information"
	case 2114:
		return "MSExchange ADAccess", "error"
	case 1035, 2017, 10001, 12017, 12018:
		return transportService, "warning"
	case 12015, 12016, 12019, 15004, 15006, 15007:
		return transportService, "error"
	case 10002, 15005:
		return transportService, "information"
	}
	return transportService, ""
}

const transportService = "MSExchangeTransport"

// laterBuild tells whether a server writes the texts of later builds: 2016 and on (decision).
func laterBuild(v topology.Version) bool { return v >= topology.V2016 }

// authFailed writes what is logged of a session between hubs that fails: event 1035 at the receiver; for want of a ticket event 2017 at the
// sender, which does not get as far; nothing where the verbs are stripped (docs/rules/faults.md).
//
// S1-4: the error in event 1035 tells clocks from keys.
func (c *recorder) authFailed(r *run, from, to *host, auth directory.Auth) {
	r.tellNotes()
	sender, receiver := r.org.Servers[from.id].Name, r.org.Servers[to.id].Name
	if auth == directory.AuthStripped {
		return
	}
	if auth.Ticketless() {
		why := map[directory.Auth][2]string{ // the error by its name in Windows, and what it comes from
			directory.AuthNoTicket: {"NoAuthenticatingAuthority", "no domain controller answers"},
			directory.AuthNoName:   {"TargetUnknown", "the target name is unknown"},
			directory.AuthNoLogon:  {"LogonDenied", "the domain controller does not accept the secret of this server"},
		}[auth]
		c.send(r, result.Event{
			Time: r.now, Server: sender, Kind: "auth.no_ticket", ID: 2017,
			Text: "Outbound authentication failed with error " + why[0] + " for Send connector Intra-Organization SMTP Send Connector: no Kerberos ticket, " + why[1] +
				". The target is SMTPSVC/" + receiver + ".",
			Fields: []result.Field{{Key: "to", Value: receiver}, {Key: "cause", Value: auth.String()}, {Key: "error", Value: why[0]}},
		})
		return
	}
	failure := "UnexpectedExchangeAuthBlob" // clock-like
	switch {
	case auth == directory.AuthKey: // key-like
		failure = "IllegalMessage"
		c.send(r, result.Event{
			Time: r.now, Server: sender, Kind: "auth.kerberos", ID: 4,
			Text:   "KRB_AP_ERR_MODIFIED: " + receiver + " cannot open the ticket for SMTPSVC/" + receiver + "; it is sealed for another account or with another secret.",
			Fields: []result.Field{{Key: "to", Value: receiver}},
		})
	case auth == directory.AuthApart: // F3
		failure = "IllegalMessage"
	case laterBuild(r.org.Servers[to.id].Version):
		failure += "CheckForClockSkew"
	}
	c.send(r, result.Event{
		Time: r.now, Server: receiver, Kind: "auth.failed", ID: 1035,
		Text: "Inbound authentication failed with error " + failure + " for Receive connector Default " + receiver + ". " +
			"The authentication mechanism is ExchangeAuth. The source is " + sender + " [" + r.address(from.id) + "].",
		Fields: []result.Field{{Key: "from", Value: sender}, {Key: "cause", Value: auth.String()}, {Key: "error", Value: failure}},
	})
}

// tellNotes writes down what machines log because of the directory.
func (r *run) tellNotes() {
	if !r.dir.Noted() {
		return
	}
	for _, n := range r.dir.TakeNotes(nil) {
		e := result.Event{Time: n.At}
		if n.Host.Server >= 0 {
			e.Server = r.org.Servers[n.Host.Server].Name
		} else {
			e.Server = r.org.DCs[n.Host.DC].Name
		}
		switch n.Kind {
		case directory.TimeLost:
			e.Kind, e.ID, e.Text = "clock.unsynchronised", 36, "The time service has not synchronised the system time for 49152 seconds, because none of its sources gave a usable time stamp."
		case directory.PeerSilent:
			e.Kind, e.ID, e.Text = "clock.peer", 47, "No valid response has been received from the manually configured time source outside after 8 attempts to contact it."
		case directory.NameTwice:
			name := r.org.Servers[n.About].Name
			e.Kind, e.ID, e.Text = "auth.kdc", 11, "There are multiple accounts with name SMTPSVC/"+name+"."
			e.Fields = []result.Field{{Key: "name", Value: name}}
		case directory.Overdue:
			e.Kind, e.ID, e.Text = "directory.replication", 1864, "Nothing has been replicated from "+r.org.DCs[n.DC].Name+" for 24 hours or more."
			e.Fields = []result.Field{{Key: "from", Value: r.org.DCs[n.DC].Name}}
		case directory.Parted:
			e.Kind, e.ID = "directory.replication", 2042
			e.Text = "It has been too long since this machine last replicated with " + r.org.DCs[n.DC].Name + ". Nothing is taken from there until an operator has cleaned up."
			e.Fields = []result.Field{{Key: "from", Value: r.org.DCs[n.DC].Name}}
		case directory.Rebound, directory.OutOfSite, directory.NobodyInTime, directory.NobodyFound:
			r.tellController(n, e)
			continue
		}
		r.rec.send(r, e)
	}
}
