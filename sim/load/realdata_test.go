package load

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

// realFolder is the recorded mail of a European research institution, which stands beside the repository where it is at hand.
func realFolder(t *testing.T) string {
	t.Helper()
	folder := filepath.Join("..", "..", "..", "shared", "data", "email-eu-core")
	if _, err := os.Stat(folder); err != nil {
		t.Skip("the recorded mail is not at hand (../shared/data/email-eu-core beside the repository); the small trace covers the same code")
	}
	return folder
}

// rows reads a CSV file into maps from column to cell, with nothing of this package.
func rows(t *testing.T, text []byte) []map[string]string {
	t.Helper()
	all, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	require.NoError(t, err)
	var out []map[string]string
	for _, r := range all[1:] {
		m := make(map[string]string)
		for i, name := range all[0] {
			m[name] = r[i]
		}
		out = append(out, m)
	}
	return out
}

// elevenSites is the organisation of the folder: its sites in the order of the file, each with one mailbox server.
func elevenSites(t *testing.T, folder string) *topology.Organisation {
	t.Helper()
	b := topology.NewBuilder(topology.V2013)
	for _, r := range rows(t, readFile(t, filepath.Join(folder, "sites-11-abilene", "sites.csv"))) {
		n, err := strconv.Atoi(r["mailboxes"])
		require.NoError(t, err)
		s := b.Site(topology.Site{Name: r["site"]})
		b.Server(topology.Server{Name: "mbx " + r["site"], Site: s, Roles: topology.RoleMailbox | topology.RoleHub, Mailboxes: n})
	}
	org, err := b.Build()
	require.NoError(t, err)
	return org
}

func realSites(t *testing.T, folder string) *Lookup {
	t.Helper()
	mailboxes, err := ReadLookup(bytes.NewReader(readFile(t, filepath.Join(folder, "mailboxes.csv"))),
		LookupSpec{Name: "mailboxes.csv", Key: "mailbox", Value: "department"})
	require.NoError(t, err)
	sites, err := ReadLookup(bytes.NewReader(readFile(t, filepath.Join(folder, "sites-11-abilene", "sites.csv"))),
		LookupSpec{Name: "sites.csv", Key: "departments", Value: "site", Separator: " "})
	require.NoError(t, err)
	joined, err := mailboxes.Then(sites)
	require.NoError(t, err)
	return joined
}

func realTrace(t *testing.T, text []byte, column string, sites *Lookup, org *topology.Organisation) []TraceMessage {
	t.Helper()
	raws, err := ReadTrace(bytes.NewReader(text), TraceSpec{
		Name:    "trace.csv",
		Columns: Columns{Time: column, Sender: "sender", Recipients: "recipients"},
	})
	require.NoError(t, err)
	list, err := Placement{Name: "trace.csv", Sites: sites, Org: org}.Place(raws)
	require.NoError(t, err)
	return list
}

// Deliveries and copies by pair of sites of the busiest day, counted once from the generated messages and once from the files.
func TestReplayOfTheBusiestDay(t *testing.T) {
	t.Parallel()
	folder := realFolder(t)
	org := elevenSites(t, folder)
	text := readFile(t, filepath.Join(folder, "busiest-day.csv"))
	list := realTrace(t, text, "t_of_day", realSites(t, folder), org)
	require.Len(t, list, 731)

	site := make(map[string]string)
	for _, r := range rows(t, readFile(t, filepath.Join(folder, "sites-11-abilene", "sites.csv"))) {
		for _, d := range strings.Fields(r["departments"]) {
			site["department "+d] = r["site"]
		}
	}
	for _, r := range rows(t, readFile(t, filepath.Join(folder, "mailboxes.csv"))) {
		site[r["mailbox"]] = site["department "+r["department"]]
	}
	want := newPairs()
	for _, r := range rows(t, text) {
		var to []string
		for _, m := range strings.Fields(r["recipients"]) {
			to = append(to, site[m])
			want.deliveries[[2]string{site[r["sender"]], site[m]}]++
		}
		slices.Sort(to)
		for _, s := range slices.Compact(to) {
			want.copies[[2]string{site[r["sender"]], s}]++
		}
	}
	got := playedPairs(t, list, org)
	require.Greater(t, len(got.copies), 60, "most pairs of sites have mail")
	require.Equal(t, want, got)
}

// The whole slice against the matrix between sites that is published with it.
func TestReplayOfTheWholeSlice(t *testing.T) {
	t.Parallel()
	folder := realFolder(t)
	zipped, err := gzip.NewReader(bytes.NewReader(readFile(t, filepath.Join(folder, "messages.csv.gz"))))
	require.NoError(t, err)
	text, err := io.ReadAll(zipped)
	require.NoError(t, err)
	org := elevenSites(t, folder)
	list := realTrace(t, text, "t", realSites(t, folder), org)
	require.Len(t, list, 105_965)

	want := newPairs()
	for _, r := range rows(t, readFile(t, filepath.Join(folder, "sites-11-abilene", "site-matrix.csv"))) {
		pair := [2]string{r["from_site"], r["to_site"]}
		want.deliveries[pair], err = strconv.Atoi(r["deliveries"])
		require.NoError(t, err)
		want.copies[pair], err = strconv.Atoi(r["copies"])
		require.NoError(t, err)
	}
	require.Equal(t, want, playedPairs(t, list, org))
}
