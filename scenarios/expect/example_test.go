package expect_test

import (
	"fmt"

	"mailsim/scenarios/expect"
	"mailsim/sim/result"
	"mailsim/sim/stats"
)

func ExampleJudge() {
	longest := func(server string, values ...float64) result.MetricSummary {
		return result.MetricSummary{Metric: "queue.length", Labels: map[string]string{"server": server},
			Stats: map[string]result.Estimate{"max": stats.Mean(stats.Values(values...))}}
	}
	file := result.File{Points: []result.Point{{Metrics: []result.MetricSummary{
		longest("tyo-edge1", 1710, 1790, 1655, 1820, 1742),
		longest("tyo-edge2", 1940, 2110, 1890, 2055, 1985),
	}}}}
	verdicts := expect.Judge(&file, []expect.Expectation{{
		ID: "backlog-bounded", Metric: "queue.length", Where: map[string]string{"server": "tyo-edge*"}, Stat: "max", Must: "<= 2000 msg",
	}})
	fmt.Println(verdicts[0].Verdict, verdicts[0].Entity, expect.ExitCode(verdicts))
	// Output: inconclusive server=tyo-edge2 4
}
