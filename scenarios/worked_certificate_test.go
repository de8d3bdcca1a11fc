package scenarios_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// expiry is ref2 from 10:00 on with mail each 30 s between the sites, from A to the internet and back.
func expiry(duration, faults string) string {
	return fmt.Sprintf(ref2, at1000, duration, 10, 10) + regular("ab", "site:A", "site:B", "15s", "30s", duration) + regular("ai", "site:A", "internet", "15s", "30s", duration) +
		regular("ia", "internet", "site:A", "15s", "30s", duration) + faults
}

func cert(host, notAfter, more string) string {
	return fmt.Sprintf("[[fault]]\nid = \"cert\"\nkind = \"cert_expiry\"\ntarget = { host = %q }\nnot_after = %q\n%s\n", host, notAfter, more)
}

// TestF7_DirectTrust: from the end of the certificate of either on sessions between hub and Edge fail, both ways; everything else goes on, also
// from hub to hub (FD-22).
func TestF7_DirectTrust(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"AE1", "A1"} {
		w := work(t, expiry("4h", cert(host, "1h", "")))
		hub, edge := w.events("queue.retry", "A1", ""), w.events("queue.retry", "AE1", "")
		require.Equal(t, []string{"11:00:15", "11:01:15", "11:02:15", "11:03:15", "11:04:15", "11:09:15"}, hub[:6], "a hub's ladder")
		require.Equal(t, []string{"11:00:15", "11:01:15", "11:02:15", "11:03:15", "11:04:15", "11:14:15"}, edge[:6], "an Edge's")
		for _, e := range w.run.Events {
			if e.Kind == "queue.retry" {
				require.Contains(t, e.Text, `"454 4.7.5 Certificate validation failure."`)
				require.NotEqual(t, "B", value(e, "queue"), "hub to hub goes on")
			}
		}
		require.Equal(t, []string{"10:00:00", "11:00:00"}, append(w.events("cert.expires", host, "source=MSExchangeTransport"), w.events("cert.expired", host, "level=error")...))
		require.Equal(t, []string{"11:00:15"}, w.events("cert.remote", map[string]string{"AE1": "A1", "A1": "AE1"}[host], "of="+host), "once a day")
		require.Empty(t, w.events("queue.active", "A1", ""), "it does not end by itself")
		require.LessOrEqual(t, w.figure("delivery.delay", "from=all,to=B", "max"), 10.0)
	}
}

// TestF7_Renewal: a new certificate is of use from the next start of the transport service on. On an Edge it takes 30 minutes more.
func TestF7_Renewal(t *testing.T) {
	t.Parallel()
	const renew, serve = "  [[fault.remedy]]\n  action = \"renew_cert\"\n  after = \"90m\"\n", "  [[fault.remedy]]\n  action = \"restart_transport\"\n  after_action = \"0s\"\n"
	for _, c := range []struct {
		name, host, remedies string
		last                 string // of A1's failed attempts; "" = they go on
	}{
		// Renewed 11:30 to 12:10, restarted to 12:11:30: A1's next attempt is that of 12:14:15.
		{"on an Edge", "AE1", renew + serve, "12:04:15"},
		// Renewed to 11:40, restarted to 11:41:30, which tries everything at once.
		{"on a hub", "A1", renew + serve, "11:34:15"},
		{"without a restart", "A1", renew, ""},
		{"restart first", "A1", "  [[fault.remedy]]\n  action = \"restart_transport\"\n  after = \"80m\"\n  [[fault.remedy]]\n  action = \"renew_cert\"\n  after_action = \"0s\"\n", ""},
		{"restart of the operating system", "A1", renew + strings.Replace(serve, "restart_transport", "restart_os", 1), "11:34:15"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := work(t, expiry("4h", cert(c.host, "1h", c.remedies)))
			tries := w.events("queue.retry", "A1", "queue=C-A")
			if c.last == "" {
				require.Less(t, "13:49:00", tries[len(tries)-1])
				require.Greater(t, w.length("A1", "C-A", "13:59:59"), 300.0)
				return
			}
			require.Equal(t, c.last, tries[len(tries)-1])
			require.LessOrEqual(t, w.length("A1", "C-A", "13:59:59"), 1.0)
		})
	}
}

// TestF7_Days: a certificate is complained of once a day from 30 days before its end on, by its host's clock; a host whose clock is fast finds it
// expired early.
func TestF7_Days(t *testing.T) {
	t.Parallel()
	w := work(t, strings.Replace(expiry("80h", ""), `every = "30s"`, `every = "1h"`, -1)+cert("AE1", "2026-03-04T12:00:00Z", ""), "output.sample_interval=1h")
	require.Equal(t, []string{"10:00:00", "12:00:00", "12:00:00"}, w.events("cert.expires", "AE1", ""), "when it is first seen, and at the time of day of its end: 2 and 3 March")
	require.Equal(t, []string{"12:00:00", "12:00:00"}, w.events("cert.expired", "AE1", ""), "4 and 5 March")
	require.Len(t, w.events("cert.remote", "A1", "of=AE1"), 2, "A1 says so once a day")
	w = work(t, strings.Replace(expiry("60h", ""), `every = "30s"`, `every = "1h"`, -1)+cert("AE1", "2026-04-02T12:00:00Z", ""), "output.sample_interval=1h")
	require.Equal(t, []string{"12:00:00", "12:00:00"}, w.events("cert.expires", "AE1", ""), "from 3 March, 12:00 on")

	fast := "[[fault]]\nkind = \"clock_skew\"\nstart = \"0s\"\ntarget = { host = \"AE1\" }\noffset = \"+20m\"\nself_correct = false\n"
	w = work(t, expiry("2h", cert("AE1", "1h", "")+fast))
	require.Equal(t, "10:40:15", w.events("queue.retry", "A1", "")[0], "20 minutes early")
}

// TestF7_StartTLS: only a connector that requires TLS notices; and a connector that does not goes on in clear.
func TestF7_StartTLS(t *testing.T) {
	t.Parallel()
	for required, retries := range map[bool]int{true: 13, false: 0} {
		text := expiry("2h", cert("AE1", "10m", "purpose = \"starttls\"\nend = \"70m\""))
		text = strings.Replace(text, "source_servers = [\"AE1\"]", fmt.Sprintf("require_tls = %v\nsource_servers = [\"AE1\"]", required), 1)
		w := work(t, text)
		got := w.events("queue.retry", "AE1", "")
		if retries > 0 {
			require.Equal(t, []string{"10:10:17", "10:11:17", "10:12:17", "10:13:17", "10:14:17", "10:24:17"}, got[:6])
			require.Contains(t, w.run.Events[indexOf(w, "queue.retry")].Text, "454 4.7.5")
			require.NotEmpty(t, w.events("queue.active", "AE1", ""))
		} else {
			require.Empty(t, got)
		}
		require.Empty(t, w.events("queue.retry", "A1", ""), "hub and Edge have their own certificates for each other")
		require.Equal(t, []string{"10:00:00"}, w.events("cert.expires", "AE1", "fault=cert"))
	}
}

func indexOf(w *worked, kind string) int {
	for i, e := range w.run.Events {
		if e.Kind == kind {
			return i
		}
	}
	return -1
}
