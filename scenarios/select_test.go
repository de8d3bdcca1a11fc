package scenarios_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios"
	"mailsim/sim"
	"mailsim/sim/fault"
)

// selectable is an organisation in which everything has labels.
const selectable = `
start = 2026-03-02T09:00:00Z
duration = "1h"
seed = 1
[model]
version = "2010"
[[site]]
name = "A"
labels = "north"
[[site]]
name = "B"
labels = ["south", "coast"]
[[link]]
name = "A-B"
sites = ["A", "B"]
rtt = "1ms"
bandwidth = "1Gbit/s"
labels = "copper"
[[network]]
name = "sea"
sites = ["A", "B"]
rtt = "1ms"
bandwidth = "1Gbit/s"
labels = ["copper", "coast"]
[[hub]]
name = "A1"
site = "A"
labels = ["old"]
[[hub]]
name = "B1"
site = "B"
[[mailbox]]
name = "AM1"
site = "A"
[[mailbox]]
name = "B1"
site = "B"
labels = ["old"]
[[edge]]
name = "BE1"
subscribed_site = "B"
labels = "dmz"
[[dc]]
name = "AD1"
site = "A"
labels = ["old", "dmz"]
[[epost]]
name = "EP1"
site = "A"
labels = "older"
[[epost]]
name = "EP2"
site = "B"
services = ["EPSTDS"]
[[client]]
name = "office"
site = "A"
count = 5
server = "A1"
labels = "desks"
[[client]]
name = "shop"
site = "B"
count = 5
server = "B1"
`

func compiled(t *testing.T, text string) *sim.Config {
	t.Helper()
	s, err := scenarios.Load(fstest.MapFS{"x.toml": {Data: []byte(text)}}, "x.toml")
	require.NoError(t, err)
	cfg, err := s.Config(s.Points()[0])
	require.NoError(t, err)
	return cfg
}

// hit lists whom a fault hits by name.
func hit(cfg *sim.Config, f *fault.Fault) string {
	var out []string
	for _, h := range f.Hosts {
		if h.Server >= 0 {
			out = append(out, cfg.Org.Servers[h.Server].Name)
		} else {
			out = append(out, cfg.Org.DCs[h.DC].Name)
		}
	}
	for _, l := range f.Links {
		out = append(out, cfg.Org.Line(l).Name)
	}
	for _, c := range f.Clients {
		out = append(out, cfg.Clients[c].Name)
	}
	for _, s := range append(f.SideA[:len(f.SideA):len(f.SideA)], f.SideB...) {
		out = append(out, cfg.Org.Sites[s].Name)
	}
	return strings.Join(out, " ")
}

// Labels, services and networks pick targets like names do: keys AND, values OR, * for any letters.
func TestSelectors(t *testing.T) {
	t.Parallel()
	const down, link, update = `kind = "host_down"`, `kind = "link_down"`, "kind = \"client_update\"\naffects_server = \"A1\""
	for _, c := range []struct{ kind, target, want string }{
		{down, `target = { label = "old" }`, "A1 B1"}, // a domain controller is none that goes down so
		{`kind = "dc_down"`, `target = { label = "old" }`, "AD1"},
		{down, `target = { label = "old", site = "A" }`, "A1"},
		{down, `target = { label = "old*" }`, "A1 B1 EP1"},
		{down, `target = { label = ["older", "dmz"] }`, "BE1 EP1"},
		{down, `target = { label = "north" }`, "A1 AM1 EP1"},
		{down, `target = { label = "coast", role = "edge" }`, "BE1"},
		{down, `target = { service = "EPSTDS" }`, "EP1 EP2"},
		{down, `target = { service = "EPST*", site = "A" }`, "EP1"},
		{down, `target = { service = "EPSTRS" }`, "EP1"},
		{down, `target = { service = "MSExchangeTransport" }`, "A1 B1 BE1"},
		{down, `target = { service = ["MSExchangeIS", "EPSTRS"], label = "old*" }`, "B1 EP1"},
		{link, `target = { label = "copper" }`, "A-B sea"},
		{link, `target = { label = "coast" }`, "sea"}, // that of a site is not that of its links
		{link, `target = { network = "s*" }`, "sea"},
		{link, `target = { site = "B" }`, "A-B"},
		{link, `target = { link = "*", label = "copper" }`, "A-B"},
		{update, `target = { label = "desks" }`, "office"},
		{update, `target = { label = ["north", "south"] }`, "office shop"},
		{`kind = "repl_lag"` + "\ninterval = \"6h\"", `target = { label = "copper" }`, "A-B"},
		{`kind = "partition"`, "side_a = { label = \"north\" }\nside_b = { label = \"so*\" }", "A B"},
	} {
		cfg := compiled(t, selectable+"[[fault]]\nstart = \"1m\"\nduration = \"5m\"\n"+c.kind+"\n"+c.target+"\n")
		require.Equal(t, c.want, hit(cfg, &cfg.Faults[0]), "%s %s", c.kind, c.target)
	}
}

