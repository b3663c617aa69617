package inject

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/internal/zerotouch/internal/testgo"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// hangs are the shapes of testdata/hangs and what a tape says of each.
var hangs = map[string]string{
	"nobody": "waits chan in nobody",
	"ring":   "waits chan in ring\nwaits chan in ring.func1\nwaits chan in ring.func2",
	"group":  "waits group in group",
	"cond":   "waits cond in cond",
	"locks": `
asks mutex in locks.func1 under [mutex by locks.func1]
asks mutex in locks.func1 under [mutex by locks.func1]
holds mutex by locks.func1
holds mutex by locks.func1
waits mutex in locks.func1
waits mutex in locks.func1`,
	"mixed": `
asks rw in mixed.func1 under []
holds rw shared by mixed and shares it
waits chan in mixed
waits rw in mixed.func1, started under a lock`,
	"select": "waits select in selects 2 2\nwaits select in selects.func1 1 2",
	"self":   "asks mutex in self under [mutex by self]\nholds mutex by self\nwaits mutex in self",
	"nil":    "nil-channel chan in nilChannel\nwaits chan in nilChannel",
}

// ending is one way in which a process ends, and what the tape says of it.
type ending struct {
	end          tape.End
	code, signal int
	by           bool // a goroutine did
}

var endings = map[string]ending{
	"return":               {end: tape.Exited, by: true},
	"exit":                 {end: tape.Exited, code: 7, by: true},
	"panic":                {end: tape.Panicked, code: 2, by: true},
	"panic of a goroutine": {end: tape.Panicked, code: 2, by: true},
	"panic of a timer":     {end: tape.Panicked, code: 2, by: true},
	"fatal error":          {end: tape.Fatal, code: 2, by: true},
	"out of memory":        {end: tape.Fatal, code: 2, by: true},
	"exec":                 {end: tape.Replaced, by: true},
	"exit call":            {end: tape.Killed},
	"SIGINT":               {end: tape.Signaled, signal: int(syscall.SIGINT)},
	"SIGTERM":              {end: tape.Signaled, signal: int(syscall.SIGTERM)},
	"SIGQUIT":              {end: tape.Signaled, signal: int(syscall.SIGQUIT)},
	"SIGKILL":              {end: tape.Killed},
}

var signals = map[string]syscall.Signal{
	"SIGINT": syscall.SIGINT, "SIGTERM": syscall.SIGTERM, "SIGQUIT": syscall.SIGQUIT, "SIGKILL": syscall.SIGKILL,
}

// TestEnds has each shape end in each way: the tape shows the same waits,
// since when, and which of them are proven lost, as before the end.
func TestEnds(t *testing.T) {
	name := build(t, "hangs", "build")
	for shape, want := range hangs {
		for end, ending := range endings {
			t.Run(shape+" "+end, func(t *testing.T) {
				t.Parallel()
				h := hang(t, name, shape, end)
				h.prove(strings.Count(want, "waits"))
				began := time.Now()
				h.end(end)
				if began = began.Add(-10 * time.Millisecond); ending.end == tape.Killed {
					began = began.Add(-beatSlack)
				}
				h.check(want, ending, began)
			})
		}
	}
}

// beatSlack is how much later than the last heartbeat a process may have been killed, on a
// machine that is busy.
const beatSlack = 4 * tape.BeatLeast

// TestBeat has a process killed after a while that no command watches.
func TestBeat(t *testing.T) {
	h := hang(t, build(t, "hangs", "build"), "nobody", "SIGKILL")
	h.open().Watch() // or it would look
	time.Sleep(2 * beatSlack)
	began := time.Now().Add(-beatSlack)
	h.end("SIGKILL")
	h.check(hangs["nobody"], endings["SIGKILL"], began)
}

// TestUnwatched has processes hang that no command watches, and others that one does or that
// do something.
func TestUnwatched(t *testing.T) {
	name := build(t, "hangs", "build")
	for _, tt := range []struct {
		shape   string
		watched bool
		looks   int
	}{
		{"ring", false, 1},
		{"locks", false, 1},
		{"ring", true, 0},
		{"busy", false, 0},
		{"ticker", false, 0},
	} {
		t.Run(fmt.Sprint(tt.shape, " ", tt.watched), func(t *testing.T) {
			t.Parallel()
			h := hang(t, name, tt.shape, "SIGKILL")
			if tt.watched {
				h.open().Watch()
			}
			time.Sleep(3 * time.Second)
			h.end("SIGKILL")
			got := only(t, h.tapes)
			if got.Looks.Blind != tape.NotRefused {
				t.Skip("the collector cannot tell")
			}
			if got.Looks.Count != tt.looks {
				t.Errorf("%d looks, want %d", got.Looks.Count, tt.looks)
			}
			for _, g := range got.Goroutines {
				if g.Wait != nil && ours(g.Wait.Stack) && g.Leaked != (tt.looks > 0) {
					t.Errorf("goroutine %d is lost: %v", g.ID, g.Leaked)
				}
			}
		})
	}
}

// hanging is a process of testdata/hangs.
type hanging struct {
	*testing.T
	cmd   *exec.Cmd
	tapes string
	in    io.Closer
	lost  bool // the collector was asked, and can answer
}

// hang starts the process and waits until it hangs.
func hang(t *testing.T, name, shape, end string) *hanging {
	t.Helper()
	how := end
	if signals[end] != 0 {
		how = "signal"
	}
	h := &hanging{T: t}
	h.cmd, h.tapes = start(t, name, shape, how)
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if h.in, err = h.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := h.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return h
}

