package symbol

import (
	"strings"

	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// waits maps the functions in which goroutines park to what they wait for. Names
// are those of Go 1.22 to 1.26.
var waits = map[string]stream.Reason{
	"sync.(*Mutex).Lock":              stream.Mutex,
	"sync.(*Mutex).lockSlow":          stream.Mutex,
	"internal/sync.(*Mutex).Lock":     stream.Mutex,
	"internal/sync.(*Mutex).lockSlow": stream.Mutex,
	"sync.(*RWMutex).Lock":            stream.RWWrite,
	"sync.(*RWMutex).RLock":           stream.RWRead,
	"sync.(*Once).doSlow":             stream.Once,
	"sync.(*WaitGroup).Wait":          stream.WaitGroup,
	"sync.(*Cond).Wait":               stream.Cond,
	"sync.runtime_notifyListWait":     stream.Cond,
	"runtime.notifyListWait":          stream.Cond,
	"internal/poll.(*fdMutex).rwlock": stream.SyncLock,
	"runtime.chansend":                stream.ChanSend,
	"runtime.chansend1":               stream.ChanSend,
	"runtime.chanrecv":                stream.ChanRecv,
	"runtime.chanrecv1":               stream.ChanRecv,
	"runtime.chanrecv2":               stream.ChanRecv,
	"runtime.selectgo":                stream.Select,
	"runtime.block":                   stream.Forever,
	"runtime.netpollblock":            stream.Network,
	"internal/poll.runtime_pollWait":  stream.Network,
	"time.Sleep":                      stream.Sleep,
	"runtime.timeSleep":               stream.Sleep,
	"runtime.gcAssistAlloc":           stream.Collector,
	"runtime.GC":                      stream.Collector,
	"runtime.synctestWait":            stream.Synctest,
	"runtime.synctestRun":             stream.Synctest,
	"runtime.bgsweep":                 stream.System,
	"runtime.bgscavenge":              stream.System,
	"runtime.forcegchelper":           stream.System,
	"runtime.gcBgMarkWorker":          stream.System,
	"runtime.runFinalizers":           stream.System,
	"runtime.runfinq":                 stream.System,
	"runtime.updateMaxProcsGoroutine": stream.System,
	"runtime.ReadTrace":               stream.System,
}

// classify finds what a stack waits for by its leaf frames, as far as they belong
// to the machinery: the trace itself says "sync" for every kind of semaphore, and
// nothing at all for a goroutine that was blocked before the trace.
//
// The outermost match counts, since RWMutex and Once are built on Mutex, with one
// exception: Cond.Wait takes its mutex again, and that is a wait for a mutex.
func (t *Table) classify(frames []stream.FrameID) stream.Reason {
	reason := stream.NoReason
	semaphore := false
	for _, id := range frames {
		f := &t.table[id]
		if !f.Machinery {
			break
		}
		r := waits[f.Func]
		switch {
		case r == stream.Cond && reason.IsLock():
			return reason
		case r != stream.NoReason:
			reason = r
		case reason == stream.Mutex && isInside(f.Func):
			return stream.SyncLock
		}
		semaphore = semaphore || strings.Contains(strings.ToLower(f.Func), "semacquire")
	}
	switch {
	case reason != stream.NoReason:
		return reason
	case semaphore:
		return stream.SyncOther
	}
	return stream.Unknown
}

// isInside reports whether a caller of Mutex.Lock within the machinery holds the
// mutex for its own purposes, as sync.Pool and sync.Map do.
func isInside(name string) bool {
	return !strings.Contains(name, "Mutex") && !strings.Contains(name, "rlocker") && !strings.Contains(name, "Once")
}

// stops maps the trace's words for why a goroutine stopped to reasons; those that
// the stack explains better are [stream.NoReason].
var stops = map[string]stream.Reason{
	"":                             stream.NoReason,
	"sync":                         stream.NoReason,
	"unspecified":                  stream.NoReason,
	"network":                      stream.Network,
	"select":                       stream.Select,
	"chan receive":                 stream.ChanRecv,
	"chan send":                    stream.ChanSend,
	"sleep":                        stream.Sleep,
	"preempted":                    stream.Preempted,
	"runtime.Gosched":              stream.Yielded,
	"sync.(*Cond).Wait":            stream.Cond,
	"forever":                      stream.Forever,
	"system goroutine wait":        stream.System,
	"synctest":                     stream.Synctest,
	"wait for debug call":          stream.Debugger,
	"GC mark assist wait for work": stream.Collector,
	"GC background sweeper wait":   stream.Collector,
	"wait until GC ends":           stream.Collector,
	"GC weak to strong wait":       stream.Collector,
}

// Stop translates the trace's word for why a goroutine stopped running. It returns
// [stream.NoReason] for a word that says little: then the stack decides, as
// [Table.Waits] has it.
func Stop(text string) stream.Reason {
	reason, ok := stops[text]
	if !ok {
		return stream.Unknown
	}
	return reason
}
