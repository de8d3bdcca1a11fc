package scenarios

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestF20_MoreMailThanARunHolds: a storm that no computer could hold is refused with its figures, in place of a run that ends for want of memory.
func TestF20_MoreMailThanARunHolds(t *testing.T) {
	t.Parallel()
	const storm, spam = "[[fault]]\nkind = \"mail_storm\"\n", "[[fault]]\nkind = \"backscatter\"\ntarget = { role = \"edge\" }\n"
	tooMuch := func(src string) string {
		for _, said := range saidOf(t, src) {
			if strings.Contains(said, "a run has") {
				return said
			}
		}
		return ""
	}
	require.Equal(t, `4:13: [[fault]] #1 (id "mail_storm-1"): list_size: about 86401 replies to 1000000 mailboxes are 86401000000 deliveries; a run has room for 10000000000: write a shorter list, a lower reply_rate or a shorter fault`,
		tooMuch(storm+"list_size = 1000000\nreply_rate = \"60/min\"\n"))
	require.Equal(t, `5:8: [[fault]] #1 (id "backscatter-1"): rate: brings about 1200000000 messages in 2m; a run has at most 1000000000 messages: write a lower rate, or a shorter fault`,
		tooMuch(spam+"rate = \"600000000/min\"\nduration = \"2m\"\n"))
	const large = storm + "list_size = 1000000\nreply_rate = \"60/min\"\n"
	for _, fits := range []string{
		large + "duration = \"1h\"\n",
		large + "duration = \"30m\"\nschedule = { every = \"6h\" }\n",
		large + "random = { mtbf = \"100h\", mttr = \"1h\" }\n",
		large + "remedy = [{ action = \"delete_list\", after = \"1h\" }]\n",
		large + "guard = true\n",
		large + "enabled = false\n",
		large + "probability = 0\n",
		large + "start = \"23h\"\n",
		large + "start = \"25h\"\n",
	} {
		require.Empty(t, tooMuch(fits), fits)
	}
	for _, more := range []string{
		large + "duration = \"3h\"\n",
		large + "duration = \"1h\"\nschedule = { every = \"6h\" }\n",
		large + "random = { mtbf = \"2h\", mttr = \"1h\" }\n",
		large + "random = { mtbf = \"2h\" }\n",
		large + "remedy = [{ action = \"delete_list\", after = \"3h\" }]\n",
		strings.Replace(large, "1000000", "10000000", 1) + "guard = true\n" + "[[fault]]\nkind = \"mail_storm\"\nlist_size = 10000000\nreply_rate = \"60/min\"\nduration = \"1h\"\n",
	} {
		require.NotEmpty(t, tooMuch(more), more)
	}
}
