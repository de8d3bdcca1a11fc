package scenarios_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// storming is REF-2 from 09:00:00 on with a fault that brings mail.
func storming(duration, fault string) string {
	return fmt.Sprintf(ref2, at0900, duration, 10, 10) + "[[fault]]\nid = \"storm\"\n" + fault
}

// reports lists when servers told senders that a message was not delivered, whichever server it was, with the status.
func (w *worked) reports() []string {
	var out []string
	for _, e := range w.run.Events {
		if e.Kind == "dsn" {
			status := ""
			for _, f := range e.Fields {
				if f.Key == "status" {
					status = fmt.Sprint(f.Value)
				}
			}
			out = append(out, w.clock(e.Time)+" "+status)
		}
	}
	return out
}

const replyAll = "kind = \"mail_storm\"\nlist_size = 13000\nreply_rate = \"20/min\"\n"

const all = "site=all"

// TestF20_MailStorm is W20: replies to all of a list of 13,000, with and without a guard.
func TestF20_MailStorm(t *testing.T) {
	t.Parallel()
	seldom := `output.sample_interval="1m"`
	t.Run("FW-20 unguarded", func(t *testing.T) {
		t.Parallel()
		w := work(t, storming("65m", replyAll+"duration = \"1h\"\n"), seldom)
		require.Equal(t, 1200.0, w.figure("messages.submitted", all, "total"), "the first message and 1,199 replies, of 09:00:03 to 09:59:57")
		require.Equal(t, 15.6e6, w.figure("messages.delivered", all, "total"))
		require.Equal(t, 15.6e6-1200, w.figure("messages.expanded", all, "total"))
		require.Zero(t, w.figure("messages.held", all, "total"))
		require.Empty(t, w.reports())
	})
	t.Run("FW-20", func(t *testing.T) {
		t.Parallel()
		w := work(t, storming("4h10m", replyAll+"guard = true\nduration = \"4h2m\"\n"), seldom)
		const let, refused = 1 + 10 + 10, 4839 - 20
		require.Equal(t, let*13000.0, w.figure("messages.delivered", all, "total")-refused, "in the first hour 143,000, and as many less the first message after 13:00:30")
		require.Equal(t, float64(refused), w.figure("messages.bounced", all, "total"))
		told := w.reports()
		require.Len(t, told, refused)
		require.Equal(t, "09:00:33 5.7.1", told[0], "the tenth reply, of 09:00:30, is the last that is let through")
		again := slices.Index(told, "13:00:27 5.7.1") + 1
		require.Equal(t, 4800+9-10, again, "until 13:00:30")
		require.Equal(t, "13:01:00 5.7.1", told[again], "then ten more are")
	})
	t.Run("first hour of FW-20", func(t *testing.T) {
		t.Parallel()
		w := work(t, storming("65m", replyAll+"guard = true\nduration = \"1h\"\n"), seldom)
		require.Equal(t, 143e3+1189, w.figure("messages.delivered", all, "total"), "11 x 13,000, and the reports")
	})
	for _, c := range []struct {
		name, keys          string
		delivered, returned float64 // messages
		first               string  // report
	}{
		{"guarded, a list of 5,000", "kind = \"mail_storm\"\nlist_size = 5000\nreply_rate = \"20/min\"\nguard = true\nduration = \"10m\"\n", 200, 0, ""},
		{"guarded, a list of 5,001", "kind = \"mail_storm\"\nlist_size = 5001\nreply_rate = \"20/min\"\nguard = true\nduration = \"10m\"\n", 11, 189, "09:00:33 5.7.1"},
		{"guarded, nine in an hour", "kind = \"mail_storm\"\nlist_size = 6000\nreply_rate = \"9/h\"\nguard = true\n", 19, 0, ""},
		// The first ten replies come in 60 minutes less one interval: the first has left the window when the eleventh comes.
		{"guarded, ten in an hour", "kind = \"mail_storm\"\nlist_size = 6000\nreply_rate = \"10/h\"\nguard = true\n", 11, 10, "10:06:00 5.7.1"},
		{"list deleted", replyAll + "duration = \"30m\"\n[[fault.remedy]]\naction = \"delete_list\"\nafter = \"10m\"\n", 400, 200, "09:20:00 5.1.1"},
		// A tenth of 20 a minute in the second minute, two in the third and so on: 90 in the first ten minutes.
		{"ramp", replyAll + "duration = \"19m58s\"\nramp_up = \"10m\"\n", 1 + 90 + 199, 0, ""},
		// Replies wait for a domain controller, and are looked at each time they are taken up; each counts once.
		{"guarded, nine in an hour, put off again and again", "kind = \"mail_storm\"\nlist_size = 6000\nreply_rate = \"9/h\"\nguard = true\nduration = \"1h\"\n" +
			"[[fault]]\nkind = \"dc_down\"\ntarget = { role = \"dc\" }\nduration = \"50m\"\n", 9, 0, ""},
		// The first ten of 3 s each let the guard stand in the way of the next storm's replies, not of the message that they are about.
		{"guarded, two storms", "kind = \"mail_storm\"\nlist_size = 6000\nreply_rate = \"20/min\"\nguard = true\nduration = \"31s\"\nschedule = { every = \"2h\", count = 2 }\n", 12, 10, "11:00:03 5.7.1"},
		{"by chance, as a whole", replyAll + "duration = \"10m\"\nprobability = 0\n", 0, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := work(t, storming("2h5m", c.keys), seldom)
			require.Equal(t, c.returned, w.figure("messages.bounced", all, "total"))
			require.Equal(t, c.delivered+c.returned, w.figure("messages.submitted", all, "total"))
			if told := w.reports(); c.first == "" {
				require.Empty(t, told)
			} else {
				require.Equal(t, c.first, told[0])
			}
		})
	}
}

