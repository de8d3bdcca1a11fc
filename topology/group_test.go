package topology

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestR7_2_GroupsAreChecked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		group Group
		want  string
	}{
		{Group{Name: "g", ExpansionServer: None}, ""},
		{Group{Name: "g", ExpansionServer: 0, Members: []Recipient{{Server: 3}, {Server: None, Domain: "x.com"}}}, ""},
		{Group{Name: "g", ExpansionServer: 9}, `group "g": expansion server 9 is not declared`},
		{Group{Name: "g", ExpansionServer: 3}, `group "g": expansion server "mA1" is no hub`},
		{Group{Name: "g", ExpansionServer: None, Members: []Recipient{{Server: 9}}}, `group "g": member's server 9 is not declared`},
		{Group{Name: "g", ExpansionServer: None, Members: []Recipient{{Server: None}}}, `group "g": a member has neither a server nor a domain`},
		{Group{ExpansionServer: None}, `group 0: has no name`},
	} {
		b := twoSites()
		b.Group(c.group)
		_, err := b.Build()
		if c.want == "" {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, c.want)
		}
	}
}
