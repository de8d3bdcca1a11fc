package cli

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"mailsim/scenarios/sweep"
)

// meter shows how far a sweep has come: on a terminal a bar with the time left, elsewhere a line now and then. It writes to standard
// error only. The zero value of its period is silent.
type meter struct {
	env     Env
	name    string // of the scenario
	columns int    // of the terminal; 0 = not a terminal
	every   time.Duration

	mu     sync.Mutex // held by whoever draws: the sweep, or the ticker
	total  int
	done   int
	start  time.Time
	last   time.Time     // of the last drawing
	width  int           // letters that stand on the line now
	over   chan struct{} // closed at the end, for the ticker; nil without one
	ticker sync.WaitGroup
}

// Between two drawings: a bar lives, a log does not fill.
const (
	barPeriod = 200 * time.Millisecond
	logPeriod = 10 * time.Second
)

// newMeter makes a meter for a sweep; quiet makes one that shows nothing.
func newMeter(env Env, name string, quiet bool) *meter {
	m := &meter{env: env, name: name}
	if quiet {
		return m
	}
	m.every = logPeriod
	if columns, ok := env.Terminal(); ok {
		m.columns, m.every = columns, barPeriod
	}
	return m
}

// begin starts the clock of a sweep of so many runs.
func (m *meter) begin(total int) {
	m.total, m.start = total, m.env.Now()
	m.last = m.start
	if m.columns == 0 {
		return
	}
	m.draw(m.start)
	m.over = make(chan struct{})
	m.ticker.Go(m.tick)
}

// tick draws the bar anew every second, so that the time left goes down between two runs.
func (m *meter) tick() {
	ticker := time.NewTicker(5 * barPeriod)
	defer ticker.Stop()
	for {
		select {
		case <-m.over:
			return
		case <-ticker.C:
			m.mu.Lock()
			m.draw(m.env.Now())
			m.mu.Unlock()
		}
	}
}

// finished counts a run.
func (m *meter) finished() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done++
	now := m.env.Now()
	if m.every > 0 && now.Sub(m.last) >= m.every && m.done < m.total {
		m.draw(now)
	}
}

// note writes a line that stays.
func (m *meter) note(text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.every == 0 {
		return
	}
	m.clear()
	m.env.say("%s: %s", m.name, text)
}

// end stops the ticker and takes the bar away.
func (m *meter) end() {
	if m.over != nil {
		close(m.over)
		m.ticker.Wait()
		m.over = nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clear()
}

// clear blanks the line of the bar. Blanks work on every terminal, escape codes do not.
func (m *meter) clear() {
	if m.width > 0 {
		fmt.Fprintf(m.env.Stderr, "\r%s\r", strings.Repeat(" ", m.width))
		m.width = 0
	}
}

func (m *meter) draw(now time.Time) {
	m.last = now
	p := sweep.Progress{Total: m.total, Done: m.done, Elapsed: now.Sub(m.start)}
	if m.columns == 0 {
		m.env.say("%s: %s", m.name, p)
		return
	}
	line := m.bar(p)
	fmt.Fprintf(m.env.Stderr, "\r%s%s", line, strings.Repeat(" ", max(0, m.width-len(line))))
	m.width = len(line)
}

// bar writes "name [#####.....] 12 of 50 runs, 24 %, about 2 min left", cut to the terminal; the bar goes first when it is narrow.
func (m *meter) bar(p sweep.Progress) string {
	const cells = 24
	full := int(float64(cells) * p.Share())
	line := fmt.Sprintf("%s [%s%s] %s", m.name, strings.Repeat("#", full), strings.Repeat(".", cells-full), p)
	if len(line) >= m.columns {
		line = p.String()
	}
	return line[:min(len(line), max(0, m.columns-1))]
}