// TestF20_WhoIsOnTheList spreads a list over mailbox servers: by their mailboxes, and only over those that the fault selects.
func TestF20_WhoIsOnTheList(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, keys string
		set        []string
		a, b       float64 // copies of each message
	}{
		{"by number of mailboxes", "list_size = 1001\n", []string{"mailbox.AM1.mailboxes=300"}, 751, 250}, // 750.75 and 250.25
		{"of equal remainders the first", "list_size = 1001\n", nil, 501, 500},
		{"one site", "list_size = 1000\ntarget = { site = \"B\" }\n", nil, 0, 1000},
		{"a server without mailboxes", "list_size = 1000\n", []string{"mailbox.AM1.mailboxes=0"}, 0, 1000},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := work(t, storming("10m", "kind = \"mail_storm\"\nreply_rate = \"1/min\"\nduration = \"1m\"\n"+c.keys), append(c.set, "output.series=[\"site_pair\"]", "duration=\"10m\"")...)
			to := map[string]float64{}
			for _, m := range w.run.Summary.Metrics {
				if m.Metric == "delivery.delay" && m.Labels.Get("from") == "all" {
					for _, s := range m.Stats {
						if s.Name == "count" {
							to[m.Labels.Get("to")] = s.Value
						}
					}
				}
			}
			require.Equal(t, []float64{c.a, c.b}, []float64{to["A"], to["B"]}, "%v", to)
		})
	}
}

// TestF20_WhoReplies: every member replies with the same chance.
func TestF20_WhoReplies(t *testing.T) {
	t.Parallel()
	w := work(t, storming("65m", "kind = \"mail_storm\"\nlist_size = 4\nreply_rate = \"20/min\"\nduration = \"1h\"\n"), `mailbox.AM1.mailboxes=300`, `output.sample_interval="1m"`)
	require.Equal(t, 4800.0, w.figure("messages.delivered", all, "total"))
	require.InDelta(t, 900, w.figure("delivery.delay", "from=A,to=all", "count")/4, 75, "five standard deviations of a draw of 1,200")
}

// again is a duplicate storm of a minute at the start of a run.
func again(keys string) string {
	return "[[fault]]\nkind = \"duplicate_storm\"\nduration = \"1m\"\n" + keys
}

// TestF21_DuplicateStorm is W22, from scenario text to deliveries: what becomes of a message that is sent again.
func TestF21_DuplicateStorm(t *testing.T) {
	t.Parallel()
	const one = "[[load]]\nto = \"mailbox:X\"\nat = \"0s\"\n"
	for _, c := range []struct {
		after, mail string
		dropped     string // versions that drop the copy
	}{
		{"30 minutes", one + again("delay = \"30m\"\n"), "2007 2010 2013 2016"},
		{"2 hours", one + again("delay = \"2h\"\n"), "2013 2016"},
		{"8 days", one + again("delay = \"192h\"\n"), ""},
		{"30 minutes, with ids of their own", one + again("delay = \"30m\"\nsame_message_id = false\n"), ""},
		{"30 minutes, named by its sender", copyOf("X", "0s", "2026-03-02T07:00:00Z") + again("delay = \"30m\"\n"), "2007 2010 2013 2016"},
		{"30 minutes, by its sender with another Date", one + "resend = { after = \"30m\", date = \"new\" }\n", ""},
	} {
		for _, version := range strings.Fields("2007 2010 2013 2016") {
			t.Run("FW-22 "+version+" after "+c.after, func(t *testing.T) {
				t.Parallel()
				w := work(t, mailroom(version, "", "")+c.mail, `duration="9d"`)
				delivered, dropped := 2.0, 0.0
				if strings.Contains(c.dropped, version) {
					delivered, dropped = 1, 1
				}
				require.Equal(t, 2.0, w.figure("messages.submitted", all, "total"), "transport pays for both")
				require.Equal(t, delivered, w.figure("messages.delivered", all, "total"))
				require.Equal(t, dropped, w.figure("messages.duplicate", all, "total"))
				require.Equal(t, delivered, w.figure("mailbox.deliveries", "server=X", "count"))
				require.Equal(t, dropped, w.figure("mailbox.duplicates", "server=X", "count"))
			})
		}
	}
}

