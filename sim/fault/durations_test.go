package fault_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/fault"
)

// How long each remedy takes where the scenario says nothing, as the table of docs/rules/faults.md has it.
func TestS1_11_DefaultDurations(t *testing.T) {
	t.Parallel()
	want := map[string]time.Duration{
		"set_time": time.Minute, "resync_time": time.Minute, "fix_time_source": 10 * time.Minute,
		"replicate_now": 2 * time.Minute,
		"restart_os":    8 * time.Minute, "restart_transport": 90 * time.Second,
		"set_connector": time.Minute, "set_link_cost": time.Minute, "set_hub_site": time.Minute, "set_smart_hosts": time.Minute,
		"add_site": time.Minute, "remove_site": time.Minute, "add_server": time.Minute, "remove_server": time.Minute,
		"add_connector": time.Minute, "remove_connector": time.Minute, "move_mailbox": time.Minute,
		"retry_queue": 10 * time.Second, "resubmit_queue": 10 * time.Second, "suspend_queue": 10 * time.Second, "resume_queue": 10 * time.Second,
		"remove_message": 10 * time.Second, "suspend_message": 10 * time.Second, "resume_message": 10 * time.Second,
		"delete_poison": time.Minute, "resume_poison": time.Minute,
		"start_service": 30 * time.Second, "activate_copy": 30 * time.Second,
		"set_delayed_start": time.Minute, "set_dependency": time.Minute,
		"fix_spn": 5 * time.Minute, "unblock_port": 30 * time.Minute, "renew_cert": 10 * time.Minute,
		"restart_client": time.Minute, "reboot_client": 5 * time.Minute,
		"remount_store": 5 * time.Minute, "bypass_agent": 5 * time.Minute, "free_disk": 15 * time.Minute,
		"delete_list": 10 * time.Minute, "reject_at_rcpt": 10 * time.Minute,
	}
	for _, name := range fault.ActionNames() {
		kind, ok := fault.ParseAction(name)
		require.True(t, ok)
		d, ok := want[name]
		require.True(t, ok, "%s is not in the table", name)
		require.Equal(t, d, kind.DefaultDuration(), name)
	}
	require.Equal(t, 5*time.Minute, fault.ControllerStart)
}
