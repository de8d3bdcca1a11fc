package topology

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// daggable has mailbox servers m1 and m2 of 2016, m3 of 2013, o1 of 2010, o2 of 2010 RTM, o3 of 2007 and a hub h.
func daggable() *Builder {
	b := NewBuilder(V2016)
	b.Site(Site{Name: "A"})
	b.Site(Site{Name: "B"})
	for i, v := range []Version{V2016, V2016, V2013, V2010, V2010RTM, V2007} {
		b.Server(Server{Name: []string{"m1", "m2", "m3", "o1", "o2", "o3"}[i], Roles: RoleMailbox | RoleHub, Version: v})
	}
	b.Server(Server{Name: "h", Site: 1, Roles: RoleHub, Version: V2016})
	return b
}

func TestR3_26_DAGsAreChecked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		dags []DAG
		want string
	}{
		{[]DAG{{Name: "D", Members: []ServerID{0, 1}}, {Name: "E", Members: []ServerID{3, 4}}}, ""},
		{[]DAG{{Name: "D"}}, `dag "D": has no member`},
		{[]DAG{{Name: "D", Members: []ServerID{17}}}, `dag "D": member 17 is not declared`},
		{[]DAG{{Name: "D", Members: []ServerID{0, 0}}}, `dag "D": member "m1" stands twice`},
		{[]DAG{{Name: "D", Members: []ServerID{6}}}, `dag "D": member "h" is no mailbox server`},
		{[]DAG{{Name: "D", Members: []ServerID{5}}}, `dag "D": member "o3" is of version 2007; groups came with 2010`},
		{[]DAG{{Name: "D", Members: []ServerID{0, 2}}}, `dag "D": members "m1" and "m3" are of versions 2016 and 2013; a dag never mixes them`},
		{[]DAG{{Name: "D", Members: []ServerID{0}}, {Name: "E", Members: []ServerID{0}}}, `dag "E": member "m1" belongs to dag "D" already`},
		{[]DAG{{Name: "D", Members: []ServerID{0}}, {Name: "d", Members: []ServerID{1}}}, `dag "d": declared twice (names are compared without regard to case)`},
		{[]DAG{{Name: "D", Members: []ServerID{0}, Databases: []DAGDatabase{{Name: "m1", Active: 1}}}}, `dag "D": database "m1": server 1 is no member`},
		{[]DAG{{Name: "D", Members: []ServerID{0}, Databases: []DAGDatabase{{Name: "m1"}, {Name: "M1"}}}}, `dag D: database "M1": declared twice (names are compared without regard to case)`},
	} {
		b := daggable()
		for _, d := range c.dags {
			b.DAG(d)
		}
		_, err := b.Build()
		if c.want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, c.want)
		require.Equal(t, c.want, strings.Split(err.Error(), "\n")[0])
	}
}

func TestR3_28_ActiveCopy(t *testing.T) {
	t.Parallel()
	b := daggable()
	b.org.Servers[0].Databases = []string{"db1", "db2"}
	b.DAG(DAG{Name: "D", Members: []ServerID{0, 1}, Databases: []DAGDatabase{{Name: "DB2", Active: 1, Copies: []ServerID{0, 1}}}})
	o, err := b.Build()
	require.NoError(t, err)
	require.Equal(t, ServerID(0), o.ActiveCopy(0, 0), "not listed: active where it is declared")
	require.Equal(t, ServerID(1), o.ActiveCopy(0, 1))
	require.Equal(t, ServerID(2), o.ActiveCopy(2, 0), "no group")
	require.Equal(t, DAGID(None), o.DAGOf(2))
	require.True(t, o.IsActive(0, "db2", 1))
	require.False(t, o.IsActive(0, "db2", 0))
	require.True(t, o.IsActive(0, "db1", 0))
}

func TestR4_14_OverrideListsAreChecked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		server ServerID
		list   []ServerID
		want   string
	}{
		{3, []ServerID{4}, ""},
		{3, []ServerID{6}, `server "o1": submission override: "h" is in another site; list hubs of its own`},
		{3, []ServerID{99}, `server "o1": submission override: server 99 is not declared`},
		{0, []ServerID{1}, `server "m1": version 2016 has no submission override list; remove it`},
	} {
		b := daggable()
		b.org.Servers[c.server].SubmissionOverride = c.list
		_, err := b.Build()
		if c.want == "" {
			require.NoError(t, err)
			continue
		}
		require.EqualError(t, err, c.want)
	}
	b := daggable()
	b.org.Servers[4].Roles = RoleMailbox
	b.org.Servers[3].SubmissionOverride = []ServerID{4}
	_, err := b.Build()
	require.EqualError(t, err, `server "o1": submission override: "o2" is no hub`)
}

// TestQ11_5_AnotherCopyIsActive: a change of where a database is active touches nothing else, and a server is left without any.
func TestQ11_5_AnotherCopyIsActive(t *testing.T) {
	t.Parallel()
	b := NewBuilder(V2016)
	site := b.Site(Site{Name: "A"})
	box := func(name string, databases ...string) ServerID {
		return b.Server(Server{Name: name, Site: site, Roles: RoleHub | RoleMailbox, Version: V2016, DC: None, Databases: databases})
	}
	alone, m1, m2, m3 := box("alone", "x"), box("m1", "db1", "db2"), box("m2"), box("m3", "db3")
	copies := []ServerID{m1, m2}
	b.DAG(DAG{Name: "one", Members: []ServerID{m3}, Databases: []DAGDatabase{{Name: "db3", Active: m3}}})
	b.DAG(DAG{Name: "two", Members: copies, Databases: []DAGDatabase{{Name: "DB1", Active: m1, Copies: copies}, {Name: "db2", Active: m1, Copies: copies}}})
	org, err := b.Build()
	require.NoError(t, err)

	numbers := []int32{org.ListedDatabase(m3, 0), org.ListedDatabase(m1, 0), org.ListedDatabase(m1, 1), org.ListedDatabase(m2, 0), org.ListedDatabase(alone, 0)}
	require.Equal(t, []int32{0, 1, 2, None, None}, numbers)
	require.Equal(t, "db2", org.Listed(2).Name)
	active := func(o *Organisation) []bool {
		return []bool{o.HasActive(alone), o.HasActive(m1), o.HasActive(m2), o.HasActive(m3)}
	}
	// m2 declares no database, so it has one of its own name.
	require.Equal(t, []bool{true, true, true, true}, active(org))
	half := org.With(Change{Kind: ActiveDatabase, Object: 1, Value: int64(m2)})
	require.Equal(t, []ServerID{m2, m1, m3}, []ServerID{half.ActiveCopy(m1, 0), half.ActiveCopy(m1, 1), half.ActiveCopy(m3, 0)})
	require.Equal(t, []bool{true, true, true, true}, active(half))
	moved := half.With(Change{Kind: ActiveDatabase, Object: 2, Value: int64(m2)})
	require.Equal(t, []bool{true, false, true, true}, active(moved))
	require.Equal(t, m1, org.ActiveCopy(m1, 0), "the receiver is left alone")
	require.Equal(t, m1, half.ActiveCopy(m1, 1))
}
