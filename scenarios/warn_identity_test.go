package scenarios

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is said of remedies that leave an old certificate in use (F7, F021), of ports that nobody uses (F6), and of names where nobody asks for
// them (F5).
func TestWarningsOfNamesPortsAndCertificates(t *testing.T) {
	t.Parallel()
	const cert = "[[fault]]\nid = \"c\"\nkind = \"cert_expiry\"\nduration = \"1m\"\ntarget = { host = \"a1\" }\n"
	const renew, serve = "[[fault.remedy]]\naction = \"renew_cert\"\n", "[[fault.remedy]]\naction = \"restart_transport\"\n"
	wall := func(keys string) string {
		return "[[fault]]\nid = \"w\"\nkind = \"port_block\"\nduration = \"1m\"\nsrc = { site = \"A\" }\ndst = { site = \"B\" }\n" + keys + "\n"
	}
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"not used":        {cert + renew, []string{`[[fault]] #1 (id "c"): remedy: renew_cert is not followed by restart_transport; the old certificate stays in use`}},
		"wrong order":     {cert + serve + renew + "after = \"10m\"\n", []string{`[[fault]] #1 (id "c"): remedy: restart_transport comes before renew_cert; the old certificate stays in use`}},
		"right order":     {cert + renew + serve + "after_action = \"0s\"\n", nil},
		"restart_os":      {cert + renew + strings.Replace(serve, "transport", "os", 1) + "after_action = \"0s\"\n", nil},
		"a port of none":  {wall("ports = [8080, 25]"), []string{`[[fault]] #1 (id "w"): ports: nothing in a run uses port 8080 by itself; the ports that matter are 25, 2525, 88, 389, 3268, 123, 135, 49152-65535 and 50636`}},
		"LDAP by TLS":     {wall("ports = [636, 389]"), []string{`[[fault]] #1 (id "w"): ports: nobody reads the directory on port 636: servers do so on 389 and 3268; with [model] directory_tls = true on 636 and 3269`}},
		"LDAP in clear":   {"[model]\ndirectory_tls = true\n" + wall("ports = [636, 3269, 389]"), []string{`[[fault]] #1 (id "w"): ports: nobody reads the directory on port 389: servers do so on 636 and 3269, as [model] directory_tls says`}},
		"a range":         {wall("ports = [\"8000-8100\"]"), nil},
		"inspection":      {wall("ports = [25, 88]\naction = \"strip_esmtp\""), []string{`[[fault]] #1 (id "w"): ports: strip_esmtp is about port 25; 88 is left alone`}},
		"inspection only": {wall("action = \"strip_esmtp\""), nil},
		"never":           {strings.Replace(wall("ports = 25"), "duration = \"1m\"\n", "", 1), []string{`[[fault]] #1 (id "w"): duration: none given; the fault lasts to the end of the run`}},
		"rollover":        {"[[fault]]\nkind = \"machine_secret\"\nvariant = \"rollover\"\ntarget = { host = \"a1\" }\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := loadOver("duration = \"10m\"\n" + c.text)
			require.NoError(t, err)
			var got []string
			for _, w := range s.Warnings() {
				if strings.Contains(w.Text, "[[fault]]") {
					got = append(got, strings.TrimPrefix(w.Text, "warning: "))
				}
			}
			require.Equal(t, c.want, got)
		})
	}
}
