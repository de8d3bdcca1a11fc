package transport

import (
	"time"

	"mailsim/topology"
)

// DefaultReceive returns the limits of a server's own receive connector: that of a hub, over which servers of the organisation connect
// and meet no limit for one source, or that of an Edge. The sources agree for all versions; for 2007 nothing confirms or
// contradicts the figures for one source, and the largest message is that of a server of 2019, which is taken for Edges and older versions, too.
func DefaultReceive(_ topology.Version, edge bool) ReceiveLimits {
	l := ReceiveLimits{
		MaxConnections:    5000,
		PercentPerSource:  100,
		ConnectionRate:    1200,
		ConnectionTimeout: 10 * time.Minute,
		InactivityTimeout: 5 * time.Minute,
		Tarpit:            5 * time.Second,
		MaxRecipients:     5000,
		MaxSize:           36 << 20,
	}
	if edge {
		l.MaxPerSource = 20
		l.PercentPerSource = 2
		l.MessageRate = 600
		l.ConnectionTimeout = 5 * time.Minute // QX-3
		l.InactivityTimeout = time.Minute
		l.MaxRecipients = 200
	}
	return l
}
