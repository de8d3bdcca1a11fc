package chaos

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"mailsim/sim/fault"
)

// Plan is a set of faults that come over one run, in no special order.
type Plan []Fault

// Fault is a fault of a plan: it strikes one place, once, and is repaired. Times are whole minutes.
type Fault struct {
	Place
	Start    time.Duration // since the start of the run
	Duration time.Duration // from Start until it is repaired, or until the repair begins where that takes actions of operators; above 0
	Mode     string        // host_down, dc_down: how; "" is crash. link_degrade: as degraded names it, "" is narrow
	Offset   time.Duration // clock_skew: how wrong the clock is; + is fast
	Used     int           // disk_pressure: how much of the drive is in use, 1 to 100 per cent
}

// Place is what a fault strikes.
type Place struct {
	Kind   fault.Kind
	Target string // a server, domain controller, link or site by name
	Other  string // auth_latch: the receiving hub; partition, port_block: the other site; else ""
}

// String names the fault for people: "host_down of ae1 (service_stop), 30m for 12m".
func (f Fault) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s", f.Kind, f.Target)
	switch {
	case f.Kind == fault.AuthLatch, f.Kind == fault.PortBlock:
		fmt.Fprintf(&b, " to %s", f.Other)
	case f.Other != "":
		fmt.Fprintf(&b, " from %s", f.Other)
	}
	switch {
	case f.Mode != "":
		fmt.Fprintf(&b, " (%s)", f.Mode)
	case f.Offset != 0:
		fmt.Fprintf(&b, " (%s)", offset(f.Offset))
	case f.Used != 0:
		fmt.Fprintf(&b, " (%d %% in use)", f.Used)
	}
	fmt.Fprintf(&b, ", at %s for %s", span(f.Start), span(f.Duration))
	return b.String()
}

// TOML writes the plan as [[fault]] tables, with the ids PREFIX-1, PREFIX-2 and so on.
func (p Plan) TOML(prefix string) string {
	var b strings.Builder
	for i, f := range p {
		fmt.Fprintf(&b, "\n[[fault]]\nid = \"%s-%d\"\n", prefix, i+1)
		f.toml(&b)
	}
	return b.String()
}

func (f Fault) toml(b *strings.Builder) {
	fmt.Fprintf(b, "kind = \"%s\"\n", f.Kind)
	line := func(key, value string) { fmt.Fprintf(b, "%s = %s\n", key, value) }
	at := func(selector, name string) string { return "{ " + selector + " = " + text(name) + " }" }
	switch f.Kind {
	case fault.Partition:
		line("side_a", at("site", f.Target))
		line("side_b", at("site", f.Other))
	case fault.AuthLatch:
		line("from", at("host", f.Target))
		line("to", at("host", f.Other))
	case fault.PortBlock: // that of mail, as whoever closes ports for safety might
		line("src", at("site", f.Target))
		line("dst", at("site", f.Other))
		line("ports", "[25]")
	case fault.LinkDown, fault.ReplFail, fault.LinkDegrade:
		line("target", at("link", f.Target))
	default:
		line("target", at("host", f.Target))
	}
	switch {
	case f.Kind == fault.LinkDegrade:
		for _, d := range degraded() {
			if d.mode == f.Mode {
				line(d.key, d.value)
			}
		}
	case f.Mode != "":
		line("mode", text(f.Mode))
	}
	if f.Offset != 0 {
		line("offset", text(offset(f.Offset)))
	}
	if f.Used != 0 {
		used := strconv.FormatFloat(float64(f.Used)/100, 'g', -1, 64)
		line("used_from", used)
		line("used_to", used)
	}
	line("start", text(span(f.Start)))
	if f.ends() {
		line("duration", text(span(f.Duration)))
	}
	if f.Kind == fault.ClockSkew { // set_time in place of it fails while no domain controller answers, and the plan would never be over
		line("restore", text("step"))
	}
	for i, action := range f.repairs() {
		b.WriteString("  [[fault.remedy]]\n")
		line("  action", text(action))
		if i == 0 {
			line("  after", text(span(f.Duration)))
		} else {
			line("  after_action", text("0s"))
		}
		if f.Kind == fault.AuthLatch {
			line("  target", at("host", f.Target))
		}
	}
}

// ends tells whether the fault is over after its duration. A latch stays until a machine is restarted, a certificate until there is a new one.
func (f Fault) ends() bool { return f.Kind != fault.AuthLatch && f.Kind != fault.CertExpiry }

// repairs are what operators do from the end of the duration on, one after the other. A right clock alone leaves the latch (docs/rules/faults.md, F1
// and F2), mended replication waits for its next interval (F3), and a new certificate for the start of the service (F7).
func (f Fault) repairs() []string {
	switch f.Kind {
	case fault.ClockSkew, fault.AuthLatch:
		return []string{"restart_os"}
	case fault.ReplFail:
		return []string{"replicate_now"}
	case fault.CertExpiry:
		return []string{"renew_cert", "restart_transport"}
	}
	return nil
}

// degraded lists the ways in which a link_degrade of a plan is bad: each is much, and mail of usual size survives it.
func degraded() []struct{ mode, key, value string } {
	return []struct{ mode, key, value string }{
		{"", "bandwidth", text("1Mbit/s")}, {"far", "latency", text("300ms")}, {"lossy", "loss", "0.05"},
	}
}

// span writes a duration of whole minutes as scenarios do: "45m", "2h", "2h30m".
func span(d time.Duration) string {
	minutes := int64(d / time.Minute)
	switch h, m := minutes/60, minutes%60; {
	case h == 0 && m == 0:
		return "0s"
	case h == 0:
		return fmt.Sprintf("%dm", m)
	case m == 0:
		return fmt.Sprintf("%dh", h)
	default:
		return fmt.Sprintf("%dh%dm", h, m)
	}
}

// offset writes how wrong a clock is, with its sign.
func offset(d time.Duration) string {
	if d < 0 {
		return "-" + span(-d)
	}
	return "+" + span(d)
}

// text writes a TOML string. Names of scenarios hold no control characters, for which the escapes of the two languages differ.
func text(s string) string { return strconv.Quote(s) }
