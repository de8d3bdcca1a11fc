package scenarios

import (
	"slices"
	"strings"
	"time"

	"mailsim/sim/fault"
	"mailsim/topology"
)

// What goes wrong with domain controllers and replication: dc_down (F4), repl_lag, repl_fail and config_notify_lost (F3).

// dcDown translates the keys of dc_down.
func (c *compiler) dcDown(t *faultTable, f *fault.Fault) {
	f.Controllers.Mode = fault.DCDownMode(c.mode(t, []string{"crash", "maintenance", "kdc_only"}))
}

// hitsLinks tells whether the target of a fault names links rather than hosts.
func hitsLinks(t *faultTable) bool { return t.Target != nil && t.Target.Link != nil }

// replFail translates the keys of repl_fail.
func (c *compiler) replFail(t *faultTable, f *fault.Fault) {
	f.Controllers.BreaksAuth = t.BreaksAuth == "" || t.BreaksAuth == "immediate"
	if len(t.Bridgeheads) > 0 && !hitsLinks(t) {
		c.errorf(&t.source, "bridgeheads", "says who fails on a link; write target = { link = \"NAME\" }, or leave bridgeheads out")
		return
	}
	for i, name := range t.Bridgeheads {
		at := t.item("bridgeheads", i)
		id, ok := c.dc[name]
		switch {
		case !ok:
			var known []string
			for _, d := range c.dcs {
				known = append(known, d.Name)
			}
			c.errorAt(at, &t.source, "bridgeheads", "no dc is called %s; %s", quote(name), suggest(name, known, "dc"))
		case slices.Contains(f.Controllers.Bridgeheads, id):
			c.errorAt(at, &t.source, "bridgeheads", "%s stands twice; remove one", quote(name))
		case !c.mayServe(id, f.Links):
			c.errorAt(at, &t.source, "bridgeheads", "%s is in site %s, which none of the links leads to; name a dc of a site that a link joins", quote(name), quote(c.siteName(c.dcs[id].Site)))
		default:
			f.Controllers.Bridgeheads = append(f.Controllers.Bridgeheads, id)
		}
	}
}

// mayServe tells whether a domain controller may replicate over one of some links: it is in a site that one joins, or one of these has none itself.
func (c *compiler) mayServe(dc topology.DCID, links []topology.LinkID) bool {
	if len(links) == 0 {
		return true // reported
	}
	return slices.ContainsFunc(links, func(l topology.LinkID) bool {
		return slices.ContainsFunc(c.linkValues[l].Sites[:], func(s topology.SiteID) bool {
			return s == c.dcs[dc].Site || !slices.ContainsFunc(c.dcs, func(d topology.DC) bool { return d.Site == s })
		})
	})
}

// replLag translates the keys of repl_lag.
func (c *compiler) replLag(t *faultTable, f *fault.Fault) {
	f.Phase = -1
	if !t.has("interval") && !t.has("phase") && !t.has("window") {
		c.errorf(&t.source, "interval", `required for kind "repl_lag"; write interval = "24h", phase, window, or several of them`)
	}
	if t.Interval != nil {
		f.Interval = c.interval(&t.source, "interval", *t.Interval) // F023
	}
	f.Windows = c.windows(&t.source, "window", t.Window)
	if t.Phase != nil {
		f.Phase = time.Duration(*t.Phase)
		for _, l := range f.Links {
			interval := f.Interval
			if interval == 0 {
				interval = c.linkValues[l].ReplicationInterval
			}
			if interval == 0 {
				interval = 180 * time.Minute
			}
			if f.Phase >= interval {
				c.errorf(&t.source, "phase", "%s is not less than the interval %s of link %s", *t.Phase, duration(interval), quote(c.links.names[l]))
				break
			}
		}
	}
}

// startsControllers gives restart_os the time that domain controllers take, where it is done to nothing else and the scenario says
// nothing.
func startsControllers(k *operatorKeys, a *fault.Action, hosts []fault.Host) {
	server := func(h fault.Host) bool { return h.Server >= 0 }
	if a.Kind == fault.RestartOS && (k.Duration == nil || k.Duration.usual) && len(hosts) > 0 && !slices.ContainsFunc(hosts, server) {
		a.Duration = fault.ControllerStart
	}
}

// windows reads when a link is open for replication: "Mon-Fri 02:00-04:00", "Sat,Sun 00:00-24:00", "22:00-02:00" on every day. Times are UTC,
// as in the directory; an end that is not after the beginning is of the next day.
func (c *compiler) windows(s *source, key string, texts []string) []topology.Window {
	var out []topology.Window
	for i, text := range texts {
		w, ok := parseWindow(text)
		if !ok {
			c.errorAt(s.item(key, i), s, key, `%s is no window; write "Mon-Fri 02:00-04:00", "Sat,Sun 00:00-24:00" or, for every day, "02:00-04:00"`, quote(text))
		}
		out = append(out, w...)
	}
	if s.has(key) && len(texts) == 0 {
		c.errorf(s, key, `is empty, so that nothing would ever replicate; write a window such as "02:00-04:00", or remove it`)
	}
	return out
}

// parseWindow reads one window: one stretch for each of its days.
func parseWindow(text string) ([]topology.Window, bool) {
	days, hours, found := strings.Cut(text, " ")
	if !found {
		days, hours = "Mon-Sun", text
	}
	from, to, found := strings.Cut(hours, "-")
	begin, ok := timeOfDay(from)
	end, good := timeOfDay(to)
	if !found || !ok || !good || begin == 24*time.Hour {
		return nil, false
	}
	if end <= begin {
		end += 24 * time.Hour
	}
	var out []topology.Window
	for part := range strings.SplitSeq(days, ",") {
		first, last, several := strings.Cut(part, "-")
		a, b := weekday(first), weekday(last)
		if !several {
			b = a
		}
		if a < 0 || b < 0 {
			return nil, false
		}
		for d := a; ; d = (d + 1) % 7 {
			day := time.Duration(d) * 24 * time.Hour
			out = append(out, topology.Window{From: day + begin, To: day + end})
			if d == b {
				break
			}
		}
	}
	return out, true
}

func weekday(s string) int {
	return slices.Index([]string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}, s)
}

// timeOfDay reads HH:MM, up to 24:00.
func timeOfDay(s string) (time.Duration, bool) {
	if s == "24:00" {
		return 24 * time.Hour, true
	}
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		return 0, false
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, true
}
