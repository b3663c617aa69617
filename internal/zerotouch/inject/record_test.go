package inject

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/internal/lockorder"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

var kinds = map[tape.Kind]string{tape.Mutex: "mutex", tape.RWMutex: "rw", tape.Chan: "chan", tape.Select: "select", tape.WaitGroup: "group", tape.Cond: "cond"}

func mode(m lockorder.Mode) string {
	if m == lockorder.Shared {
		return " shared"
	}
	return ""
}

// said puts what a tape records of the program's own code into lines, sorted.
func said(t *tape.Tape) string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for _, d := range t.Dependencies {
		if !ours(d.Stack) {
			continue
		}
		var held []string
		for _, h := range d.Held {
			held = append(held, kinds[h.Kind]+mode(h.Mode)+" by "+top(h.Stack))
		}
		try := ""
		if d.Try {
			try = " try"
		}
		add("asks %s%s%s in %s under [%s]", kinds[d.Lock.Kind], mode(d.Mode), try, top(d.Stack), strings.Join(held, ", "))
	}
	for _, m := range t.Misuses {
		other := ""
		if len(m.Other) > 0 {
			other = ", other " + top(m.Other)
		}
		add("%s %s in %s%s", m.Rule, kinds[m.Object.Kind], top(m.Stack), other)
	}
	for _, g := range t.Goroutines {
		for _, h := range g.Held {
			if ours(h.Stack) {
				shared := ""
				if h.Shared {
					shared = " and shares it"
				}
				add("holds %s%s by %s%s", kinds[h.Kind], mode(h.Mode), top(h.Stack), shared)
			}
		}
		if g.MoreHeld > 0 {
			add("holds %d more", g.MoreHeld)
		}
		if g.Wait != nil && ours(g.Wait.Stack) {
			woken := ""
			if g.Wait.Woken {
				woken = " woken"
			}
			under := ""
			if g.Under {
				under = ", started under a lock"
			}
			add("waits %s%s%s in %s%s%s", kinds[g.Wait.Kind], mode(g.Wait.Mode), woken, top(g.Wait.Stack), cases(g.Wait), under)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func cases(w *tape.Wait) string {
	if w.Kind != tape.Select {
		return ""
	}
	var sides []string
	for _, c := range w.Cases {
		side := fmt.Sprintf(" %d", c.Side)
		if c.Timer {
			side += "t"
		}
		sides = append(sides, side)
	}
	slices.Sort(sides)
	text := strings.Join(sides, "")
	if w.MoreCases {
		text += " more"
	}
	return text
}

// TestScenes compares all that a tape says of a program's own code with what it does:
// nothing may be missing and nothing too much.
func TestScenes(t *testing.T) {
	tests := []struct {
		scene, want string
		end         tape.End
	}{
		{"main", "", tape.Exited},
		{"inversion", `
asks mutex in inversion.func1 under [mutex by inversion.func1]
asks mutex try in inversion.func2 under [mutex by inversion.func2]`, tape.Exited},
		{"asleep", `
asks mutex in asleep under [mutex by asleep]
asks mutex in asleep.func1 under [mutex by asleep.func1]
holds mutex by asleep
holds mutex by asleep.func1
waits mutex in asleep
waits mutex in asleep.func1`, tape.Asleep},
		{"hold", `
asks mutex in hold under [mutex by hold, rw shared by hold]
asks rw shared in hold under [mutex by hold]
holds mutex by hold
holds rw shared by hold`, tape.Exited},
		{"modes", `
asks rw in modes under []
holds rw by modes and shares it`, tape.Exited},
		{"recursion", `
asks mutex in recursion.func1 under [mutex by recursion.func1]
holds mutex by recursion.func1
waits mutex in recursion.func1`, tape.Exited},
		{"handover", `
asks mutex in handover under [mutex by handover]
foreign-unlock mutex in await.func1, other handover
holds mutex by handover
holds mutex by handover`, tape.Exited},
		{"shares", `
asks mutex in shares under [mutex by shares]
holds mutex by shares
holds mutex by shares and shares it
waits chan in shares.func1
waits chan in shares.func2, started under a lock`, tape.Exited},
		{"gave", `
asks mutex in gave under [mutex by gave]
asks rw in gave under [mutex by gave]
foreign-unlock mutex in await.func1, other gave
holds mutex by gave and shares it
holds rw by gave`, tape.Exited},
		{"gaveMany", `
foreign-unlock mutex in await.func1, other gaveMany
holds mutex by gaveMany.func1
waits select in gaveMany.func1, started under a lock`, tape.Exited},
		{"left", `
abandoned-lock mutex in leave.func1, other leave.func1
foreign-unlock mutex in leave`, tape.Exited},
		{"gaveRead", `
asks mutex in gaveRead under [mutex by gaveRead]
foreign-unlock rw in await.func1, other gaveRead
holds mutex by gaveRead
holds mutex by gaveRead`, tape.Exited},
		{"abandoned", `
abandoned-lock mutex in abandoned.func1, other abandoned.func1
abandoned-lock rw in abandoned.func1, other abandoned.func1
asks rw shared in abandoned.func1 under [mutex by abandoned.func1]`, tape.Exited},
		{"released", "", tape.Exited},
		{"sendClosed", "send-on-closed chan in sendClosed, other closeIt", tape.Exited},
		{"doubleClose", "double-close chan in doubleClose, other closeIt", tape.Exited},
		{"closedOnce", "", tape.Exited},
		{"nilChannel", `
nil-channel chan in receive
waits chan in receive`, tape.Exited},
		{"negative", "waitgroup-misuse group in negative", tape.Exited},
		{"waits", `
asks mutex in waits.func6 under [mutex by waits.func6]
holds mutex by waits.func6
waits chan in waits.func1
waits chan in waits.func2
waits cond in waits.func5
waits mutex in waits.func6
waits select in waits.func3 1 2 2t
waits select in waits.func4 2 2 2 2 2 2 2 2 more
waits select in waits.func7`, tape.Exited},
		{"signals", `
asks mutex in signals under [mutex by signals]
asks rw in signals under []
asks rw in signals.func1 under []
asks rw in signals.func1 under []
signal-without-lock cond in signals, other signals.func1`, tape.Exited},
		{"robbed", `
holds mutex by robbed
waits mutex woken in robbed.func1, started under a lock`, tape.Exited},
		{"panic", "", tape.Panicked},
		{"exit", "", tape.Exited},
	}
	for _, tt := range tests {
		t.Run(tt.scene, func(t *testing.T) {
			got := play(t, tt.scene)
			if said, want := said(got), strings.TrimSpace(tt.want); said != want {
				t.Errorf("said\n%s\nwant\n%s", said, want)
			}
			if got.End != tt.end || tt.scene == "exit" && got.ExitCode != 7 {
				t.Errorf("end %d with %d", got.End, got.ExitCode)
			}
			if got.Dropped != 0 || got.Unseen != 0 {
				t.Errorf("dropped %d, unseen %d", got.Dropped, got.Unseen)
			}
		})
	}
}

// TestKilled reads the tape of a process that runs, and again after SIGKILL.
func TestKilled(t *testing.T) {
	cmd, tapes := start(t, program(t), "run")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	want := "asks mutex in run under [mutex by run]\nholds mutex by run\nholds mutex by run"
	check := func(end tape.End) {
		t.Helper()
		got := only(t, tapes)
		if said := said(got); said != want {
			t.Errorf("said\n%s\nwant\n%s", said, want)
		}
		if got.End != end || got.PID != cmd.Process.Pid || got.Executable != program(t) {
			t.Errorf("end %d, pid %d, %s", got.End, got.PID, got.Executable)
		}
	}
	check(tape.Running)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	check(tape.Killed)
}

// TestReuse holds the ids against the addresses: locks whose memory is that of others
// before are others.
func TestReuse(t *testing.T) {
	got := play(t, "reuse")
	byID, byAddr := make(map[[2]uint64]bool), make(map[[2]uint64]bool)
	ids, addrs := 0, 0
	for _, d := range got.Dependencies {
		if !ours(d.Stack) || len(d.Held) != 1 {
			continue
		}
		byID[[2]uint64{d.Held[0].ID, d.Lock.ID}] = true
		byAddr[[2]uint64{d.Held[0].Addr, d.Lock.Addr}] = true
		if byID[[2]uint64{d.Lock.ID, d.Held[0].ID}] {
			ids++
		}
		if byAddr[[2]uint64{d.Lock.Addr, d.Held[0].Addr}] {
			addrs++
		}
	}
	if ids != 0 || addrs == 0 || len(byID) < 15_000 {
		t.Errorf("of %d pairs %d are inverted by id and %d by address", len(byID), ids, addrs)
	}
}

// TestArray holds that each lock of many side by side is itself, and stays it.
func TestArray(t *testing.T) {
	got := play(t, "array")
	pairs, addrs := make(map[[2]uint64]bool), make(map[uint64]uint64)
	for _, d := range got.Dependencies {
		if !ours(d.Stack) || len(d.Held) != 1 {
			continue
		}
		pairs[[2]uint64{d.Held[0].ID, d.Lock.ID}] = true
		for _, o := range []tape.Object{d.Held[0].Object, d.Lock} {
			if old, seen := addrs[o.ID]; seen && old != o.Addr {
				t.Fatalf("lock %d is at %#x and at %#x; %d dropped", o.ID, old, o.Addr, got.Dropped)
			}
			addrs[o.ID] = o.Addr
		}
	}
	if len(pairs) != 4095 || len(addrs) != 4096 || got.Dropped != 0 {
		t.Errorf("%d pairs of %d locks, %d dropped; want 4095 of 4096", len(pairs), len(addrs), got.Dropped)
	}
}

// TestOverflow holds more locks than there is room for: those taken first are there, in
// order, of which most lie apart from the slot.
func TestOverflow(t *testing.T) {
	for _, g := range play(t, "overflow").Goroutines {
		if len(g.Held) == 0 {
			continue
		}
		for i, h := range g.Held {
			if h.Addr != g.Held[0].Addr+8*uint64(i) || top(h.Stack) != "overflow" {
				t.Errorf("hold %d is at %#x in %s, the first at %#x", i, h.Addr, top(h.Stack), g.Held[0].Addr)
			}
		}
		if len(g.Held) != 16 || g.MoreHeld != 2 {
			t.Errorf("%d holds and %d more, want 16 and 2", len(g.Held), g.MoreHeld)
		}
		return
	}
	t.Error("nobody holds anything")
}

func TestCrowd(t *testing.T) {
	cmd, tapes := start(t, program(t), "crowd")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	waiting := 0
	for _, g := range only(t, tapes).Goroutines {
		if g.Wait != nil && top(g.Wait.Stack) == "crowd.func1" && len(g.Held) == 1 && top(g.Held[0].Stack) == "crowd.func1" && top(g.Created) == "crowd" {
			waiting++
		}
	}
	if waiting != 10_000 {
		t.Errorf("%d goroutines wait with a lock, want 10000", waiting)
	}
	cmd.Process.Kill()
	cmd.Wait()
}

// TestTimers holds that functions of timers, each call of which has a goroutine of its own, do
// not fill the tape with one and the same.
func TestTimers(t *testing.T) {
	if said, want := said(play(t, "timers")), "asks rw in timers.func1 under []\nasks rw in timers.func1 under []"; said != want {
		t.Errorf("said\n%s\nwant\n%s", said, want)
	}
}

// TestTimer distinguishes what functions of timers have done from what others did.
func TestTimer(t *testing.T) {
	var sides []tape.Side
	for _, u := range play(t, "timer").Uses {
		if u.Goroutine == 0 {
			sides = append(sides, u.Side)
		}
	}
	slices.Sort(sides)
	if want := []tape.Side{tape.Recv, tape.Done}; !slices.Equal(sides, want) {
		t.Errorf("sides used by timers: %v, want %v", sides, want)
	}
}

// TestRing fills the ring: the newest records are there and the first of each place, and
// the others are counted.
func TestRing(t *testing.T) {
	got := play(t, "ring")
	asks := int64(0)
	for _, d := range got.Dependencies {
		if top(d.Stack) == "ring" {
			asks++
		}
	}
	if got.Dropped == 0 || asks+got.Dropped < 600_000 || asks < 50_000 {
		t.Errorf("%d asks, %d dropped", asks, got.Dropped)
	}
	if !strings.Contains(said(got), "asks mutex in ring under [mutex by ring]") {
		t.Error("the newest dependency is lost")
	}
	if !strings.Contains(said(got), "asks rw shared in ring under [mutex by ring]") {
		t.Error("the oldest dependency is lost")
	}
}

// TestLapped overwrites the users of a channel: only its waiters know of them.
func TestLapped(t *testing.T) {
	waits := make(map[bool]int)
	got := play(t, "lapped")
	for _, g := range got.Goroutines {
		if g.Wait != nil && top(g.Wait.Stack) == "ask" {
			waits[g.Wait.Cases[0].MoreUses]++
		}
	}
	if got.Dropped == 0 || waits[true] != 20 || waits[false] != 1 {
		t.Errorf("more uses than are known: %v; %d dropped", waits, got.Dropped)
	}
}

// TestStacks takes locks at more stacks than there is room for: a goroutine that waits
// then still waits somewhere.
func TestStacks(t *testing.T) {
	got := play(t, "stacks")
	if !strings.Contains(said(got), "waits chan in receive") || got.Dropped != 0 {
		t.Errorf("%d dropped, said\n%s", got.Dropped, said(got))
	}
}

// TestBriefChannels uses more channels than fit into any table: what else was recorded
// stays. Each of them may be a semaphore that is asked for under the locks: few are recorded.
func TestBriefChannels(t *testing.T) {
	got := play(t, "brief")
	if want := "asks mutex in brief under [mutex by brief]\nholds mutex by brief and shares it\nholds mutex by brief and shares it\n"; !strings.Contains(said(got), want) {
		t.Errorf("said\n%s\nwant\n%s", said(got), want)
	}
	if n := len(got.Dependencies); n > 100 {
		t.Errorf("%d requests are recorded", n)
	}
	users := make(map[uint64]string)
	for _, u := range got.Uses {
		if top(u.Stack) == "ask" {
			users[u.Goroutine] += fmt.Sprintf("%d ", u.Side)
		}
	}
	if len(users) != 20 {
		t.Errorf("%d goroutines are known to have used one channel, want 20: %v", len(users), users)
	}
}

func TestChild(t *testing.T) {
	cmd, tapes := start(t, program(t), "child")
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v: %s", err, out)
	}
	all := read(t, tapes)
	if len(all) != 2 || all[0].PID == all[1].PID {
		t.Fatalf("%d tapes, want 2", len(all))
	}
	held := 0
	for _, one := range all {
		held += strings.Count(said(one), "holds")
	}
	if held != 2 {
		t.Errorf("%d holds in both, want the child's 2", held)
	}
}

// TestMainThread starts many programs at once, so that the scheduler of each takes long:
// initialization has to stay with the main thread nevertheless, as C libraries want it.
func TestMainThread(t *testing.T) {
	name := program(t)
	var all []*exec.Cmd
	for range 64 {
		cmd, _ := start(t, name, "thread")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		all = append(all, cmd)
	}
	for _, cmd := range all {
		if err := cmd.Wait(); err != nil {
			t.Errorf("packages were initialized by another thread: %v", err)
		}
	}
}

// TestLeaks holds that the collector distinguishes lost goroutines from those that may yet be woken.
func TestLeaks(t *testing.T) {
	cmd, tapes := start(t, program(t), "leak")
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v: %s", err, out)
	}
	lost, sees := make(map[string]bool), false
	for _, one := range read(t, tapes) {
		sees = one.Looks.Blind == tape.NotRefused
		for _, g := range one.Goroutines {
			if g.Wait != nil && ours(g.Wait.Stack) {
				lost[top(g.Wait.Stack)] = g.Leaked
			}
		}
	}
	if lost["leak.func1"] != sees || lost["leak.func2"] || len(lost) != 2 {
		t.Errorf("lost: %v", lost)
	}
}

