package route

import (
	"encoding/xml"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/graph/path"

	"mailsim/topology"
)

// published is the directory of real networks, outside the repository.
const published = "../../../shared/data/topologies"

// wan is a real network as read from a file: one site for each node.
type wan struct {
	nodes []string // names, unique
	links [][2]int
	costs []int64
	index map[string]int // by the file's id of a node
}

func (w *wan) node(id, label string) {
	name := strings.TrimSpace(label)
	if name == "" {
		name = "node " + id
	}
	for _, other := range w.nodes {
		if topology.CompareNames(other, name) == 0 {
			name += " " + id
		}
	}
	w.index[id] = len(w.nodes)
	w.nodes = append(w.nodes, name)
}

func (w *wan) link(from, to string, cost int64) {
	if from != to {
		w.links = append(w.links, [2]int{w.index[from], w.index[to]})
		w.costs = append(w.costs, cost)
	}
}

// organisation has a hub and a mailbox server, or from 2013 on one server with both roles, in each site.
func (w *wan) organisation(t *testing.T, v topology.Version) *topology.Organisation {
	b := topology.NewBuilder(v)
	for _, n := range w.nodes {
		b.Site(topology.Site{Name: n})
	}
	for i, l := range w.links {
		b.Link(topology.Link{Name: fmt.Sprint("link ", i), Sites: []topology.SiteID{topology.SiteID(l[0]), topology.SiteID(l[1])}, Cost: w.costs[i]})
	}
	for i := range w.nodes {
		b.Server(topology.Server{Name: fmt.Sprint("server ", i), Site: topology.SiteID(i), Roles: topology.RoleHub | topology.RoleMailbox, Version: v})
	}
	o, err := b.Build()
	require.NoError(t, err)
	return o
}

// graphML holds what is read of GraphML, in the plain dialect and in that of the yEd editor (labels inside shape nodes).
type graphML struct {
	Keys []struct {
		ID   string `xml:"id,attr"`
		Name string `xml:"attr.name,attr"`
	} `xml:"key"`
	Nodes []struct {
		ID   string `xml:"id,attr"`
		Data []data `xml:"data"`
	} `xml:"graph>node"`
	Edges []struct {
		Source string `xml:"source,attr"`
		Target string `xml:"target,attr"`
		Data   []data `xml:"data"`
	} `xml:"graph>edge"`
}

type data struct {
	Key   string `xml:"key,attr"`
	Text  string `xml:",chardata"`
	Label string `xml:"ShapeNode>NodeLabel"`
}

func readGraphML(t *testing.T, text []byte) *wan {
	var g graphML
	require.NoError(t, xml.Unmarshal(text, &g))
	names := map[string]string{}
	for _, k := range g.Keys {
		names[k.ID] = k.Name
	}
	get := func(all []data, name string) string {
		for _, d := range all {
			if names[d.Key] == name {
				return d.Text
			}
		}
		return ""
	}
	w := &wan{index: map[string]int{}}
	for _, n := range g.Nodes {
		label := get(n.Data, "label")
		for _, d := range n.Data {
			label += strings.TrimSpace(d.Label)
		}
		w.node(n.ID, label)
	}
	for _, e := range g.Edges {
		cost := int64(100)
		if km, err := strconv.ParseFloat(get(e.Data, "distance_km"), 64); err == nil {
			cost = 1 + int64(math.Round(km))
		}
		w.link(e.Source, e.Target, cost)
	}
	return w
}

// readGML reads the nodes and edges of a GML file. Its distances mean nothing.
func readGML(text string) *wan {
	w := &wan{index: map[string]int{}}
	var kind, id, label, from, to string
	depth := 0
	for _, line := range strings.Split(text, "\n") {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		value = strings.Trim(value, `"`)
		switch {
		case value == "[":
			if depth++; depth == 2 {
				kind = key
			}
		case key == "]":
			if depth--; depth == 1 && kind == "node" {
				w.node(id, label)
			} else if depth == 1 && kind == "edge" {
				w.link(from, to, 100)
			}
		case depth != 2:
		case key == "id":
			id = value
		case key == "label":
			label = value
		case key == "source":
			from = value
		case key == "target":
			to = value
		}
	}
	return w
}

// publishedSizes are the numbers of nodes and links that the networks come with, by name.
func publishedSizes(t *testing.T) map[string][2]int {
	text, err := os.ReadFile(filepath.Join(published, "summary.csv"))
	require.NoError(t, err)
	sizes := map[string][2]int{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		cell := strings.Split(line, ",")
		sizes[cell[0]] = [2]int{int(number(t, cell[2])), int(number(t, cell[3]))}
	}
	return sizes
}

// Every published network loads, and every pair of its sites routes: mail is delivered straight to a hub of the destination's site. The
// costs of paths are those of gonum's Dijkstra.
func TestRealTopologiesRoute(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(published, "*", "*.g*ml"))
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("the published networks are not there: ", published)
	}
	require.Len(t, files, 17)
	sizes := publishedSizes(t)
	require.Len(t, sizes, 13)
	others, err := filepath.Glob(filepath.Join(published, "*", "*"))
	require.NoError(t, err)
	for _, file := range others {
		require.True(t, slices.Contains(files, file) || strings.HasSuffix(file, "-demands.csv"), "%s: is no network that is read here", file)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			var w *wan
			if filepath.Ext(file) == ".gml" {
				w = readGML(string(text))
			} else {
				w = readGraphML(t, text)
			}
			require.Greater(t, len(w.nodes), 9)
			require.GreaterOrEqual(t, len(w.links), len(w.nodes)-1)
			if name, _, _ := strings.Cut(filepath.Base(file), "."); filepath.Base(filepath.Dir(file)) != "original-dialects" {
				require.Equal(t, sizes[name], [2]int{len(w.nodes), len(w.links)}, "nodes and links")
			}
			for _, v := range []topology.Version{topology.V2010, topology.V2016} {
				routeAllPairs(t, w.organisation(t, v))
			}
		})
	}
}

func routeAllPairs(t *testing.T, o *topology.Organisation) {
	book := NewBook()
	for from := range topology.SiteID(len(o.Sites)) {
		table := book.Table(o, from)
		distances := path.DijkstraFrom(table.view.graph.Node(int64(from)), table.view.graph)
		for to := range topology.SiteID(len(o.Sites)) {
			require.Equal(t, int64(distances.WeightTo(int64(to))), table.paths.best[to].cost)
			way := Follow(book, o, Query{Server: topology.ServerID(from), Dest: book.Dest(Destination{Kind: Mailbox, Server: topology.ServerID(to)})})
			require.Equal(t, Delivered, way.Fate)
			require.Equal(t, topology.ServerID(to), way.Servers[len(way.Servers)-1])
			require.LessOrEqual(t, len(way.Servers), 2)
		}
	}
}
