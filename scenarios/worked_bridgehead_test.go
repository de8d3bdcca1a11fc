package scenarios_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestV7_BridgeheadOfALink: what one domain controller cannot bring over a link another one of its site brings, two hours after the first pull that failed; a
// link that fails for everybody is healed by nobody. The sites trust each other again when the new bridgehead has pulled.
func TestV7_BridgeheadOfALink(t *testing.T) {
	t.Parallel()
	fails := func(keys string) string {
		return edited("09:10:00", 60) + `
[[fault]]
id = "lost"
kind = "repl_fail"
start = "2026-03-02T09:30:00Z"
end = "2026-03-02T19:00:00Z"
target = { link = "A-B" }
` + keys + "\n"
	}
	hubs := regular("ab", "site:A", "site:B", "9h30m30s", "10m", "19h") + regular("ba", "site:B", "site:A", "9h30m30s", "10m", "19h")
	for _, c := range []struct {
		name, keys string
		sees       []string // when B1 knows of the edit
		trusts     string   // from when on the hubs of A and B take mail from each other again; "" = all the time
	}{
		// Pulls over the link at 12:00, 15:00, 18:00. The one of 12:00 is the first that fails: AD2 takes over at 14:00.
		{"one of two", `bridgeheads = "AD1"`, []string{"15:00:10"}, "15:00"},
		{"one of two, without sessions", "bridgeheads = \"AD1\"\nbreaks_auth = \"never\"", []string{"15:00:10"}, ""},
		{"both", `bridgeheads = ["AD1", "AD2"]`, nil, "never"},
		{"the only one", `bridgeheads = "BD1"`, nil, "never"},
		{"one that does not pull", `bridgeheads = "AD2"`, []string{"12:00:10"}, ""},
		{"everybody", "", nil, "never"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := work(t, newer(ref3Written(at0000, "19h"))+fails(c.keys)+hubs)
			require.Equal(t, c.sees, w.events("config.view", "B1", ""))
			failed := append(w.events("auth.failed", "A1", ""), w.events("auth.failed", "B1", "")...)
			for _, at := range failed {
				require.NotEmpty(t, c.trusts)
				require.True(t, c.trusts == "never" || at < c.trusts+":10", at)
			}
			require.Equal(t, c.trusts != "", len(failed) > 0)
			if c.trusts == "never" {
				require.Contains(t, strings.Join(failed, " "), " 18:5")
			}
			for _, e := range w.run.Events {
				if e.Kind == "fault" && c.name == "both" && w.clock(e.Time) == "09:30:00" {
					require.Equal(t, "replication fails: A-B, by AD1, AD2", e.Text, fmt.Sprint(e))
				}
			}
		})
	}
}

// TestV7_NamesOfDomainControllers: a domain controller that finds no names pulls nothing; others pull from it.
func TestV7_NamesOfDomainControllers(t *testing.T) {
	t.Parallel()
	blind := func(target, keys string) string {
		return "[[fault]]\nkind = \"dns_fail\"\nstart = \"11h\"\nduration = \"2h\"\ntarget = { " + target + " }\n" + keys + "\n"
	}
	atBD1 := strings.Replace(edited("09:20:00", 60), `"AD1"`, `"BD1"`, 1)
	for name, c := range map[string]struct{ fault, edit, server, sees string }{
		"it":             {blind(`host = "BD1"`, ""), edited("09:10:00", 60), "B1", "15:00:10"},
		"its site":       {blind(`site = "B"`, "mode = \"servfail\""), edited("09:10:00", 60), "B1", "15:00:10"},
		"others":         {blind(`host = "BD1"`, ""), atBD1, "A1", "12:00:10"},
		"outside alone":  {blind(`host = "BD1"`, `domains = "example.com"`), edited("09:10:00", 60), "B1", "12:00:10"},
		"its own source": {blind(`host = "AD1"`, ""), edited("09:10:00", 60), "B1", "12:00:10"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := work(t, newer(ref3Written(at0000, "19h"))+c.edit+c.fault)
			require.Equal(t, []string{c.sees}, w.events("config.view", c.server, ""))
		})
	}
}
