package sweep

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/result"
)

func plan(t require.TestingT, points, replications int) Plan {
	values := make([]any, points)
	for i := range values {
		values[i] = int64(i + 1)
	}
	p, err := Points([]result.Axis{axis("edge.*.connection_threshold", values...)})
	require.NoError(t, err)
	return Plan{Program: "v1", Scenario: []byte("name = \"x\"\n"), Points: p, Replications: replications}
}

func TestTasksComeInOrder(t *testing.T) {
	t.Parallel()
	p := plan(t, 2, 3)
	require.Equal(t, 6, p.Runs())
	var got []string
	for task := range p.Tasks() {
		got = append(got, fmt.Sprintf("%d: %v", task.Index, task))
	}
	require.Equal(t, []string{
		"0: point 0 (connection_threshold = 1), replication 0", "1: point 0 (connection_threshold = 1), replication 1",
		"2: point 0 (connection_threshold = 1), replication 2", "3: point 1 (connection_threshold = 2), replication 0",
		"4: point 1 (connection_threshold = 2), replication 1", "5: point 1 (connection_threshold = 2), replication 2",
	}, got)
	require.Equal(t, "replication 4", Task{Replication: 4}.String())
	for range p.Tasks() {
		break // a consumer may stop early
	}
}

func TestDigestCoversAllThatMatters(t *testing.T) {
	t.Parallel()
	base := plan(t, 2, 2)
	tasks := slices.Collect(base.Tasks())
	seen := map[string]string{}
	add := func(what string, p Plan) {
		first := slices.Collect(p.Tasks())[0]
		require.Len(t, first.Digest, 64)
		require.Empty(t, seen[first.Digest], what)
		seen[first.Digest] = what
	}
	add("base", base)
	add("point", Plan{base.Program, base.Scenario, base.Points[1:], 1})
	add("program", Plan{"v2", base.Scenario, base.Points, 1})
	add("scenario", Plan{base.Program, []byte("name = \"y\"\n"), base.Points, 1})
	add("parts do not run together", Plan{"v1n", base.Scenario[1:], base.Points, 1})
	add("type of a value", Plan{base.Program, base.Scenario, []Point{{Settings: []Setting{{base.Points[0].Settings[0].Path, "1"}}}}, 1})
	require.NotEqual(t, tasks[0].Digest, tasks[1].Digest, "replication")

	moved := base.Points[1]
	moved.Index, moved.Label = 0, "another name"
	again := slices.Collect(Plan{base.Program, base.Scenario, []Point{moved}, 2}.Tasks())
	require.Equal(t, tasks[2].Digest, again[0].Digest, "where a point stands in the sweep does not affect its result")
}
