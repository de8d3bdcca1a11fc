//go:build !linux

package route

import "time"

// cpuTime is not measured here; figures of performance are taken on Linux.
func cpuTime() time.Duration { return 0 }
