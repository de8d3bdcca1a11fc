package scenarios

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What is given and says nothing, or names what no DNS would know, is reported where it stands and not passed over.
func TestF003_GivenAndEmpty(t *testing.T) {
	t.Parallel()
	const fault = "[[fault]]\nduration = \"1h\"\nkind = "
	for src, want := range map[string][]string{
		fault + "\"partition\"\nside_a = {}\nside_b = { site = \"B\" }\n": {
			`5:10: [[fault]] #1 (id "partition-1"): side_a: required for kind "partition"; write { site = ["A", "B"] }`},
		fault + "\"partition\"\nside_a = { site = \"A\" }\nside_b = {}\n": {
			`6:10: [[fault]] #1 (id "partition-1"): side_b: required for kind "partition"; write { site = ["A", "B"] }`},
		fault + "\"host_down\"\ntarget = { host = \"a1\" }\nmode = \"\"\n": {
			`6:8: [[fault]] #1 (id "host_down-1"): mode: is empty; write "crash", "service_stop" or "maintenance"`},
		fault + "\"spn_missing\"\ntarget = { host = \"a1\" }\nat_dc = \"\"\n": {
			`6:9: [[fault]] #1 (id "spn_missing-1"): at_dc: is empty; write the name of a [[dc]], or leave it out`},
		fault + "\"host_down\"\ntarget = { host = \"a1\" }\nremedy = [{ action = \"set_link_cost\", target = { link = \"A-B\" }, cost = 5, dc = \"\" }]\n": {
			`6:81: [[fault]] #1 (id "host_down-1"): remedy[0].dc: is empty; write the name of a [[dc]], or leave it out`},
		fault + "\"remote_down\"\ntarget = { domain = [\"\", \"a b\", \"contoso.com\"] }\n": {
			`5:22: [[fault]] #1 (id "remote_down-1"): target.domain: "" is no domain; write for example "contoso.com"`,
			`5:26: [[fault]] #1 (id "remote_down-1"): target.domain: "a b" is no domain; write for example "contoso.com"`},
		"[[epost]]\nname = \"ep1\"\nsite = \"A\"\n" + fault + "\"remote_down\"\ntarget = { domain = [\"EP1.example\", \"contoso.com\"] }\n": {
			`8:22: [[fault]] #1 (id "remote_down-1"): target.domain: "EP1.example" is a domain of "ep1", a machine of the scenario; write host_down for it`},
		fault + "\"dns_fail\"\ntarget = { host = \"a1\" }\ndomains = [\"24:00\", \"*.\", \"x\\u0000\", \"*.example.com\"]\n": {
			`6:12: [[fault]] #1 (id "dns_fail-1"): domains: "24:00" is no domain; write "example.com", or "*.example.com" for all below it`,
			`6:21: [[fault]] #1 (id "dns_fail-1"): domains: "*." is no domain; write "example.com", or "*.example.com" for all below it`,
			`6:27: [[fault]] #1 (id "dns_fail-1"): domains: "x\x00" is no domain; write "example.com", or "*.example.com" for all below it`},
		"[[epost]]\nname = \"mail 1\"\nsite = \"A\"\n": {
			`3:8: epost "mail 1": name: "mail 1" makes no domain of its name; write domains = ["ep1.example"], or another name`},
		"[[epost]]\nname = \"ep1\"\nsite = \"A\"\ndomains = \"x\\u0000\"\nincoming_size = \"0B\"\n": {
			`5:11: epost "ep1": domains: "x\x00" is not a domain; write for example "ep1.example"`,
			`6:17: epost "ep1": incoming_size: must be at least 1B, is 0B; write 1B or more`},
	} {
		require.Equal(t, want, saidOf(t, src))
	}
	require.Empty(t, saidOf(t, "[[epost]]\nname = \"mail 1\"\nsite = \"A\"\ndomains = \"mail.example\"\n"), "the name needs to make no domain then")
}

// A list of an impossible size is reported, with nothing spread over mailboxes.
func TestF20_ListsOutOfRange(t *testing.T) {
	t.Parallel()
	for size, want := range map[string]string{
		"-1":                  "must be at least 2, is -1; write 2 to 10000000",
		"9000000000000000000": "must be at most 10000000, is 9000000000000000000; write 2 to 10000000",
	} {
		src := "[[fault]]\nkind = \"mail_storm\"\nduration = \"1h\"\nreply_rate = \"1/min\"\nlist_size = " + size + "\n"
		require.Equal(t, []string{`6:13: [[fault]] #1 (id "mail_storm-1"): list_size: ` + want}, saidOf(t, src))
	}
}
