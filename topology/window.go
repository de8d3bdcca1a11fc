package topology

import "time"

// Week is the length of the circle on which replication windows lie.
const Week = 7 * 24 * time.Hour

// Window is a stretch of every week in which domain controllers may replicate, counted from Monday 00:00 UTC.
type Window struct {
	From time.Duration // 0 <= From < Week
	To   time.Duration // From < To <= From + Week; beyond Week it goes on in the next week
}
