package dir

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/result"
	"mailsim/sim/simtime"
)

// queueColumns and messageColumns are those of 2013 and later, as a server prints them.
const (
	queueColumns = "RunspaceId,DeliveryType,NextHopDomain,TlsDomain,NextHopConnector,Status,MessageCount,LastError,RetryCount,LastRetryTime,NextRetryTime,FirstRetryTime," +
		"DeferredMessageCount,LockedMessageCount,MessageCountsPerPriority,DeferredMessageCountsPerPriority,RiskLevel,OutboundIPPool,NextHopCategory," +
		"IncomingRate,OutgoingRate,Velocity,OverrideSource,QueueIdentity,PriorityDescriptions,Identity,IsValid,ObjectState"
	messageColumns = "Identity,Queue,FromAddress,Status,Size,MessageSourceName,Subject,InternetMessageId,SCL,DateReceived,ExpirationTime,LastError,RetryCount,SourceIP," +
		"Recipients,Priority,DeferReason,MessageLatency,Directionality,OriginalFromAddress"
)

// snapshotOf is a snapshot with a queue and a message for each generation of servers.
func snapshotOf(at simtime.Time, generations ...result.Generation) result.Snapshot {
	const second = simtime.Time(time.Second)
	s := result.Snapshot{Time: at, Start: time.Date(2026, 3, 2, 23, 59, 0, 0, time.FixedZone("JST", 9*3600))}
	for _, g := range generations {
		s.Columns = max(s.Columns, g)
		s.Queues = append(s.Queues, result.Queue{
			Generation: g, Identity: `s\1`, DeliveryType: "SmtpRelayToRemoteAdSite", NextHopDomain: "B", NextHopConnector: "c", Status: "Retry", MessageCount: 3,
			LastError: `said: "no", twice`, Retry: &result.Retry{Count: 2, First: second, Last: 2 * second, Next: 62 * second}, Deferred: 1,
			ByPriority: result.Priorities{High: 1, Normal: 2}, DeferredBy: result.Priorities{High: 1}, External: true, Incoming: 1, Outgoing: 0.15,
		})
		s.Messages = append(s.Messages, result.Message{
			Generation: g, Identity: `s\1\7`, Queue: `s\1`, From: "mailbox:m", Status: "Retry", Size: 1025, Source: "FromLocal", ID: "<7@m>",
			Received: second, Expires: 3600 * second, SourceIP: "10.0.0.1", Recipients: "mailbox:x (2); domain:y.example", Priority: "High", LastError: "450 later", Retries: 2, Deferral: "TransientFailure",
			Age: 26*time.Hour + 3*time.Minute + 4*time.Second + 5*time.Microsecond,
		})
	}
	return s
}

// cells reads one row of a listing by column.
func cells(t *testing.T, data []byte, row int) map[string]string {
	t.Helper()
	all, err := csv.NewReader(strings.NewReader(string(data))).ReadAll()
	require.NoError(t, err)
	out := map[string]string{}
	for i, name := range all[0] {
		out[name] = all[row+1][i]
	}
	return out
}

// The columns are those of the shell, letter by letter, and the cells are written as it writes them.
func TestColumnsOfAListing(t *testing.T) {
	t.Parallel()
	s := snapshotOf(0, result.Columns2013)
	queues, err := queueTable(&s)
	require.NoError(t, err)
	head, _, _ := strings.Cut(string(queues), "\n")
	require.Equal(t, queueColumns, head)
	q := cells(t, queues, 0)
	for column, want := range map[string]string{
		"Identity": `s\1`, "QueueIdentity": `s\1`, "LastError": `said: "no", twice`, "RetryCount": "2", "FirstRetryTime": "2026/03/02 23:59:01",
		"LastRetryTime": "2026/03/02 23:59:02", "NextRetryTime": "2026/03/03 00:00:02", "MessageCountsPerPriority": "{1, 2, 0, 0}",
		"DeferredMessageCountsPerPriority": "{1, 0, 0, 0}", "PriorityDescriptions": "{High, Normal, Low, None}", "NextHopCategory": "External",
		"IncomingRate": "1", "OutgoingRate": "0.15", "Velocity": "-0.85", "DeferredMessageCount": "1", "LockedMessageCount": "0", "RiskLevel": "Normal",
	} {
		require.Equal(t, want, q[column], column)
	}
	messages, err := messageTable(&s)
	require.NoError(t, err)
	head, _, _ = strings.Cut(string(messages), "\n")
	require.Equal(t, messageColumns, head)
	m := cells(t, messages, 0)
	for column, want := range map[string]string{
		"Size": "2 KB", "DateReceived": "2026/03/02 23:59:01", "ExpirationTime": "2026/03/03 00:59:00", "Recipients": "{mailbox:x (2); domain:y.example}",
		"MessageLatency": "1.02:03:04.0000050", "DeferReason": "TransientFailure", "Directionality": "Originating", "RetryCount": "2", "LastError": "450 later", "Priority": "High",
	} {
		require.Equal(t, want, m[column], column)
	}
}

