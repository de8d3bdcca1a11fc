package scenarios

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Points may be translated at the same time: the race detector watches.
func TestConfigAtTheSameTime(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"@threshold", "@example-replay"} {
		s, err := Load(nil, name)
		require.NoError(t, err)
		var wg sync.WaitGroup
		for range 4 {
			for _, p := range s.Points() {
				wg.Go(func() {
					_, err := s.Config(p)
					if err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
	}
}
