package sim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim"
)

// TestQ2_9_AnyRegion: the formats of real servers, and others of their kind.
func TestQ2_9_AnyRegion(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2017/01/05 12:05:59":         "2017-01-05 12:05:59", // of the texts that the project began with
		"15-01-21 22:06:02":           "2021-01-15 22:06:02", // a queue of 2013, January 2021
		"2019/11/4 13:31:03":          "2019-11-04 13:31:03", // a case note of November 2019
		"2019-11-04 13:31":            "2019-11-04 13:31:00",
		"4.11.2019 13:31:03":          "2019-11-04 13:31:03",
		"04/11/2019 13:31:03":         "2019-11-04 13:31:03",
		"11/04/2019 1:31:03 PM":       "2019-11-04 13:31:03",
		"11/14/2019 13:31:03":         "2019-11-14 13:31:03",
		"14/11/2019 1:31:03 p.m.":     "2019-11-14 13:31:03",
		"1/2/2021 12:00:00 AM":        "2021-01-02 00:00:00",
		"1/2/2021 12:00:00 PM":        "2021-01-02 12:00:00",
		"2019/11/4 下午 01:31:03":       "2019-11-04 13:31:03",
		"2019/11/04 午前 1:31:03":       "2019-11-04 01:31:03",
		"99-02-28 01:02:03":           "2099-02-28 01:02:03",
		" 2020. 2. 29. 1.02.03\u202f": "2020-02-29 01:02:03",
	} {
		got, err := sim.ParseLRT(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got.Format(time.DateTime), text)
	}
	for text, why := range map[string]string{
		"": "is not a date and a time of numbers", "yesterday": "is not a date and a time of numbers", "2017/01/05": "is not a date and a time of numbers",
		"2017/01/05 12:05:59:1": "is not a date and a time of numbers", "20170105 12:05": "is not a date and a time of numbers",
		"2017/02/30 12:05:59": "is no time that there is", "2017/01/05 24:00:00": "is no time that there is", "31/31/2017 01:00": "is no time that there is",
		"1/2/2021 13:00:00 PM": "has an hour that AM and PM do not have", "1/2/2021 0:00:00 AM": "has an hour that AM and PM do not have",
	} {
		_, err := sim.ParseLRT(text)
		require.EqualError(t, err, `last retry time "`+text+`": `+why+`; write for example 2017/01/05 12:05:59`)
	}
}

// TestQ2_9_ReadAgain: what is written is read as it was, whatever the text says.
func TestQ2_9_ReadAgain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := sim.QueueError{
			Tried: time.Date(rapid.IntRange(1000, 9999).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 31).Draw(t, "day"),
				rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute"), rapid.IntRange(0, 59).Draw(t, "second"), 0, time.UTC),
			Text: rapid.SampledFrom([]string{"", "451 4.4.0 Primary", "}];{IP=1}", "};{FQDN=x};{IP=y", "};{LED=again"}).Draw(t, "text"),
			FQDN: rapid.SampledFrom([]string{"", "mx.example"}).Draw(t, "name"), IP: rapid.SampledFrom([]string{"", "10.0.0.1"}).Draw(t, "address"),
		}
		if e.Tried.Year() > 9999 { // the 31st of a shorter month
			t.Skip()
		}
		got, err := sim.ParseQueueError(" " + e.String() + "\n")
		require.NoError(t, err)
		require.Equal(t, e, got)
	})
	old, err := sim.ParseQueueError("451 4.4.0 Primary target IP address responded with: \"421 4.4.1 Connection timed out.\"")
	require.NoError(t, err)
	require.Equal(t, sim.QueueError{Text: "451 4.4.0 Primary target IP address responded with: \"421 4.4.1 Connection timed out.\""}, old, "2007 and 2010: the text alone")
	for text, want := range map[string]string{
		"[{LRT=2017/01/05 12:05:59": "does not end with }]", "[{LRT=2017/01/05 12:05:59}]": "no {LED=...}",
		"[{LRT=2017/01/05 12:05:59};{LED=x};{IP=1}]": "no {FQDN=...}", "[{LRT=2017/01/05 12:05:59};{LED=x};{FQDN=1}]": "no {IP=...}",
		"[{LRT=soon};{LED=x};{FQDN=};{IP=}]": `last retry time "soon"`,
	} {
		_, err := sim.ParseQueueError(text)
		require.ErrorContains(t, err, want, text)
	}
}

// FuzzQ2_9_QueueError: any text is read or refused with a reason; what was read is written in our format and read as the same.
func FuzzQ2_9_QueueError(f *testing.F) {
	for _, lrt := range []string{"2017/01/05 12:05:59", "15-01-21 22:06:02", "2019/11/4 13:31:03", "1/2/2021 12:00:00 AM", "下午 1:2 3 4 5", "0000/1/1 0:0"} {
		f.Add("[{LRT=" + lrt + "};{LED=451 4.4.0 Primary};{FQDN=mx.example};{IP=10.0.0.1}]")
	}
	f.Add("451 4.4.0 Primary")
	f.Add("[{LRT=};{LED=};{IP=};{FQDN=}]")
	f.Fuzz(func(t *testing.T, text string) {
		e, err := sim.ParseQueueError(text)
		if err != nil {
			require.True(t, strings.HasPrefix(err.Error(), "last "), err.Error())
			return
		}
		if !strings.HasPrefix(strings.TrimSpace(text), "[{LRT=") {
			require.Equal(t, sim.QueueError{Text: strings.TrimSpace(text)}, e)
			return
		}
		again, err := sim.ParseQueueError(e.String())
		require.NoError(t, err, "%q", e.String())
		require.Equal(t, e, again)
	})
}
