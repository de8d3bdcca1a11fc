package scenarios

import "time"

// output translates [output].
func (c *compiler) output() {
	t := &c.doc.Output
	o := &c.cfg.Output
	o.SampleInterval = max(time.Second, (c.horizon() / 240).Truncate(time.Second))
	if t.SampleInterval != nil {
		o.SampleInterval = time.Duration(*t.SampleInterval)
	}
	if h := c.horizon(); h > 0 && o.SampleInterval > 0 && h/o.SampleInterval > samplesMax {
		c.errorf(&t.source, "sample_interval", "%s makes %d samples; at most %d are kept: write a longer one", duration(o.SampleInterval), h/o.SampleInterval, samplesMax)
	}
	for _, s := range t.recorded() {
		switch s {
		case "queue":
			o.Queues = true
		case "server":
			o.Servers = true
		case "link":
			o.Links = true
		case "site_pair":
			o.SitePairs = true
		}
	}
}

// recorded lists the series to record.
func (t *outputTable) recorded() []string {
	if !t.has("series") {
		return []string{"queue", "server", "link"}
	}
	return t.Series
}

// samplesMax bounds the samples of a series.
const samplesMax = 10_000_000
