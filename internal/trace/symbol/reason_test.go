package symbol

import (
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// TestClassify gives stacks as Go 1.22 to 1.26 write them, innermost call first:
// those of a block event, which leave the runtime's frames out, and those of a
// goroutine blocked before the trace, which have them.
func TestClassify(t *testing.T) {
	for _, tt := range []struct {
		name  string
		want  stream.Reason
		funcs []string
	}{
		{"mutex", stream.Mutex, []string{"sync.(*Mutex).Lock", "main.f"}},
		{"mutex before 1.24", stream.Mutex, []string{"sync.(*Mutex).lockSlow", "sync.(*Mutex).Lock", "main.f"}},
		{"mutex seen late", stream.Mutex, []string{"runtime.gopark", "runtime.goparkunlock", "runtime.semacquire1",
			"internal/sync.runtime_SemacquireMutex", "internal/sync.(*Mutex).lockSlow", "internal/sync.(*Mutex).Lock", "sync.(*Mutex).Lock", "main.f"}},
		{"writer behind a writer", stream.RWWrite, []string{"sync.(*Mutex).Lock", "sync.(*RWMutex).Lock", "main.f"}},
		{"writer behind readers", stream.RWWrite, []string{"sync.(*RWMutex).Lock", "main.f"}},
		{"reader", stream.RWRead, []string{"sync.(*RWMutex).RLock", "main.f"}},
		{"reader by its Locker", stream.RWRead, []string{"sync.(*RWMutex).RLock", "sync.(*rlocker).Lock", "main.f"}},
		{"once", stream.Once, []string{"sync.(*Mutex).Lock", "sync.(*Once).doSlow", "sync.(*Once).Do", "main.f"}},
		{"once value", stream.Once, []string{"sync.(*Mutex).Lock", "sync.(*Once).doSlow", "sync.(*Once).Do", "sync.OnceValue[go.shape.int].func2", "main.f"}},
		{"cond", stream.Cond, []string{"sync.(*Cond).Wait", "main.f"}},
		{"cond takes its mutex again", stream.Mutex, []string{"sync.(*Mutex).Lock", "sync.(*Cond).Wait", "main.f"}},
		{"cond takes its RW mutex again", stream.RWWrite, []string{"sync.(*RWMutex).Lock", "sync.(*Cond).Wait", "main.f"}},
		{"pool", stream.SyncLock, []string{"sync.(*Mutex).Lock", "sync.(*Pool).pinSlow", "sync.(*Pool).Get", "main.f"}},
		{"map", stream.SyncLock, []string{"sync.(*Mutex).Lock", "internal/sync.(*HashTrieMap[go.shape.int,go.shape.int]).Store", "sync.(*Map).Store", "main.f"}},
		{"file descriptor", stream.SyncLock, []string{"internal/poll.runtime_Semacquire", "internal/poll.(*fdMutex).rwlock", "internal/poll.(*FD).Write", "os.(*File).Write", "main.f"}},
		{"wait group", stream.WaitGroup, []string{"sync.(*WaitGroup).Wait", "main.f"}},
		{"user's own function of that name", stream.Unknown, []string{"main.(*Mutex).Lock", "main.f"}},
		{"a mutex below a channel", stream.ChanRecv, []string{"runtime.gopark", "runtime.chanrecv", "runtime.chanrecv1", "main.(*Mutex).Lock"}},
		{"unknown semaphore", stream.SyncOther, []string{"sync.runtime_Semacquire", "main.f"}},
		{"sleep", stream.Sleep, []string{"runtime.gopark", "time.Sleep", "main.f"}},
		{"network", stream.Network, []string{"runtime.gopark", "runtime.netpollblock", "internal/poll.runtime_pollWait", "internal/poll.(*pollDesc).wait", "net.(*conn).Read"}},
		{"runtime", stream.System, []string{"runtime.gopark", "runtime.bgsweep"}},
		{"nothing known", stream.Unknown, nil},
	} {
		table := NewTable()
		var ids []stream.FrameID
		for _, name := range tt.funcs {
			ids = append(ids, stream.FrameID(len(table.table)))
			table.table = append(table.table, stream.NewFrame(finding.Frame{Func: name}))
		}
		if got := table.classify(ids); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
