package dir_test

import (
	"fmt"
	"os"
	"path/filepath"

	"mailsim/sim/result"
	"mailsim/sim/result/dir"
	"mailsim/sim/simtime"
)

func Example() {
	parent, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(parent)
	folder := filepath.Join(parent, "out")

	w, err := dir.NewWriter(folder, false)
	if err != nil {
		panic(err)
	}
	defer w.Abort()
	run := &result.Run{Series: []result.Series{{Metric: "queue.length", Labels: result.Labels{{Key: "server", Value: "hub1"}},
		Times: []simtime.Time{10e9}, Mean: []float64{3.5}, Max: []float64{7}, Last: []float64{2}}}}
	if err := w.Add(run); err != nil {
		panic(err)
	}
	if err := w.Close(result.File{Scenario: "small", Replications: 1}, result.Topology{}, nil, []byte("name = \"small\"\n")); err != nil {
		panic(err)
	}

	study, err := dir.Read(folder)
	if err != nil {
		panic(err)
	}
	for _, s := range study.Series {
		fmt.Println(study.File.Scenario, s.Metric, s.Labels, s.Times[0], s.Max[0])
	}
	// Output: small queue.length server=hub1 10s 7
}