// A digest has a row for each next hop, and what its queues have together; what they do not agree on is left out.
func TestQ2_7_ColumnsOfADigest(t *testing.T) {
	t.Parallel()
	s := snapshotOf(0, result.Columns2013)
	q := s.Queues[0]
	other := q
	other.Identity, other.MessageCount, other.Deferred, other.Status, other.Incoming, other.Outgoing = `t\4`, 12, 0, "Ready", 0, 2
	s.Digest = []result.Digest{{NextHopDomain: "B", Queues: []result.Queue{q, other}}, {NextHopDomain: "C", Queues: []result.Queue{other}}}
	data, err := digestTable(&s)
	require.NoError(t, err)
	head, _, _ := strings.Cut(string(data), "\n")
	require.Equal(t, "GroupByValue,MessageCount,DeferredMessageCount,LockedMessageCount,IncomingRate,OutgoingRate,Velocity,NextHopDomain,NextHopCategory,NextHopConnector,"+
		"DeliveryType,Status,RiskLevel,OutboundIPPool,LastError,TlsDomain,Details", head)
	for column, want := range map[string]string{
		"GroupByValue": "B", "MessageCount": "15", "DeferredMessageCount": "1", "LockedMessageCount": "0", "IncomingRate": "1", "OutgoingRate": "2.15", "Velocity": "1.15",
		"NextHopDomain": "B", "NextHopCategory": "External", "NextHopConnector": "c", "DeliveryType": "SmtpRelayToRemoteAdSite", "Status": "", "LastError": `said: "no", twice`,
		"Details": `{s\1: 3, t\4: 12}`,
	} {
		require.Equal(t, want, cells(t, data, 0)[column], column)
	}
	require.Equal(t, "Ready", cells(t, data, 1)["Status"])
}

// Old shells have fewer columns, in the same order; beside a newer server an older one leaves the rest empty.
func TestColumnsByVersion(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		of   result.Generation
		want string
	}{
		{result.Columns2007, "DeliveryType,NextHopDomain,NextHopConnector,Status,MessageCount,LastError,LastRetryTime,NextRetryTime,Identity,IsValid,ObjectState"},
		{result.Columns2010, "RunspaceId,DeliveryType,NextHopDomain,TlsDomain,NextHopConnector,Status,MessageCount,LastError,LastRetryTime,NextRetryTime," +
			"DeferredMessageCount,QueueIdentity,Identity,IsValid,ObjectState"},
	} {
		s := snapshotOf(0, c.of)
		queues, err := queueTable(&s)
		require.NoError(t, err)
		head, _, _ := strings.Cut(string(queues), "\n")
		require.Equal(t, c.want, head)
		for name := range strings.SplitSeq(head, ",") {
			require.Contains(t, strings.Split(queueColumns, ","), name)
		}
		messages, err := messageTable(&s)
		require.NoError(t, err)
		head, _, _ = strings.Cut(string(messages), "\n")
		require.True(t, strings.HasPrefix(messageColumns, head+",Priority,"), head)
	}
	mixed := snapshotOf(0, result.Columns2007, result.Columns2013)
	queues, err := queueTable(&mixed)
	require.NoError(t, err)
	require.Empty(t, cells(t, queues, 0)["IncomingRate"])
	require.Equal(t, "B", cells(t, queues, 0)["NextHopDomain"])
	require.Equal(t, "1", cells(t, queues, 1)["IncomingRate"])
}

// The short table is what a shell prints of itself, with fewer columns up to 2010.
func TestShortTable(t *testing.T) {
	t.Parallel()
	s := snapshotOf(0, result.Columns2010)
	require.Equal(t, "Identity DeliveryType            Status MessageCount NextHopDomain\n"+
		"-------- ------------            ------ ------------ -------------\n"+
		`s\1      SmtpRelayToRemoteAdSite Retry             3 B`+"\n", string(shortTable(&s)))
	s = snapshotOf(0, result.Columns2007, result.Columns2013)
	require.Equal(t, "Identity DeliveryType            Status MessageCount Velocity RiskLevel OutboundIPPool NextHopDomain\n"+
		"-------- ------------            ------ ------------ -------- --------- -------------- -------------\n"+
		`s\1      SmtpRelayToRemoteAdSite Retry             3                                   B`+"\n"+
		`s\1      SmtpRelayToRemoteAdSite Retry             3    -0.85 Normal                 0 B`+"\n", string(shortTable(&s)))
}