// TestF21_WhatIsSentAgain shows whose mail a duplicate storm is about, when, and how often.
func TestF21_WhatIsSentAgain(t *testing.T) {
	t.Parallel()
	mail := regular("own", "mailbox:AM1", "mailbox:BM1", "0s", "1m", "9m") + regular("outside", "internet", "mailbox:BM1", "30s", "1m", "9m30s")
	for _, c := range []struct {
		name, keys string
		copies     float64
	}{
		{"all mail", "", 20},
		{"what its mailboxes send", "target = { host = \"AM1\" }\n", 10},
		{"nobody's", "target = { host = \"BM1\" }\n", 0},
		{"what comes in from outside", "target = { role = \"edge\" }\n", 10},
		{"at one of two Edges", "target = { host = \"AE1\" }\ndelay = \"20m\"\n", 5},
		{"three times", "copies = 3\ndelay = \"7m\"\n", 60},
		{"of its time, and later", "start = \"5m\"\nduration = \"1m\"\ncopies = 2\ndelay = \"20m\"\n", 4},
		// A tenth of all mail from 09:01:00 on, two from 09:02:00 on, and so on to nine from 09:09:00 on: of two messages a minute 9.
		{"a ramp", "ramp_up = \"10m\"\n", 9},
		{"with another storm", "\n[[fault]]\nkind = \"duplicate_storm\"\n", 40},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := work(t, storming("2h", "kind = \"duplicate_storm\"\n"+c.keys)+mail)
			require.Equal(t, c.copies, w.figure("messages.submitted", all, "total")-20)
			require.Equal(t, 20.0, w.figure("messages.delivered", all, "total"), "what is in the mailboxes is not touched")
			require.Equal(t, c.copies, w.figure("messages.duplicate", all, "total"))
		})
	}
}

// TestF21_CopiesAreLikeTheFirst: a copy is as large, and as urgent.
func TestF21_CopiesAreLikeTheFirst(t *testing.T) {
	t.Parallel()
	const copies = "kind = \"duplicate_storm\"\nduration = \"1m\"\ndelay = \"1m\"\nsame_message_id = false\n"
	one := regular("one", "mailbox:AM1", "mailbox:BM1", "10s", "1h", "20s")
	t.Run("size", func(t *testing.T) {
		t.Parallel()
		w := work(t, storming("10m", copies)+one, `link[0].bandwidth="8kbit/s"`)
		require.Equal(t, 2.0, w.figure("delivery.delay", "from=all,to=B", "count"))
		require.InDelta(t, 10.24+2, w.figure("delivery.delay", "from=all,to=B", "mean"), 0.1, "10 KB, and two seconds on the way")
	})
	t.Run("priority", func(t *testing.T) {
		t.Parallel()
		away := "[[fault]]\nkind = \"host_down\"\ntarget = { host = \"B1\" }\n"
		w := work(t, storming("2h", copies)+one+"priority = \"high\"\n"+away, "defaults.hub.priority_queueing=true")
		require.Equal(t, 2.0, w.figure("dsn.count", "kind=delay", "total"), "after half an hour, not after four")
	})
}

// spamAt is a backscatter of ten minutes, a message every other second.
func spamAt(keys string) string {
	return "kind = \"backscatter\"\ntarget = { host = \"AE1\" }\nstart = \"5m\"\nduration = \"10m\"\nrate = \"30/min\"\ndomains = 5\n" + keys
}

