package scenarios

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim"
	"mailsim/sim/result"
)

// sampleFaults is a fault of each kind, without its times: what a kind needs to strike.
func sampleFaults() map[string]string {
	return map[string]string{
		"clock_skew":         `target = { host = ["a1", "bd1"] }, offset = "+7m"`,
		"repl_lag":           `target = { link = "*" }, interval = "24h"`,
		"nic_late_bind":      `target = { role = "hub" }, prone = true`,
		"host_down":          `target = { site = "A" }, queue_db = "lost"`,
		"link_down":          `target = { link = "A-B" }`,
		"link_degrade":       `target = { link = "A-B" }, latency = "100ms", jitter = "50ms", loss = 0.1, bandwidth = "64kbit/s"`,
		"partition":          `side_a = { site = "A" }, side_b = { site = ["B", "C"] }`,
		"spn_missing":        `target = { host = "b1" }`,
		"spn_duplicate":      `target = { host = "b1" }, wrong_account = 1`,
		"machine_secret":     `target = { host = "b1" }`,
		"dns_fail":           `target = { site = "A" }`,
		"port_block":         `src = { site = "A" }, dst = { site = "B" }, ports = [25]`,
		"cert_expiry":        `target = { role = "edge" }`,
		"poison_message":     `target = { host = "a1" }`,
		"remote_down":        `target = { remote = "cloud" }`,
		"remote_throttle":    `target = { remote = "cloud" }, max_connections = 1`,
		"remote_greylist":    `target = { remote = "cloud" }`,
		"disk_pressure":      `target = { role = "hub" }, used_to = 0.97`,
		"agent_stall":        `target = { role = "hub" }`,
		"store_down":         `target = { role = "mailbox" }`,
		"dc_down":            `target = { host = "bd1" }`,
		"repl_fail":          `target = { link = "A-B" }`,
		"config_notify_lost": `target = { host = "a1" }`,
		"client_update":      `target = { host = "pcs" }, affects_server = "a1", broadcast_at = "00:05"`,
		"mail_storm":         `list_size = 6000, reply_rate = "30/min", guard = true`,
		"duplicate_storm":    `target = { host = "a1" }, copies = 2, delay = "10s"`,
		"backscatter":        `target = { role = "edge" }, rate = "30/min", unknown_fraction = 0.5, domains = 3`,
		"auth_latch":         `from = { host = "a*" }, to = { host = "b1" }`,
	}
}

// table writes a fault as a table of its own.
func table(id, kind, keys string) string {
	text := "[[fault]]\nid = \"" + id + "\"\nkind = \"" + kind + "\"\n"
	depth := 0
	for _, r := range keys {
		switch r {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',':
			if depth == 0 {
				text += "\n"
				continue
			}
		}
		text += string(r)
	}
	return text + "\n"
}

// short is a run of ten minutes in which something goes wrong, so that the wheels are turning.
const short = `duration = "10m"
[output]
sample_interval = "10s"
series = ["queue", "server", "link"]
[[client]]
name = "pcs"
site = "A"
count = 20
server = "a1"
[[load]]
id = "pcs"
kind = "clients"
from = "client:pcs"
to = "site:B"
rate = "20/h"
`

func outcome(t testing.TB, cfg *sim.Config) *result.Run {
	m := result.NewMemory(0, 0)
	require.NoError(t, sim.Run(t.Context(), cfg, 0, m))
	return m.Run()
}

// A fault that does not happen leaves everything as it is, its remedies included: events, series, figures and the fingerprint. It is so for
// every kind and for everything that keeps a fault from happening.
func TestFaultsThatDoNotHappen(t *testing.T) {
	t.Parallel()
	real := table("real", "host_down", `target = { site = "B" }, start = "2m", duration = "1m", probability = 0.5`)
	want := outcome(t, configOf(t, short+real))
	require.NotEmpty(t, want.Events)
	for _, kind := range legalKinds() {
		keys, ok := sampleFaults()[kind]
		require.True(t, ok, "sampleFaults has no fault of kind %s: add one", kind)
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			happened := configOf(t, short+table("x", kind, keys+`, start = "10s", duration = "9m"`))
			require.NotEmpty(t, outcome(t, happened).Summary.Faults, "the sample strikes nobody, and shows nothing")
			for _, never := range []string{
				`probability = 0, duration = "1m"`, `probability = 0, random = { mtbf = "1m", mttr = "1m" }`, `start = "11m", duration = "1m"`,
				`enabled = false, duration = "1m"`, `schedule = { weekly = "friday" }, duration = "1m"`, `lead_in = "10m1ns", duration = "1m"`,
				`random = { mtbf = "1000w", mttr = "1m", up_dist = "fixed" }`, `start = "10m1ns", schedule = { every = "1m" }, duration = "1m"`,
			} {
				remedy := `, remedy = [{ action = "restart_os", target = { host = "a1" } }, { action = "set_link_cost", target = { link = "A-B" }, cost = 5 }]`
				for i, src := range []string{
					table("x", kind, keys+", "+never+remedy) + real, real + table("a", kind, keys+", "+never),
				} {
					require.Equal(t, want, outcome(t, configOf(t, short+src)), "%s, place %d", never, i)
				}
			}
		})
	}
}

// TestFI8_OrderOfFaultTables: the order of the tables is nothing to the result when every fault has an id of its own: not even to the events.
func TestFI8_OrderOfFaultTables(t *testing.T) {
	t.Parallel()
	samples := sampleFaults()
	rapid.Check(t, func(r *rapid.T) {
		var tables []string
		for i := range rapid.IntRange(2, 6).Draw(r, "faults") {
			kind := rapid.SampledFrom(legalKinds()).Draw(r, "kind")
			when := rapid.SampledFrom([]string{
				`start = "1m", duration = "1m"`, `start = "1m", duration = "2m", probability = 0.5`, `duration = "30s", schedule = { every = "2m" }`,
				`random = { mtbf = "2m", mttr = "1m", relapse = 0.1 }`, `start = "1m", seed_stream = "weather", probability = 0.3, duration = "1m"`,
			}).Draw(r, "when")
			if rapid.Bool().Draw(r, "remedy") {
				when += `, remedy = [{ action = "restart_os", target = { host = "b1" }, after = "30s", duration = "1m", probability = 0.5 }]`
			}
			tables = append(tables, table(fmt.Sprintf("f%d", i), kind, samples[kind]+", "+when))
		}
		run := func(tables []string) *result.Run {
			s, err := loadOver(short + strings.Join(tables, ""))
			require.NoError(r, err)
			cfg, err := s.Config(s.Points()[0])
			require.NoError(r, err)
			return outcome(t, cfg)
		}
		require.Equal(r, run(tables), run(rapid.Permutation(tables).Draw(r, "order")))
	})
}