// The services by which hosts are picked are those that stop, or lose their address, unless services says which.
func TestServiceOfATarget(t *testing.T) {
	t.Parallel()
	stop := "kind = \"host_down\"\nmode = \"service_stop\"\n"
	for _, c := range []struct{ keys, want string }{
		{stop + `target = { service = "EPSTDS" }`, "EPSTDS"},
		{stop + `target = { service = "EPST*", host = "EP2" }`, "EPSTDS"},
		{stop + `target = { service = "EPST*", host = "EP1" }` + "\n" + `services = "EPSTRS"`, "EPSTRS"},
		{stop + `target = { host = "EP1" }`, ""},
		{`kind = "host_down"` + "\n" + `target = { service = "EPSTDS" }`, ""}, // the machine is down
		{`kind = "nic_late_bind"` + "\n" + `target = { service = ["EPSTDS", "EPSTRS"] }`, "EPSTRS"},
	} {
		cfg := compiled(t, selectable+"[[fault]]\nstart = \"1m\"\nduration = \"5m\"\n"+c.keys+"\n")
		require.Equal(t, c.want, cfg.Faults[0].Services.String(), c.keys)
	}
	_, err := scenarios.Load(fstest.MapFS{"x.toml": {Data: []byte(selectable + "[[fault]]\nstart = \"1m\"\nduration = \"5m\"\nkind = \"nic_late_bind\"\ntarget = { service = \"EPSTDS\" }\n")}}, "x.toml")
	require.ErrorContains(t, err, `target.service: "EPSTDS" does not listen; it cannot late-bind`)
}

// Remedies and actions select by the same keys.
func TestSelectorsOfSteps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ step, want string }{
		{"action = \"restart_os\"\ntarget = { label = \"old\" }", "A1 B1 AD1"},
		{"action = \"start_service\"\ntarget = { service = \"EPSTRS\" }", "EP1"},
		{"action = \"retry_queue\"\ntarget = { label = \"old\", queue = \"B\" }", "A1 B1"},
		{"action = \"restart_client\"\ntarget = { label = \"desks\" }", "office"},
	} {
		cfg := compiled(t, selectable+"[[action]]\nat = \"1m\"\n"+c.step+"\n"+
			"[[fault]]\nstart = \"1m\"\nduration = \"5m\"\nkind = \"clock_skew\"\noffset = \"7m\"\ntarget = { host = \"A1\" }\n[[fault.remedy]]\nafter = \"1m\"\n"+c.step+"\n")
		for _, a := range []fault.Action{cfg.Actions[0], cfg.Faults[0].Remedies[0]} {
			require.Equal(t, c.want, hit(cfg, &fault.Fault{Hosts: a.Hosts, Clients: a.Clients}), c.step)
		}
	}
	cfg := compiled(t, selectable+"[[action]]\nat = \"1m\"\naction = \"set_link_cost\"\ncost = 7\ntarget = { label = \"copper\" }\n[[action]]\nat = \"1m\"\naction = \"set_hub_site\"\nhub_site = true\ntarget = { label = [\"coast\", \"north\"] }\n")
	require.Len(t, cfg.Actions[0].Changes, 1, "the network has no cost")
	var sites []string
	for _, x := range cfg.Actions[1].Changes {
		sites = append(sites, fmt.Sprint(cfg.Org.Sites[x.Object].Name))
	}
	require.Equal(t, []string{"A", "B"}, sites)
}
