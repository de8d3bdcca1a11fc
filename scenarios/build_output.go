package scenarios

import (
	"math"
	"time"
)

// output translates [output].
func (c *compiler) output() {
	t := &c.doc.Output
	o := &c.cfg.Output
	o.SampleInterval = max(time.Second, (c.horizon() / 240).Truncate(time.Second))
	if t.SampleInterval != nil {
		o.SampleInterval = time.Duration(*t.SampleInterval)
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
	c.counters()
	c.samples(t)
}

// samples refuses more samples than a run can keep. An interval out of the key's range is reported already.
func (c *compiler) samples(t *outputTable) {
	h, o := c.horizon(), &c.cfg.Output
	if h <= 0 || o.SampleInterval < time.Millisecond {
		return
	}
	n, series := int64(h/o.SampleInterval), c.seriesCount()
	switch {
	case n > samplesMax:
		c.errorf(&t.source, "sample_interval", "%s makes %d samples; at most %d are kept: write a longer one", duration(o.SampleInterval), n, samplesMax)
	case n*series > valuesMax:
		longer := time.Duration(math.Ceil(h.Seconds()*float64(series)/valuesMax)) * time.Second
		c.errorf(&t.source, "sample_interval", "%s makes %d samples of about %d series, %d values; at most %d are kept: write %q or longer, or fewer series",
			duration(o.SampleInterval), n, series, n*series, valuesMax, duration(longer))
	}
}

// seriesCount estimates from below how many series a run records.
func (c *compiler) seriesCount() int64 {
	o, servers, sites := &c.cfg.Output, int64(len(c.servers)), int64(len(c.doc.Site))
	n := int64(1)
	if o.Servers {
		n += 8 * servers
	}
	if o.Queues { // a server has a queue for each next hop in use: a few
		n += 3 * servers
	}
	if o.Links {
		n += 2 * int64(len(c.linkValues))
	}
	if o.SitePairs {
		n += sites
	}
	return n
}

// recorded lists the series to record.
func (t *outputTable) recorded() []string {
	if !t.has("series") {
		return []string{"queue", "server", "link"}
	}
	return t.Series
}

// Bounds of the samples of a series, and of those of all series of a run.
const (
	samplesMax = 10_000_000
	valuesMax  = 200_000_000
)
