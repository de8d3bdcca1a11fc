package plots

import (
	"fmt"
	"slices"
	"strings"
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
	// The line of the second rises to the row above the third, so the first cannot stand beside it in the lowest row.
	m := func(n int) string { return strings.Repeat("m", n) }
	rising := []callout{{at: 100, text: m(13)}, {at: 150, text: m(15)}, {at: 240, text: m(5)}}
	layFlags(rising, style, 400)
	require.Equal(t, []int{2, 1, 0}, []int{rising[0].row, rising[1].row, rising[2].row})

	// A text without room on its right ends at its line.
	late := []callout{{at: 250, text: m(10)}, {at: 295, text: m(2)}}
	layFlags(late, style, 300)
	require.Less(t, late[0].left, late[0].at)
	require.LessOrEqual(t, late[0].right, vg.Length(300))

	many := make([]callout, 30)
	for i := range many {
		many[i] = callout{at: 100, text: fmt.Sprintf("fault %d", i)}
	}
	require.LessOrEqual(t, layFlags(many, style, 300), flagRows)
}
