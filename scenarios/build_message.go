package scenarios

import (
	"slices"
	"strconv"
	"strings"

	"mailsim/sim/fault"
)

// selectMessages translates which messages an operator's step is done to (docs/rules/queueing.md, Q-8.8).
func (c *compiler) selectMessages(s *source, kind fault.ActionKind, k *operatorKeys, prefix string, a *fault.Action) {
	a.Silent = k.WithNDR != nil && !*k.WithNDR
	for i, text := range k.Message {
		n, ok := messageNumber(text)
		if !ok {
			c.errorAt(s.item("message", i), s, prefix+"message", `%s is no message; write its number or its InternetMessageId as a snapshot lists them, such as "17" or "<17@internet>"`, quote(text))
		}
		a.Messages.Numbers = append(a.Messages.Numbers, n)
	}
	for i, who := range k.FromAddress {
		if !slices.Contains(c.senders(), who) {
			c.errorAt(s.item("from_address", i), s, prefix+"from_address", "nobody sends as %s; %s", quote(who), suggest(who, c.senders(), "sender"))
		}
	}
	a.Messages.From = k.FromAddress
	poison := kind == fault.DeletePoison || kind == fault.ResumePoison
	queue := k.Target != nil && k.Target.node != nil && k.Target.node.get("queue") != nil
	if q := k.Target; queue && q.Queue != nil && slices.Contains(q.Queue.list, "Submission") {
		c.errorAt(q.Queue.at[0], s, prefix+"target.queue", "what the categoriser has or will have is neither removed nor suspended; name another queue")
	}
	if !poison && !queue && len(k.Message) == 0 && len(k.FromAddress) == 0 {
		c.errorAt(s.at("action"), s, prefix+"action", "%s of which messages? Add message, from_address, or target = { host = ..., queue = ... }", quote(k.Action))
	}
}

// messageNumber reads the number of a message, alone or in an InternetMessageId.
func messageNumber(text string) (uint64, bool) {
	if inner, ok := strings.CutPrefix(text, "<"); ok {
		text, _, _ = strings.Cut(inner, "@")
	}
	n, err := strconv.ParseUint(text, 10, 64)
	return n, err == nil && n > 0
}

// senders are the senders as a listing of messages writes them.
func (c *compiler) senders() []string {
	out := []string{"internet", "<>"}
	for _, name := range c.hostsOf(mailboxServers()) {
		out = append(out, "mailbox:"+name)
	}
	return out
}

// poisonMessage translates the keys of poison_message (docs/rules/faults.md, F19).
func poisonMessage(_ *compiler, t *faultTable, f *fault.Fault) {
	f.Count = 1
	if t.Count != nil {
		f.Count = int(*t.Count)
	}
	if t.Threshold != nil {
		f.Threshold = int(*t.Threshold)
	}
}