// prove asks which goroutines are lost: all that wait.
func (h *hanging) prove(waits int) {
	h.Helper()
	for range 1000 { // on a busy machine some may not have come so far
		if strings.Count(said(only(h.T, h.tapes)), "waits ") >= waits {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	why := h.ask(h.open(), true) // a busy machine makes it seem busy
	if why != tape.NotRefused && why != tape.Old {
		h.Fatalf("refused for %d", why)
	}
	got := only(h.T, h.tapes)
	lost := 0
	for _, g := range got.Goroutines {
		if g.Leaked && g.Look == 1 {
			lost++
		}
	}
	h.lost = why == tape.NotRefused
	if h.lost && (lost != waits || got.Looks.Count != 1) || !h.lost && got.Looks.Blind != tape.Old {
		h.Errorf("%d of %d are lost, looks %+v", lost, waits, got.Looks)
	}
}

// end ends the process.
func (h *hanging) end(how string) {
	h.Helper()
	if signal := signals[how]; signal != 0 {
		if err := h.cmd.Process.Signal(signal); err != nil {
			h.Fatal(err)
		}
	}
	h.in.Close()
	h.cmd.Wait()
}

// check compares what the tape says with what was, from a time on when all still waited.
func (h *hanging) check(want string, ending ending, began time.Time) {
	h.Helper()
	var got *tape.Tape
	for _, one := range read(h.T, h.tapes) {
		if one.End != tape.Exited || ending.end != tape.Replaced { // then there is one more
			got = one
		}
	}
	if got.End != ending.end || got.ExitCode != ending.code || got.Signal != ending.signal || got.EndedBy != 0 != ending.by {
		h.Errorf("ended by %d with %d, signal %d, by goroutine %d; want %+v", got.End, got.ExitCode, got.Signal, got.EndedBy, ending)
	}
	if said, want := said(got), strings.TrimSpace(want); said != want {
		h.Errorf("said\n%s\nwant\n%s", said, want)
	}
	for _, g := range got.Goroutines {
		if g.Wait == nil || !ours(g.Wait.Stack) {
			continue
		}
		if end := time.Unix(0, got.Start+got.Now-got.StartMono); end.Before(began) || end.After(time.Now()) {
			h.Errorf("it ended at %v, want later than %v", end, began)
		}
		if g.Leaked != h.lost {
			h.Errorf("goroutine %d is lost: %v", g.ID, g.Leaked)
		}
	}
}

// TestTimedOut has the alarm of package testing end each shape, which asks by itself.
func TestTimedOut(t *testing.T) {
	name := build(t, "hangs", "test", "-c")
	for shape, want := range hangs {
		t.Run(shape, func(t *testing.T) {
			t.Parallel()
			h := &hanging{T: t}
			h.cmd, h.tapes = start(t, name, "-test.timeout=300ms")
			h.cmd.Env = append(h.cmd.Env, "SHAPE="+shape)
			out, err := h.cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "panic: test timed out after 300ms\n\trunning tests:\n\t\tTestHang") || strings.Contains(string(out), "(leaked)") {
				t.Fatalf("%v\n%s", err, out)
			}
			got := only(t, h.tapes)
			h.lost = got.Looks.Blind == tape.NotRefused
			h.check(want, ending{end: tape.TimedOut, code: 2, by: true}, time.Unix(0, got.Start).Add(300*time.Millisecond))
			if got.Limit != 300*time.Millisecond || h.lost != (got.Looks.Count == 1) {
				t.Errorf("the limit is %v, looks %+v", got.Limit, got.Looks)
			}
			running := slices.ContainsFunc(got.Tests, func(t tape.Test) bool { return t.Name == "TestHang" && t.End == 0 })
			if len(got.Tests) != 1 || !running {
				t.Errorf("tests %+v, want TestHang, which runs", got.Tests)
			}
			for _, g := range got.Goroutines {
				if g.ID == got.EndedBy && !g.System {
					t.Errorf("goroutine %d, which ended the process, is not the alarm", g.ID)
				}
			}
		})
	}
}

// TestRefused holds that a process does not look where it must not.
func TestRefused(t *testing.T) {
	program := build(t, "hangs", "build")
	for _, tt := range []struct {
		what, shape, env string
		asks             []bool // whether the reader insists
		want             []tape.Refusal
	}{
		{"the collector is off", "ring", "GOGC=off", []bool{true}, []tape.Refusal{tape.Off}},
		{"goroutines cannot be stopped", "ring", "GODEBUG=asyncpreemptoff=1", []bool{true}, []tape.Refusal{tape.Cannot}},
		{"the program computes", "busy", "GOGC=100", []bool{false, true}, []tape.Refusal{tape.Busy, tape.NotRefused}},
		{"one after the other", "ring", "GOGC=100", []bool{false, false}, []tape.Refusal{tape.NotRefused, tape.Soon}},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Setenv("GOGC", "100")
			name, value, _ := strings.Cut(tt.env, "=")
			t.Setenv(name, value)
			h := hang(t, program, tt.shape, "SIGKILL")
			f := h.open()
			for i, insist := range tt.asks {
				if why := h.ask(f, insist); why != tt.want[i] && why != tape.Old {
					t.Errorf("request %d was answered with %d, want %d", i, why, tt.want[i])
				}
			}
			h.end("SIGKILL")
		})
	}
}

// open opens the tape, which is the only one.
func (h *hanging) open() *tape.File {
	h.Helper()
	f, err := testgo.OpenTape(h.tapes)
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { f.Close() })
	return f
}

// ask asks which goroutines are lost.
func (h *hanging) ask(f *tape.File, insist bool) tape.Refusal {
	h.Helper()
	if err := f.Ask(insist); err != nil {
		h.Fatal(err)
	}
	why, answered := f.AwaitAnswer(20 * time.Second)
	if !answered {
		h.Fatal("no answer")
	}
	return why
}
