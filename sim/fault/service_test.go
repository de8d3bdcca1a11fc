package fault_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/fault"
	"mailsim/topology"
)

// services lists what the service manager of a host wrote: "03:01:05 7023 EPSTRS stopped".
func (b *bench) services() []string {
	var out []string
	for _, e := range b.events {
		if e.Kind == "service" {
			out = append(out, fmt.Sprint(clock(e.Time), " ", e.ID, " ", e.Fields[0].Value, " ", e.Fields[1].Value))
		}
	}
	return out
}

func TestServicesOfMachines(t *testing.T) {
	t.Parallel()
	require.Equal(t, "MSExchangeTransport", fault.ServicesOf(topology.RoleEdge).String())
	require.Equal(t, "MSExchangeTransport, MSExchangeIS", fault.ServicesOf(topology.RoleHub|topology.RoleMailbox).String())
	require.Equal(t, "EPSTRS, EPSTPOP3S, EPSTIMAP4S, EPSTDS", fault.ServicesOf(topology.RoleEPost).String())
	require.Equal(t, "EPSTRS, EPSTPOP3S, EPSTIMAP4S", fault.ServicesOf(topology.RoleEPost).Listeners().String(), "S0-9: EPSTDS listens nowhere")
	for i, name := range fault.ServiceNames() {
		s, ok := fault.ParseService(name)
		require.True(t, ok)
		require.EqualValues(t, i, s)
	}
	_, ok := fault.ParseService("EPSTRX")
	require.False(t, ok)
}

// F10: services that are stopped alone leave the machine and the others running; they run again when the last reason is gone.
func TestF10_ServicesAlone(t *testing.T) {
	t.Parallel()
	stop := func(id, from, to string, set fault.Services) fault.Fault {
		f := down(id, from, to, b1)
		f.Mode, f.Services = fault.ServiceStop, set
		return f
	}
	store, transport := fault.Set(fault.Store), fault.Set(fault.Transport)
	b := newBench(t, []fault.Fault{stop("one", "10:00:00", "11:00:00", store), stop("two", "10:30:00", "12:00:00", store)}, nil).until(at("23:00:00"))
	require.Equal(t, []string{"10:00:00 services stopped B1 MSExchangeIS", "12:00:00 services started B1 MSExchangeIS"}, b.log)
	require.Equal(t, []string{"10:00:00 7036 MSExchangeIS stopped", "12:00:00 7036 MSExchangeIS running"}, b.services())

	b = newBench(t, []fault.Fault{stop("both", "10:00:00", "11:00:00", store|transport)}, nil).until(at("23:00:00"))
	require.Equal(t, []string{"10:00:00 halted B1", "10:00:00 services stopped B1 MSExchangeIS", "11:00:00 booted B1", "11:00:00 services started B1 MSExchangeIS"}, b.log,
		"a stop of the transport service is that of the machine's mail")

	byHand := act(fault.StartService, "10:10:00", time.Minute, hosts(b1)...)
	b = newBench(t, []fault.Fault{stop("one", "10:00:00", "11:00:00", store)}, []fault.Action{byHand}).until(at("23:00:00"))
	require.Equal(t, []string{"10:00:00 services stopped B1 MSExchangeIS", "10:11:00 services started B1 MSExchangeIS"}, b.log, "once")
	require.EqualValues(t, at("10:11:00"), *b.engine.Happened()[0].EndNS)
	b = newBench(t, []fault.Fault{stop("one", "10:00:00", "11:00:00", transport)}, []fault.Action{byHand}).until(at("23:00:00"))
	require.Equal(t, []string{"10:00:00 halted B1", "10:11:00 booted B1"}, b.log)
	b = newBench(t, []fault.Fault{down("crash", "10:00:00", "11:00:00", b1)}, []fault.Action{byHand}).until(at("23:00:00"))
	require.Equal(t, []string{"10:00:00 halted B1 silent", "11:00:00 booted B1"}, b.log, "no machine is started like that")
	never := stop("never", "10:00:00", "11:00:00", store)
	never.Probability = 0
	b = newBench(t, []fault.Fault{never}, []fault.Action{byHand}).until(at("23:00:00"))
	require.Empty(t, b.log)
}

