package cli

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// watched is an Env with a clock that the test turns and a terminal of some columns; 0 columns is a file.
func watched(columns int) (env Env, clock *time.Time, written *bytes.Buffer) {
	clock, written = &time.Time{}, &bytes.Buffer{}
	*clock = time.Unix(1000, 0)
	var mu sync.Mutex
	env = Env{
		Stderr:   written,
		Terminal: func() (int, bool) { return columns, columns > 0 },
		Now: func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return *clock
		},
	}
	return env, clock, written
}

func TestProgressOffATerminalIsALineNowAndThen(t *testing.T) {
	t.Parallel()
	env, clock, written := watched(0)
	m := newMeter(env, "study", false)
	m.begin(100)
	for range 100 {
		*clock = clock.Add(time.Second)
		m.finished()
	}
	m.end()
	lines := strings.Split(strings.TrimSpace(written.String()), "\n")
	require.Len(t, lines, 9, "every ten seconds, and not at the end, when the results come")
	require.Equal(t, "study: 10 of 100 runs, 10 %, about 2 min left", lines[0])
	require.Equal(t, "study: 90 of 100 runs, 90 %, about 10 s left", lines[8])
}

func TestProgressOfAShortSweepIsSilentInALog(t *testing.T) {
	t.Parallel()
	env, clock, written := watched(0)
	m := newMeter(env, "study", false)
	m.begin(5)
	for range 5 {
		*clock = clock.Add(time.Second)
		m.finished()
	}
	m.end()
	require.Empty(t, written.String())
}

func TestProgressOnATerminalIsABarThatGoesAway(t *testing.T) {
	t.Parallel()
	env, clock, written := watched(100)
	m := newMeter(env, "study", false)
	m.begin(4)
	*clock = clock.Add(30 * time.Second)
	m.finished()
	m.note("4 runs, about 2 min")
	*clock = clock.Add(30 * time.Second)
	m.finished()
	m.end()
	shown := screen(written.String())
	require.Contains(t, shown, "study: 4 runs, about 2 min")
	drawn := strings.Split(written.String(), "\r")
	require.Contains(t, drawn, "study [........................] 0 of 4 runs, 0 %")
	require.Contains(t, drawn, "study [######..................] 1 of 4 runs, 25 %, about 2 min left")
	require.Contains(t, drawn, "study [############............] 2 of 4 runs, 50 %, about 60 s left")
	require.NotContains(t, shown, "[", "nothing of the bar stays")
}

// screen is what a terminal shows in the end: a carriage return writes over the line.
func screen(written string) string {
	var lines []string
	for line := range strings.SplitSeq(written, "\n") {
		var cells []rune
		for part := range strings.SplitSeq(line, "\r") {
			for i, r := range []rune(part) {
				if i == len(cells) {
					cells = append(cells, r)
				}
				cells[i] = r
			}
		}
		lines = append(lines, strings.TrimRight(string(cells), " "))
	}
	return strings.Join(lines, "\n")
}

func TestProgressFitsTheTerminal(t *testing.T) {
	t.Parallel()
	for _, columns := range []int{1, 5, 20, 45, 80} {
		env, clock, written := watched(columns)
		m := newMeter(env, "a-study-with-a-long-name", false)
		m.begin(1000)
		for range 300 {
			*clock = clock.Add(time.Second)
			m.finished()
		}
		m.end()
		for part := range strings.SplitSeq(written.String(), "\r") {
			require.Less(t, len(part), columns+1)
		}
		require.Empty(t, strings.TrimSpace(screen(written.String())))
	}
}

func TestQuietProgressSaysNothing(t *testing.T) {
	t.Parallel()
	for _, columns := range []int{0, 80} {
		env, clock, written := watched(columns)
		m := newMeter(env, "study", true)
		m.begin(2)
		*clock = clock.Add(time.Hour)
		m.finished()
		m.note("2 runs, about 2 h")
		m.end()
		require.Empty(t, written.String())
	}
}
