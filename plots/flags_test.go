package plots

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"
)

func TestFlagsKeepApart(t *testing.T) {
	t.Parallel()
	style := typeStyle(tickSize, faultInk)
	flags := []callout{{at: 10, text: "one edge down"}, {at: 20, text: "a link down"}, {at: 30, text: "started by hand"}, {at: 290, text: "at the end"}}
	rows := layFlags(flags, style, 300)
	require.Equal(t, 3, rows)
	require.Equal(t, []int{2, 1, 0, 0}, []int{flags[0].row, flags[1].row, flags[2].row, flags[3].row}, "earlier ones stand above, so that no line crosses a text")
	require.LessOrEqual(t, flags[3].right, vg.Length(300))
	for i, f := range flags {
		require.False(t, slices.ContainsFunc(flags[:i], func(g callout) bool {
			return g.row == f.row && g.left < f.right && f.left < g.right
		}), "%q", f.text)
	}
	many := make([]callout, 30)
	for i := range many {
		many[i] = callout{at: 100, text: fmt.Sprintf("fault %d", i)}
	}
	require.LessOrEqual(t, layFlags(many, style, 300), flagRows)
}
