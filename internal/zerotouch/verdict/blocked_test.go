package verdict

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockorder"
	"github.com/concdoctor/concdoctor/internal/zerotouch/naming"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// TestBlocked compares what is listed of the blocked goroutines: the headline, and for each
// group its first line and its facts.
func TestBlocked(t *testing.T) {
	for _, tt := range []struct {
		name  string
		write func(w *world)
		want  string
	}{
		{"done", func(w *world) {
			w.start(2, w.start(1, nil)).wait(w.channel(), tape.Recv, "work")
			w.later(long)
			w.t.End = tape.Exited
		}, ""},
		{"tests that failed", func(w *world) {
			w.test(2, w.start(1, nil), "TestA").wait(w.channel(), tape.Send, "work")
			w.later(long)
			w.t.End, w.t.ExitCode, w.t.EndedBy = tape.Exited, 1, mainID
		}, ""},
		{"a short wait", func(w *world) {
			w.start(2, w.start(1, nil)).wait(w.channel(), tape.Send, "work")
			w.t.End = tape.Killed
		}, ""},
		{"an idle server that is interrupted", func(w *world) {
			jobs := w.channel()
			main := w.start(1, nil)
			w.start(2, main).wait(jobs, tape.Recv, "work")
			w.start(3, main).wait(jobs, tape.Recv, "work")
			main.use(jobs, tape.Send, "give")
			w.later(long)
			w.t.End, w.t.Signal = tape.Signaled, int(syscall.SIGINT)
		}, `
the program was interrupted with 2 goroutines waiting
2 goroutines (2, 3) wait to receive from a channel, the longest for 2 s
  created by bank.Run bank.go:9
  goroutine 1 sent on it at bank.give bank.go:4 and does not wait for another goroutine`},
		{"a test that timed out on a channel that nobody uses", func(w *world) {
			a := w.test(2, w.start(1, nil), "TestA")
			w.test(3, a, "TestA/sub").wait(w.channel(), tape.Recv, "work")
			w.later(long)
			w.t.End, w.t.Limit = tape.TimedOut, 10*time.Second
		}, `
TestA/sub timed out after 10s with 1 goroutine blocked
1 goroutine (3) of TestA/sub waits to receive from a channel for 2 s
  no goroutine has sent on it or closed it`},
		{"a holder that is asleep", func(w *world) {
			mu := w.mutex()
			main := w.start(1, nil)
			main.lock(mu, "open")
			w.start(2, main).blockOn(mu, lockorder.Exclusive, "use")
			w.later(long)
			w.t.End = tape.Panicked
		}, `
the program panicked with 1 goroutine blocked
1 goroutine (2) waits to lock the mutex for 2 s
  created by bank.Run bank.go:9
  goroutine 1 holds it in bank.open bank.go:4 and does not wait for another goroutine`},
		{"a holder that waits", func(w *world) {
			mu, c := w.rw(), w.channel()
			main := w.start(1, nil)
			main.rlock(mu, "open")
			main.wait(c, tape.Recv, "ask")
			w.start(2, main).blockOn(mu, lockorder.Exclusive, "use")
			w.start(3, main).blockOn(mu, lockorder.Shared, "read")
			w.t.Dependencies = nil
			w.later(long)
			w.t.End = tape.Killed
		}, `
the program was killed with 3 goroutines blocked
1 goroutine (1) waits to receive from a channel for 2 s
  holds rwmutex (0xc000000040) for reading, in bank.open bank.go:4
  no goroutine has sent on it or closed it
1 goroutine (2) waits to lock the RWMutex for 2 s
  created by bank.Run bank.go:9
  goroutine 1 holds it for reading in bank.open bank.go:4 and is in [chan receive, 2 s] at bank.ask bank.go:3
1 goroutine (3) waits to read-lock the RWMutex for 2 s
  created by bank.Run bank.go:9
  goroutine 1 holds it for reading in bank.open bank.go:4 and is in [chan receive, 2 s] at bank.ask bank.go:3
  goroutine 2 waits to lock it, which keeps new readers out, at bank.use bank.go:3`},
		{"it runs", func(w *world) {
			main := w.start(1, nil)
			w.start(2, main).wait(w.channel(), tape.Recv, "work")
			w.start(3, main).wait(w.channel(), tape.Send, "answer")
			w.later(long)
			w.start(4, main).wait(w.channel(), tape.Send, "answer")
		}, `
2 goroutines blocked
1 goroutine (3) waits to send on a channel for 2 s
  created by bank.Run bank.go:9
  no goroutine has received from it
1 goroutine (2) waits to receive from a channel for 2 s
  created by bank.Run bank.go:9
  no goroutine has sent on it or closed it`},
		{"it runs, and what waits is idle", func(w *world) {
			w.start(2, w.start(1, nil)).wait(w.channel(), tape.Recv, "work")
			w.later(long)
		}, ""},
		{"each on a channel of its own", func(w *world) {
			main := w.start(1, nil)
			for id := uint64(2); id < 5; id++ {
				c := w.channel()
				main.use(c, tape.Recv, "ask")
				w.start(id, main).wait(c, tape.Send, "answer")
			}
			w.later(long)
			w.t.End, w.t.ExitCode = tape.Exited, 3
		}, `
the program exited with status 3 with 3 goroutines blocked
3 goroutines (2, 3, 4) wait to send on a channel, the longest for 2.01 s
  created by bank.Run bank.go:9`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			tt.write(w)
			s := newScene(&w.t, new(naming.Namer))
			if diff := cmp.Diff(strings.TrimSpace(tt.want), blockedText(s.blocked(nil))); diff != "" {
				t.Errorf("blocked (-want +got):\n%s", diff)
			}
		})
	}
}

func blockedText(p *finding.BlockedProcess) string {
	if p == nil {
		return ""
	}
	lines := []string{p.Headline()}
	for i := range p.Groups {
		lines = append(lines, p.Groups[i].Head())
		for _, fact := range p.Groups[i].Facts() {
			lines = append(lines, "  "+fact)
		}
	}
	return strings.Join(lines, "\n")
}