// S0-7: a delayed start delays healthy boots, too.
func TestS0_7_DelayedStartOfHealthyMachines(t *testing.T) {
	t.Parallel()
	set := act(fault.SetDelayedStart, "02:00:00", time.Minute, hosts(b1)...)
	b := newBench(t, nil, []fault.Action{set, reboot()}).until(at("23:00:00"))
	require.Equal(t, []string{"03:00:00 halted B1 silent", "03:01:00 listener down B1", "03:01:00 booted B1", "03:03:30 listener up B1"}, b.log)
	b = newBench(t, nil, []fault.Action{act(fault.SetDependency, "02:00:00", time.Minute, hosts(b1)...), reboot()}).until(at("23:00:00"))
	require.Equal(t, []string{"03:00:00 halted B1 silent", "03:01:00 booted B1"}, b.log)
}

// F8: services says whose start is a race; a machine without them has none.
func TestF8_Services(t *testing.T) {
	t.Parallel()
	only := func(s fault.Services) fault.Fault { return lateBind(func(f *fault.Fault) { f.Services = s }) }
	b := newBench(t, []fault.Fault{only(fault.Set(fault.Transport))}, []fault.Action{reboot()}).until(at("23:00:00"))
	require.Equal(t, []string{"03:01:05 7023 MSExchangeTransport stopped"}, b.services())
	b = newBench(t, []fault.Fault{only(fault.Set(fault.EPSTRS))}, []fault.Action{reboot()}).until(at("23:00:00"))
	require.Equal(t, []string{"03:00:00 halted B1 silent", "03:01:12 booted B1"}, b.log, "it has no such service; the address is late all the same")
	require.Empty(t, b.services())
}

// F8: a transport service of Exchange starts 60 s after its address; by hand, with a dependency or a delayed start it does not wait so long.
func TestF8_LateExchange(t *testing.T) {
	t.Parallel()
	run := func(edit func(*fault.Fault), more ...fault.Action) *bench {
		f := lateBind(func(f *fault.Fault) {
			f.Late = time.Minute
			if edit != nil {
				edit(f)
			}
		})
		return newBench(t, []fault.Fault{f}, append([]fault.Action{reboot()}, more...)).until(at("23:00:00"))
	}
	b := run(nil)
	require.Equal(t, []string{"03:00:00 halted B1 silent", "03:01:12 changed B1", "03:02:12 booted B1"}, b.log)
	require.Equal(t, []string{"03:01:05 2114 MSExchangeTransport starting", "03:02:12 7036 MSExchangeTransport running"}, b.services())
	h := b.engine.Happened()[1]
	require.Equal(t, "nic_late_bind", h.Kind)
	require.EqualValues(t, at("03:01:05"), h.StartNS)
	require.EqualValues(t, at("03:02:12"), *h.EndNS)

	require.Equal(t, "03:01:30 booted B1", last(run(nil, act(fault.StartService, "03:01:20", 10*time.Second, hosts(b1)...)).log))
	require.Equal(t, "03:02:12 booted B1", last(run(nil, act(fault.StartService, "03:01:00", 10*time.Second, hosts(b1)...)).log), "no address yet")
	require.Equal(t, "03:01:12 booted B1", last(run(func(f *fault.Fault) { f.Fix = fault.Dependency }).log))
	require.Equal(t, []string{"03:01:12 listener down B1", "03:01:12 booted B1", "03:03:30 listener up B1"}, run(func(f *fault.Fault) { f.Fix = fault.DelayedStart }).log[1:])
	require.Equal(t, "03:01:05 listener up B1", last(run(func(f *fault.Fault) { f.Prone = 0 }).log))
	again := run(nil, act(fault.RestartOS, "03:01:40", 20*time.Second, hosts(b1)...))
	require.Equal(t, []string{"03:00:00 halted B1 silent", "03:01:12 changed B1", "03:01:40 changed B1 silent", "03:02:12 changed B1", "03:03:12 booted B1"}, again.log)
}

func last(log []string) string { return log[len(log)-1] }
