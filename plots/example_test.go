package plots

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

func ExampleWriteAll() {
	dir, err := os.MkdirTemp("", "result")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	// A sweep of three thresholds, five replications each, two hours in steps of five minutes.
	study := cook(recipe{thresholds: []int64{5, 10, 20}, replications: 5, sites: 1, samples: 24, sample: 5 * time.Minute})
	paths, err := WriteAll(dir, study)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range paths {
		fmt.Println(filepath.Base(p))
	}
	// Output:
	// queue.svg
	// queue.png
	// queue-all.svg
	// queue-all.png
	// throughput.svg
	// throughput.png
	// connections.svg
	// connections.png
	// delay.svg
	// delay.png
}
