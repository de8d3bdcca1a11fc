package world

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// TestManyLeaveFromTheMiddle holds the heaps in order when bodies leave that are not first: of many on one link the smaller are through
// first, and of many lines with one body each the shorter transfers.
func TestManyLeaveFromTheMiddle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		b := newBench(t, 2, []topology.Link{link("A-B", mega, siteA, siteB)})
		oneLink := rapid.Bool().Draw(rt, "one link")
		sizes := rapid.SliceOfN(rapid.Int64Range(1, 1000), 30, 60).Draw(rt, "sizes")
		ids := make([]TransferID, len(sizes))
		for i, size := range sizes {
			load := Payload{Conn: uint32(i)}
			if oneLink {
				ids[i] = b.net.Start(0, siteA, siteB, float64(size)*mega, load)
			} else {
				ids[i] = b.net.StartLine(0, b.net.AddLine(mega, 0), float64(size)*mega, load)
			}
		}
		left := map[uint32]bool{}
		for i := range ids {
			left[uint32(i)] = true
		}
		for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(ids)-1), 0, len(ids), rapid.ID).Draw(rt, "cancelled") {
			b.net.Cancel(0, ids[i])
			delete(left, uint32(i))
		}
		last := int64(0)
		for b.net.Next() != simtime.Never {
			now := b.net.Next()
			for _, p := range b.net.Finish(now, nil) {
				require.True(rt, left[p.Conn], "through twice, or cancelled")
				delete(left, p.Conn)
				require.GreaterOrEqual(rt, sizes[p.Conn], last)
				last = sizes[p.Conn]
				if !oneLink {
					require.Equal(rt, time.Duration(last)*time.Second, time.Duration(now))
				}
			}
		}
		require.Empty(rt, left)
	})
}
