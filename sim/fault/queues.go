package fault

import (
	"slices"
	"strings"
)

// what operators do to queues that they name.

// onQueues tells whether an action is about one queue of its hosts, by name.
func (e *Engine) onQueues(t *task) bool {
	switch t.Kind {
	case RetryQueue, ResubmitQueue, SuspendQueue, ResumeQueue:
		return t.Queue != "" && t.Queue != UnreachableQueue && e.env.HasQueue != nil
	}
	return false
}

// findQueues tells that hosts of an action do not have the queue that it names, as the shell does, and leaves it with the others; false when there are none. A
// queue is there from the first message for its next hop on. A host that is down is not asked.
func (e *Engine) findQueues(t *task) bool {
	lacks := func(h Host) bool {
		return h.Server >= 0 && !e.machines[h.Server].halted && !e.env.HasQueue(h.Server, t.Queue)
	}
	if !slices.ContainsFunc(t.hosts, lacks) {
		return true
	}
	var found []Host
	for _, h := range t.hosts {
		if !lacks(h) {
			found = append(found, h)
			continue
		}
		name := e.hostName(h)
		e.emit("remedy", name, t.actor()+": "+t.Kind.String()+" "+t.Queue+" on "+name+" failed: "+name+" has no queue of this name",
			append(e.taskFields(t), field("failed", true))...)
	}
	t.hosts = found
	return len(found) > 0
}

// queueOn names a queue that an action is about and where it is.
func (t *task) queueOn(hosts []string) string {
	on := strings.Join(hosts, ", ")
	if t.Queue == "" {
		return on
	}
	return t.Queue + " on " + on
}
