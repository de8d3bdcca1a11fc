package calendar_test

import (
	"fmt"

	"mailsim/sim/internal/calendar"
)

// The key of this example holds a phase in its top byte and an id below: phase 1 comes before phase 2 whoever was pushed first.
func Example() {
	var cal calendar.Calendar
	cal.Push(calendar.Event{At: 200, Key: 1<<56 | 7})
	cal.Push(calendar.Event{At: 100, Key: 2<<56 | 8})
	cal.Push(calendar.Event{At: 100, Key: 1<<56 | 9})
	for cal.Len() > 0 {
		e, _ := cal.Pop()
		fmt.Printf("%v: phase %d of %d\n", e.At, e.Key>>56, e.Key&0xff)
	}
	// Output:
	// 100ns: phase 1 of 9
	// 100ns: phase 2 of 8
	// 200ns: phase 1 of 7
}