// TestReached distinguishes what only global variables lead to from what goroutines and timers do.
func TestReached(t *testing.T) {
	got := play(t, "reached")
	if got.Looks.Blind != tape.NotRefused {
		t.Skip("the collector cannot tell")
	}
	want := map[string]string{
		"reached.func1": "lost", "reached.func2": "globals", "reached.func3": "globals", "reached.func4": "reached", "reached.func5": "reached",
	}
	all := make(map[string]string)
	for _, g := range got.Goroutines {
		switch {
		case g.Wait == nil || !ours(g.Wait.Stack):
		case g.Leaked:
			all[top(g.Wait.Stack)] = "lost"
		case g.OnlyGlobals:
			all[top(g.Wait.Stack)] = "globals"
		case got.IsReached(&g):
			all[top(g.Wait.Stack)] = "reached"
		}
	}
	if !maps.Equal(all, want) {
		t.Errorf("goroutines are %v, want %v", all, want)
	}
}

// TestOff runs without the variable: no tape, and nothing else either. Without the directory
// that it names the program says that it does not record, unless a command chose the directory.
func TestOff(t *testing.T) {
	cmd, tapes := start(t, program(t), "hold")
	cmd.Env = os.Environ()
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
	if all := read(t, tapes); len(all) != 0 {
		t.Errorf("%d tapes", len(all))
	}
	cmd, _ = start(t, program(t), "hold")
	cmd.Env = append(os.Environ(), "CONCDOCTOR_TAPE_DIR="+tapes+"/missing")
	want := "concdoctor: this program does not record: a file could not be made in " + tapes + "/missing (CONCDOCTOR_TAPE_DIR)\n"
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != want {
		t.Errorf("without the directory: %v: %q, want %q", err, out, want)
	}
	cmd, _ = start(t, program(t), "hold")
	cmd.Env = append(os.Environ(), "CONCDOCTOR_TAPE_DIR="+tapes+"/concdoctor-tapes-1")
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("without the directory of a command: %v: %s", err, out)
	}
}
