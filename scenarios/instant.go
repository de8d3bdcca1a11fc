package scenarios

import "time"

// Instant reads an instant as scenarios write it, as a duration since the start or in RFC 3339, and returns how long after start it
// is; negative for one before it. The error says what to write.
func Instant(text string, start time.Time) (time.Duration, error) {
	var i instant
	if err := i.UnmarshalText([]byte(text)); err != nil {
		return 0, err
	}
	return i.since(start), nil
}
