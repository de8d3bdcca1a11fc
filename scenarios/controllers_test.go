package scenarios

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

// F4: a restart takes 5 minutes on domain controllers and 8 on servers, whoever names them; a duration that is given stands.
func TestF4_RestartTakes(t *testing.T) {
	t.Parallel()
	remedies := func(text string) time.Duration {
		return configOf(t, "duration = \"10h\"\n"+text).Faults[0].Remedies[0].Duration
	}
	const fault = "[[fault]]\nkind = \"dc_down\"\ntarget = { role = \"dc\" }\n[[fault.remedy]]\naction = \"restart_os\"\n"
	require.Equal(t, 5*time.Minute, remedies(fault))
	require.Equal(t, 5*time.Minute, remedies(fault+"target = { role = \"dc\" }\n"))
	require.Equal(t, 8*time.Minute, remedies(fault+"target = { host = \"a1\" }\n"))
	require.Equal(t, time.Minute, remedies(fault+"duration = \"1m\"\n"))
	action := configOf(t, "duration = \"10h\"\n[[action]]\nat = \"1h\"\naction = \"restart_os\"\ntarget = { role = \"dc\" }\n").Actions[0]
	require.Equal(t, 5*time.Minute, action.Duration)
}

// V3: windows as they are written, as stretches of the week.
func TestV3_ParseWindow(t *testing.T) {
	t.Parallel()
	const hour, day = time.Hour, 24 * time.Hour
	for text, want := range map[string][]topology.Window{
		"Mon 02:00-04:00":         {{From: 2 * hour, To: 4 * hour}},
		"Sat,Sun 00:00-24:00":     {{From: 5 * day, To: 6 * day}, {From: 6 * day, To: 7 * day}},
		"Sun-Mon 22:30-01:00":     {{From: 6*day + 22*hour + 30*time.Minute, To: 7*day + hour}, {From: 22*hour + 30*time.Minute, To: day + hour}},
		"Thu-Fri,Mon 06:00-06:00": {{From: 3*day + 6*hour, To: 4*day + 6*hour}, {From: 4*day + 6*hour, To: 5*day + 6*hour}, {From: 6 * hour, To: day + 6*hour}},
	} {
		got, ok := parseWindow(text)
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
	}
	every, ok := parseWindow("02:00-04:00")
	require.True(t, ok)
	require.Len(t, every, 7)
	for _, bad := range []string{"", "02:00", "2:00-4:00", "Mon", "Mon 02:00", "Mo 02:00-04:00", "Mon- 02:00-04:00", "Mon  02:00-04:00", "24:00-02:00", "02:00-25:00", "02:60-04:00", "mon 02:00-04:00"} {
		_, ok := parseWindow(bad)
		require.False(t, ok, bad)
	}
}
