package loop_test

import (
	"slices"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/passes/loop"
	"github.com/concdoctor/concdoctor/internal/trace/passtest"
)

func TestMain(m *testing.M) {
	programs := make(map[string]func(), len(truth))
	for name, tt := range truth {
		programs[name] = tt.run
	}
	passtest.Main(m, programs)
}

// blocked describes the finding of a loop whose home is in one function, where
// another keeps it, and senders wait in a third ("" if they do not).
func blocked(head, verb, at, home, waits string) []string {
	text := "loop-blocked " + head + " loop; " + verb + " here " + at + "; home wait " + home
	if waits != "" {
		text += "; waits for the loop " + waits
	}
	return []string{text}
}

// truth is the programs with what must be found.
var truth = map[string]struct {
	run  func()
	want []string
}{
	"sleep":         {func() { selectLoop(0, handleSleep) }, blocked("potential warning", "blocks", "handleSleep", "selectLoop", "feed")},
	"sleep, queued": {func() { selectLoop(events, handleSleep) }, blocked("potential warning", "blocks", "handleSleep", "selectLoop", "")},
	"mutex":         {func() { selectLoop(0, handleMutex) }, blocked("potential warning", "blocks", "handleMutex", "selectLoop", "feed")},
	"network":       {func() { selectLoop(0, handleNetwork) }, blocked("potential warning", "blocks", "handleNetwork", "selectLoop", "feed")},
	"system call":   {func() { selectLoop(0, handleSyscall) }, blocked("potential warning", "blocks", "handleSyscall", "selectLoop", "feed")},
	"call":          {func() { selectLoop(0, handleCall) }, blocked("potential warning", "blocks", "handleCall", "selectLoop", "feed")},
	"wait group":    {func() { selectLoop(0, handleGroup) }, blocked("potential warning", "blocks", "handleGroup", "selectLoop", "feed")},
	"compute":       {func() { selectLoop(0, handleCompute) }, blocked("potential warning", "computes", "handleCompute", "selectLoop", "feed")},
	"range":         {rangeLoop, blocked("potential warning", "blocks", "handleSleep", "rangeLoop", "")},
	"long":          {longLoop, blocked("suspected error", "blocks", "longLoop", "longLoop", "feed")},
	"cond":          {condLoop, blocked("potential warning", "blocks", "handleSleep", "condLoop", "")},
	"packets":       {packetLoop, blocked("suspected warning", "blocks", "handleSleep", "packetLoop", "")},
	"saturated":     {saturatedLoop, blocked("potential warning", "blocks", "handleSleep", "saturatedLoop", "saturatedLoop.func")},

	"pipeline":    {pipeline, blocked("potential warning", "blocks", "handleSleep", "lastStage", "pass")},
	"cancellable": {cancellable, blocked("potential warning", "blocks", "handleSleep", "lastStage", "passOrQuit")},

	"offloaded":    {run: offloaded},
	"workers":      {run: workers},
	"batch worker": {run: batchWorker},
	"pacing":       {run: pacing},
	"periodic":     {run: periodic},
	"quick":        {run: quick},
	"idle":         {run: idle},
	"server":       {run: server},
}

func TestLoops(t *testing.T) {
	for name, tt := range truth {
		t.Run(name, func(t *testing.T) {
			p := passtest.Program{Name: name}
			if name == "compute" {
				p.Even = evenCompute
			}
			passtest.Settle(t, p, tt.want, loop.New)
		})
	}
}

func evenCompute(found []finding.Finding) {
	for i := range found {
		f := &found[i]
		f.Severity = finding.Warning // on a busy machine it takes longer than it computes
		// Preempted on its way into a leaf such as time.Now, a stack lacks the caller.
		f.Places = slices.DeleteFunc(f.Places, func(p finding.Place) bool {
			return p.Role == "computes here" && p.Stack.User().ShortFunc() == "loop_test.selectLoop"
		})
	}
}