// snapshots lists the files of snapshots in a folder.
func snapshots(t *testing.T, folder string) []string {
	var names []string
	for name := range contents(t, folder) {
		if strings.HasPrefix(name, "snapshots/") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestSnapshotsBelongToTheirResult(t *testing.T) {
	t.Parallel()
	runs, study := small()
	folder := t.TempDir()
	first, second := snapshotOf(90e9, result.Columns2010), snapshotOf(3600e9, result.Columns2010)
	second.Notes = []string{"s: 7 more messages."}
	runs[0].Snapshots = []result.Snapshot{first, second}
	write(t, folder, runs, study, "")
	require.Equal(t, []string{
		"snapshots/0-r0/1h0m0s/connectors.csv", "snapshots/0-r0/1h0m0s/digest.csv", "snapshots/0-r0/1h0m0s/messages.csv", "snapshots/0-r0/1h0m0s/notes.txt", "snapshots/0-r0/1h0m0s/queues.csv", "snapshots/0-r0/1h0m0s/queues.txt",
		"snapshots/0-r0/1m30s/connectors.csv", "snapshots/0-r0/1m30s/digest.csv", "snapshots/0-r0/1m30s/messages.csv", "snapshots/0-r0/1m30s/queues.csv", "snapshots/0-r0/1m30s/queues.txt",
	}, snapshots(t, folder))
	require.Equal(t, "s: 7 more messages.\n", contents(t, folder)["snapshots/0-r0/1h0m0s/notes.txt"])
	got, err := Read(folder)
	require.NoError(t, err)
	require.Len(t, got.File.Files, 6+11, "each has its sum")

	writeFile(t, folder, "snapshots/0-r0/1m30s/mine.txt", "mine")
	runs[0].Snapshots = []result.Snapshot{first}
	write(t, folder, runs, study, "")
	require.Equal(t, []string{"snapshots/0-r0/1m30s/connectors.csv", "snapshots/0-r0/1m30s/digest.csv", "snapshots/0-r0/1m30s/messages.csv", "snapshots/0-r0/1m30s/mine.txt", "snapshots/0-r0/1m30s/queues.csv", "snapshots/0-r0/1m30s/queues.txt"},
		snapshots(t, folder))
	require.NoDirExists(t, filepath.Join(folder, "snapshots/0-r0/1h0m0s"))
	require.NoError(t, os.Remove(filepath.Join(folder, "snapshots/0-r0/1m30s/mine.txt")))
	runs[0].Snapshots = nil
	write(t, folder, runs, study, "")
	require.NoDirExists(t, filepath.Join(folder, "snapshots"))
}

// A crash while the files move leaves the snapshots of the new result alone once the next writer has come.
func TestCrashWhileSnapshotsMove(t *testing.T) {
	t.Parallel()
	runs, study := small()
	made := func(at ...simtime.Time) string {
		folder := t.TempDir()
		runs[0].Snapshots = nil
		for _, x := range at {
			runs[0].Snapshots = append(runs[0].Snapshots, snapshotOf(x, result.Columns2013))
		}
		write(t, folder, runs, study, "")
		return folder
	}
	want := snapshots(t, made(2e9, 3e9))
	require.Len(t, want, 10)
	for moved := range 17 {
		folder, next := made(1e9, 2e9), made(2e9, 3e9)
		require.NoError(t, os.CopyFS(filepath.Join(folder, committed), os.DirFS(next)))
		var names []string
		for name := range contents(t, next) {
			names = append(names, name)
		}
		slices.Sort(names)
		require.Len(t, names, 17)
		for _, name := range names[:moved] { // in place already; result.json goes early, as its name wants it
			require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o777))
			require.NoError(t, os.Rename(filepath.Join(folder, committed, name), filepath.Join(folder, name)))
		}
		w, err := NewWriter(folder, false)
		require.NoError(t, err, "%d files moved", moved)
		w.Abort()
		require.Equal(t, want, snapshots(t, folder), "%d files moved", moved)
		require.NoDirExists(t, filepath.Join(folder, committed))
	}
}
