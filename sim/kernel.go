package sim

import (
	"mailsim/sim/internal/calendar"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
)

// eventKind says what an event is. At one instant and phase events run by server, then by kind, then by id (docs/design.md).
type eventKind uint8

const (
	evFault       eventKind = iota // the fault engine has something to do
	evDirectory                    // a view changes
	evNetwork                      // bodies are through
	evDialed                       // id = connection
	evReplied                      // id = connection
	evCut                          // id = connection: ConnectionTimeout
	evCategorised                  // id = copy
	evPending                      // id = copy: a mailbox offers a message again (D-4); 0: those that wait for their turn at a server may have it
	evArrival                      // id = source
	evTimer                        // a hub's deadline
	evWarm                         // the warm-up is over
	evSample                       // sampling instant
	evFlight                       // id = flight: a message on its way to a server of another site
	evSnapshot                     // id = snapshotSteps*snapshot + a step of it
	evPressure                     // a poll that finds a resource's level changed
	evCounters                     // the minute at which performance counters are looked at
	evPoison                       // id = copy: the service does not survive it
	evNet                          // the end of a minute after which Safety Net takes less of a pressed server's drive
	evRequest                      // id = request to a Safety Net: nobody answers it any more
	evShadow                       // id = holding: a heartbeat with something to learn, or the end of the wait for one
	evDrained                      // a server that is to go down has nothing left
	evClients                      // id = population: something happens to its clients
	evAsked                        // id = copy: its request to the directory has waited in vain
	evAgent                        // id = copy: slow agents are through with it, or have had it for long
	evDisk                         // a poll that finds a drive over a level, as it fills
	evStorm                        // id = storm: the next message that it brings
)

// A key is order and payload at once: phase (4 bits), server + 1 (15), kind (5), generation (12), id (28). The generation tells an
// event whose cause is gone (a connection that broke) from that of the slot's next user; the driver compares the instant as well.
const (
	idBits    = 28
	genBits   = 12
	kindBits  = 5
	genMask   = 1<<genBits - 1
	idMask    = 1<<idBits - 1
	kindMask  = 1<<kindBits - 1
	kindAt    = idBits + genBits
	serverAt  = kindAt + kindBits
	phaseAt   = 60
	maxServer = 1<<(phaseAt-serverAt) - 2
)

// firstLate is the least key of what comes when the cores have settled: looking on.
const firstLate = uint64(transport.PhaseEvaluation) << phaseAt

func key(phase transport.Phase, server int32, kind eventKind, gen uint16, id uint32) uint64 {
	return uint64(phase)<<phaseAt | uint64(server+1)<<serverAt | uint64(kind)<<kindAt | uint64(gen&genMask)<<idBits | uint64(id&idMask)
}

func keyPhase(k uint64) transport.Phase { return transport.Phase(k >> phaseAt) }
func keyServer(k uint64) int32          { return int32(k>>serverAt&(maxServer+1)) - 1 }
func keyKind(k uint64) eventKind        { return eventKind(k >> kindAt & kindMask) }
func keyGen(k uint64) uint16            { return uint16(k >> idBits & genMask) }
func keyID(k uint64) uint32             { return uint32(k & idMask) }

// at schedules an event. Those that every message has are pushed where they arise, so that their keys are made of constants.
func (r *run) at(t simtime.Time, phase transport.Phase, server int32, kind eventKind, gen uint16, id uint32) {
	r.cal.Push(calendar.Event{At: t, Key: key(phase, server, kind, gen, id)})
}
