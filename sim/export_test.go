package sim

import (
	"context"

	"mailsim/sim/fault"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// StateOfRun is StateAt with the mail of the run, for tests that compare the two.
func StateOfRun(ctx context.Context, cfg *Config, rep int, at simtime.Time) (*State, error) {
	until := *cfg
	until.Duration = at.Sub(0)
	r, err := newRun(&until, rep, nowhere{})
	if err != nil {
		return nil, err
	}
	return &State{r}, r.loop(ctx)
}

// Whereabouts is where the mail of a run is at its end.
type Whereabouts struct {
	Sent        []int64 // by server: copies that it handed on
	Pending     int64   // messages that are still with their senders
	Unreachable []int64 // by server: recipients in the Unreachable queue
	Working     []int64 // by server: recipients in the submission queue or the categoriser
	Queues      []Resting
	Delivered   int64 // recipients; reports are counted too
	Returned    int64 // recipients whose sender got a report in place of the mail
	Reports     int64
	Expired     int64
	Lost        int64
}

// Resting is a queue with mail in it.
type Resting struct {
	Server topology.ServerID
	Key    route.Key
	State  transport.State
	Length int32
}

// RunToRest runs cfg and tells where its mail is at the end.
func RunToRest(ctx context.Context, cfg *Config, rep int, sink result.Sink) (Whereabouts, error) {
	r, err := newRun(cfg, rep, sink)
	if err != nil {
		return Whereabouts{}, err
	}
	if err := r.loop(ctx); err != nil {
		return Whereabouts{}, err
	}
	w := Whereabouts{Pending: int64(len(r.edges.pending))}
	for i := range r.sites {
		w.Pending += int64(len(r.sites[i].pending))
	}
	for i := range r.hosts {
		h := r.hosts[i].hub
		if h == nil {
			w.Sent, w.Unreachable, w.Working = append(w.Sent, 0), append(w.Unreachable, 0), append(w.Working, 0)
			continue
		}
		submission, _, unreachable, _ := h.Held()
		w.Sent, w.Unreachable, w.Working = append(w.Sent, h.Stats().Transferred), append(w.Unreachable, unreachable), append(w.Working, submission)
		for q := range h.Queues() {
			if info := h.Queue(q); info.Length > 0 {
				w.Queues = append(w.Queues, Resting{topology.ServerID(i), *r.book.Key(info.Key), info.State, info.Length})
			}
		}
	}
	for _, f := range r.rec.flow {
		w.Delivered, w.Returned, w.Reports = w.Delivered+f.delivered, w.Returned+f.bounced, w.Reports+f.reports
		w.Expired, w.Lost = w.Expired+f.expired, w.Lost+f.lost
	}
	return w, r.finish()
}

// SameDirectory is sameDirectory.
func SameDirectory(a, b *State) bool { return sameDirectory(a.run, b.run) }

// Spoiler does something to a run behind everybody's back.
type Spoiler func(*run)

// RunSpoiled runs cfg and spoils it at instants, in pairs.
func RunSpoiled(ctx context.Context, cfg *Config, sink result.Sink, at []simtime.Time, spoil []Spoiler) error {
	r, err := newRun(cfg, 0, sink)
	if err != nil {
		return err
	}
	for i, t := range at {
		if err := r.loopUntil(ctx, t); err != nil {
			return err
		}
		spoil[i](r)
	}
	if err := r.loop(ctx); err != nil {
		return err
	}
	return r.finish()
}

// Miscount lets a recipient count as delivered that was not.
func Miscount(r *run) { r.rec.flow[0].delivered++ }

// CutOff lets the first outside system answer nobody any more, without a fault.
func CutOff(r *run) { r.lost = append(r.lost, fault.Outside{Remote: 0}) }

// Admit says that a fault has begun.
func Admit(r *run) { r.laws.touched = true }

// Ask says that an operator asks the first server for attempts.
func Ask(r *run) { r.laws.ladders[0].asked = r.now }

// TryNow lets every queue of the first server in Retry try, though nobody asked for it.
func TryNow(r *run) { r.step(0, transport.Input{Kind: transport.RetryQueue, Msg: transport.AllQueues}) }

// Log writes an event of a number that nothing has caused.
func Log(id int) Spoiler {
	return func(r *run) { r.rec.send(r, result.Event{Time: r.now, Server: r.org.Servers[0].Name, ID: id}) }
}

// Report lets the first server make a report on the first message that it has, for a cause.
func Report(why transport.Code) Spoiler {
	return func(r *run) {
		for m := range r.store.Hot {
			if m := transport.MsgID(m); r.store.Hot[m].Set != 0 && r.store.HolderIs(m, 0) {
				r.reports(0, m, why)
				return
			}
		}
		panic("the first server has no message")
	}
}