// TestF22_Backscatter lets spam with forged senders come to an Edge.
func TestF22_Backscatter(t *testing.T) {
	t.Parallel()
	good := regular("good", "internet", "site:A", "30s", "1m", "1h")
	t.Run("accepted and returned", func(t *testing.T) {
		t.Parallel()
		w := work(t, storming("51h", spamAt(""))+good, `output.sample_interval="1m"`)
		told := w.reports()
		require.Len(t, told, 299, "one for each message of 09:05:02 to 09:14:58, and none about a report that does not arrive (Q-8.4)")
		require.Equal(t, "09:05:04 5.1.1", told[0], "a second from the Edge to the hub, and one in its categoriser")
		for i, want := range []float64{60, 60, 60, 60, 59} {
			queue := fmt.Sprintf("server=AE1,next_hop=%d.forged.invalid,delivery_type=DnsConnectorDelivery,connector=C-A", i+1)
			require.Equal(t, want, w.figure("queue.length", queue, "max"), queue)
		}
		require.Equal(t, 299.0, w.figure("messages.expired", all, "total"), "after 48 h")
		require.Equal(t, 299.0, w.figure("messages.bounced", all, "total"))
		require.Equal(t, 60.0, w.figure("messages.delivered", all, "total"))
		require.LessOrEqual(t, w.figure("delivery.delay", "from=all,to=A", "max"), 5.0, "good mail comes as ever")
	})
	for _, c := range []struct {
		name, keys              string
		returned, bounced, good float64
	}{
		{"looked up at RCPT", "reject_at_rcpt = true\n", 0, 299, 60},
		{"looked up from 09:11:00 on", "[[fault.remedy]]\naction = \"reject_at_rcpt\"\nafter = \"1m\"\nduration = \"5m\"\n", 179, 299, 60},
		{"another Edge is told to", "[[fault.remedy]]\naction = \"reject_at_rcpt\"\nduration = \"1s\"\ntarget = { host = \"BE1\" }\n", 299, 299, 60},
		{"for people alone", "unknown_fraction = 0\n", 0, 0, 359},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := work(t, storming("90m", spamAt(c.keys))+good, `output.sample_interval="1m"`)
			require.Len(t, w.reports(), int(c.returned))
			require.Equal(t, c.bounced, w.figure("messages.bounced", all, "total"))
			require.Equal(t, c.good, w.figure("messages.delivered", all, "total"))
		})
	}
	t.Run("whom the rest is for", func(t *testing.T) {
		t.Parallel()
		// 400 mailboxes that are there, 300 of them on AM1, half of these in the database that is dismounted: three eighths of 5,999 messages wait. Nothing is for CM1.
		text := storming("20m", "kind = \"backscatter\"\ntarget = { host = \"AE1\" }\nduration = \"10m\"\nrate = \"600/min\"\nunknown_fraction = 0\n"+
			"[[fault]]\nkind = \"store_down\"\ntarget = { host = \"AM1\" }\ndatabase = \"d2\"\n"+
			"[[mailbox]]\nname = \"CM1\"\nsite = \"B\"\npresent = false\nmailboxes = 1000\n[[action]]\naction = \"add_server\"\nat = \"19m\"\ntarget = { host = \"CM1\" }\n")
		w := work(t, text, "mailbox.AM1.mailboxes=300", `mailbox.AM1.databases=["d1","d2"]`, `output.sample_interval="1m"`)
		require.Equal(t, 5999.0, w.figure("messages.submitted", all, "total"))
		require.Zero(t, w.figure("messages.bounced", all, "total"))
		require.InDelta(t, 5999*3/8.0, w.figure("messages.held", all, "total"), 190, "five standard deviations")
		require.InDelta(t, 5999/4.0, w.figure("delivery.delay", "from=all,to=B", "count"), 170, "five standard deviations")
	})
	t.Run("Edges in turn", func(t *testing.T) {
		t.Parallel()
		// 150 and 149 until 09:15:00; from 09:10:00 to 09:11:00 BE1 takes nothing and AE1 the 15 that would have been its; from 09:12:00 to 09:13:00 nobody takes the 30 of that minute.
		down := func(host, start string) string {
			return fmt.Sprintf("[[fault]]\nkind = \"host_down\"\nmode = \"service_stop\"\ntarget = { host = %s }\nstart = %q\nduration = \"1m\"\n", host, start)
		}
		text := storming("1h", "kind = \"backscatter\"\ntarget = { role = \"edge\" }\nstart = \"5m\"\nduration = \"10m\"\nrate = \"30/min\"\ndomains = 1\n"+
			down(`"BE1"`, "10m")+down(`["AE1", "BE1"]`, "12m"))
		w := work(t, text)
		require.Equal(t, 269.0, w.figure("messages.submitted", all, "total"))
		at := func(server string) float64 {
			return w.figure("queue.length", fmt.Sprintf("server=%s,next_hop=1.forged.invalid,delivery_type=DnsConnectorDelivery,connector=C-%s", server, server[:1]), "max")
		}
		require.Equal(t, []float64{150, 119}, []float64{at("AE1"), at("BE1")})
	})
	t.Run("a part of it", func(t *testing.T) {
		t.Parallel()
		w := work(t, storming("90m", spamAt("unknown_fraction = 0.8\n"))+good)
		require.InDelta(t, 0.8*299, float64(len(w.reports())), 35, "five standard deviations of a draw of 299: a false alarm in a million")
		require.Equal(t, 299.0, float64(len(w.reports()))+w.figure("messages.delivered", all, "total")-60)
	})
}
