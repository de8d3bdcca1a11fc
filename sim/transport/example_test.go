package transport_test

import (
	"fmt"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// A server with a threshold of two gets three messages: it asks for two connections, and each carries what it finds.
func ExampleHub() {
	b := topology.NewBuilder(topology.V2010)
	site := b.Site(topology.Site{Name: "Tokyo"})
	edge := b.Server(topology.Server{Name: "edge", Site: site, Roles: topology.RoleEdge, Version: topology.V2010, DC: topology.None})
	cloud := b.Remote(topology.Remote{Name: "cloud"})
	b.Connector(topology.Connector{
		Name: "out", AddressSpaces: []topology.AddressSpace{{Type: "SMTP", Space: "*", Cost: 1}},
		Sources: []topology.ServerID{edge}, SmartHosts: []topology.RemoteID{cloud},
	})
	org, err := b.Build()
	if err != nil {
		panic(err)
	}

	profile := transport.DefaultProfile(topology.V2010, true)
	profile.Threshold[route.ClassSmtpConnector] = 2
	store, book := transport.NewStore(), route.NewBook()
	hub := transport.NewHub(edge, profile, store, book, book.Table(org, site), nil)
	someone := book.Dest(route.Destination{Kind: route.External, Domain: "example.com"})

	// The world: a session is ready a second after the dial, a message is through a second after it was sent.
	type event struct {
		at simtime.Time
		in transport.Input
	}
	var coming []event
	now := simtime.Time(0)
	perform := func(acts []transport.Action) {
		for len(acts) > 0 {
			a := acts[0]
			acts = acts[1:]
			switch a.Kind {
			case transport.Categorise: // takes no time here
				acts = hub.Step(now, transport.Input{Kind: transport.Categorised, Msg: a.Msg}, acts)
			case transport.Dial:
				fmt.Printf("%s dial %d\n", now, a.Conn)
				coming = append(coming, event{now + 1e9, transport.Input{Kind: transport.Dialed, Conn: a.Conn}})
			case transport.Send:
				fmt.Printf("%s send %d on %d\n", now, store.Hot[a.Msg].Message, a.Conn)
				coming = append(coming, event{now + 1e9, transport.Input{Kind: transport.Replied, Conn: a.Conn}})
			case transport.Left:
				store.Free(a.Msg)
			case transport.Close:
				fmt.Printf("%s close %d\n", now, a.Conn)
			}
		}
	}

	for i := range 3 {
		m := store.New(transport.Copy{
			Message: uint64(i + 1), Created: now, Size: 1000, Set: store.NewSet([]transport.Recipients{{Dest: someone, Count: 1}}),
		}, transport.Tail{Sender: topology.None})
		perform(hub.Step(now, transport.Input{Kind: transport.Submitted, Msg: m}, nil))
	}
	for {
		if hub.Due() && (len(coming) == 0 || coming[0].at > now) { // the instant is over
			acts, _ := hub.Settle(now, nil)
			perform(acts)
			continue
		}
		if len(coming) == 0 {
			return
		}
		next := coming[0]
		coming = coming[1:]
		now = next.at
		perform(hub.Step(now, next.in, nil))
	}
	// Output:
	// 0s dial 1
	// 0s dial 2
	// 1s send 1 on 1
	// 1s send 2 on 2
	// 2s send 3 on 1
	// 2s close 2
	// 3s close 1
}
