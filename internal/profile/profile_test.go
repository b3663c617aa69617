package profile

import (
	"bytes"
	"errors"
	"runtime"
	stdpprof "runtime/pprof"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/internal/input"
)

var mutexStacks = []stack{
	waits(40, 400, "sync.(*Mutex).Unlock", "main.(*Store).Put:10", "main.worker:50"),
	waits(10, 100, "sync.(*Mutex).Unlock", "main.(*Store).Put:10", "main.loader:70"),
	waits(20, 60, "sync.(*Mutex).Unlock", "sync.(*RWMutex).Unlock", "main.(*Store).Swap.deferwrap1:19", "main.(*Store).Swap:20", "main.worker:51"),
	waits(5, 30, "runtime.unlock", "runtime.chansend", "runtime.chansend1", "main.send:80"),
	waits(5, 10, "runtime._LostContendedRuntimeLock"),
}

func TestMutexSpots(t *testing.T) {
	p := read(t, encode(t, 0, lockTypes, mutexStacks...))
	if p.Kind != MutexKind {
		t.Fatalf("kind %q", p.Kind)
	}
	spots, internal, total := p.Spots()
	want := []string{"50 500ms mutex main.(*Store).Put main.go:10", "20 60ms rwmutex main.(*Store).Swap main.go:20"}
	if diff := cmp.Diff(want, outline(spots)); diff != "" {
		t.Errorf("spots (-want +got):\n%s", diff)
	}
	if len(internal) != 2 || internal[0].Nanos != 30*millis || internal[1].Nanos != 10*millis {
		t.Errorf("internal = %v", outline(internal))
	}
	if want := (Total{Count: 80, Nanos: 600 * millis}); total != want {
		t.Errorf("total %+v, want %+v", total, want)
	}
	if caller := spots[0].Stack[1].Func; caller != "main.worker" {
		t.Errorf("the heaviest caller is %s", caller)
	}
}

func TestBlockSpots(t *testing.T) {
	p := read(t, encode(t, 0, lockTypes,
		waits(4, 8, "sync.(*Mutex).Lock", "sync.(*RWMutex).Lock", "main.a:1"),
		waits(3, 7, "sync.(*RWMutex).RLock", "main.b:2"),
		waits(2, 6, "sync.(*WaitGroup).Wait", "main.c:3"),
		waits(1, 5, "runtime.chanrecv1", "main.d:4"),
		waits(1, 4, "runtime.chansend1", "main.e:5"),
		waits(1, 3, "runtime.selectgo", "main.f:6"),
		waits(1, 2, "sync.(*Cond).Wait", "main.g:7"),
		waits(1, 1, "sync.(*Mutex).Lock", "sync.(*Once).doSlow", "sync.(*Once).Do", "main.h:8"),
	))
	if p.Kind != BlockKind {
		t.Fatalf("kind %q", p.Kind)
	}
	spots, internal, _ := p.Spots()
	want := []string{
		"4 8ms rwmutex main.a main.go:1", "3 7ms rwmutex main.b main.go:2", "2 6ms waitgroup main.c main.go:3",
		"1 5ms channel receive main.d main.go:4", "1 4ms channel send main.e main.go:5", "1 3ms select main.f main.go:6",
		"1 2ms cond main.g main.go:7", "1 1ms once main.h main.go:8",
	}
	if diff := cmp.Diff(want, outline(spots)); diff != "" {
		t.Errorf("spots (-want +got):\n%s", diff)
	}
	if len(internal) != 0 {
		t.Errorf("internal = %v", outline(internal))
	}
}

// TestGoroutineRoles reads stacks as the goroutine profile has them: with the
// runtime's frames of parking at the leaf.
func TestGoroutineRoles(t *testing.T) {
	p := read(t, encode(t, 0, goroutineTypes,
		goroutines(9, "runtime.gopark", "runtime.chanrecv", "runtime.chanrecv1", "main.a:1"),
		goroutines(8, "runtime.gopark", "runtime.selectgo", "main.b:2"),
		goroutines(7, "runtime.gopark", "runtime.semacquire1", "internal/sync.runtime_SemacquireMutex", "internal/sync.(*Mutex).lockSlow", "sync.(*Mutex).Lock", "main.c:3"),
		goroutines(6, "runtime.gopark", "runtime.netpollblock", "internal/poll.runtime_pollWait", "internal/poll.(*FD).Read", "net.(*conn).Read", "main.d:4"),
		goroutines(5, "runtime.gopark", "time.Sleep", "main.e:5"),
		goroutines(4, "main.f:6"),
		goroutines(3, "github.com/concdoctor/concdoctor/agent.(*RWMutex).RLock", "main.g:7"),
		goroutines(2, "runtime.gopark", "runtime.bgsweep"),
	))
	spots, internal, _ := p.Spots()
	want := []string{
		"9 0ms channel receive main.a main.go:1", "8 0ms select main.b main.go:2", "7 0ms mutex main.c main.go:3",
		"6 0ms network or file net.(*conn).Read x.go:1", "5 0ms sleep main.e main.go:5", "4 0ms running main.f main.go:6",
		"3 0ms rwmutex main.g main.go:7", "2 0ms runtime runtime.gopark x.go:1",
	}
	if diff := cmp.Diff(want, outline(spots)); diff != "" {
		t.Errorf("spots (-want +got):\n%s", diff)
	}
	if p.Kind != GoroutineKind || len(internal) != 0 {
		t.Errorf("kind %q, internal %v", p.Kind, outline(internal))
	}
}

const mutexText = `--- mutex:
cycles/second=1000000
sampling period=5
400000 40 @ 0x1 0x2 0x3
#	0x1	sync.(*Mutex).Unlock+0x12	/go/src/sync/mutex.go:65
#	0x2	main.(*Store).Put+0x84		/src/app/main.go:10
#	0x3	main.main.gowrap1+0x84		/src/app/main.go:9

1000 5 @ 0x4
#	0x4	runtime._LostContendedRuntimeLock+0x0	/go/src/runtime/mprof.go:1
`

const goroutineText = `goroutine profile: total 151
150 @ 0x47f46e 0x41491c
# labels: {"k":"v"}
#	0x4dbfbd	main.f[...]+0x1d	/src/app/main.go:54

1 @ 0x4429b1
#	0x4c9610	sync.(*WaitGroup).Wait+0xb0	/go/src/sync/waitgroup.go:1
#	0x4c9611	main.main+0xb0	/src/app/main.go:60
`

func TestText(t *testing.T) {
	p := read(t, []byte(mutexText))
	spots, internal, total := p.Spots()
	if diff := cmp.Diff([]string{"40 400ms mutex main.(*Store).Put main.go:10"}, outline(spots)); diff != "" {
		t.Errorf("spots (-want +got):\n%s", diff)
	}
	if p.Kind != MutexKind || p.Fraction != 5 || len(internal) != 1 || total != (Total{45, 401 * millis}) {
		t.Errorf("kind %q, fraction %d, internal %v, total %v", p.Kind, p.Fraction, outline(internal), total)
	}
	p = read(t, []byte(goroutineText))
	spots, _, _ = p.Spots()
	want := []string{"150 0ms not shown main.f[...] main.go:54", "1 0ms waitgroup main.main main.go:60"}
	if diff := cmp.Diff(want, outline(spots)); diff != "" || p.Kind != GoroutineKind {
		t.Errorf("kind %q, spots (-want +got):\n%s", p.Kind, diff)
	}
	if p := read(t, []byte(strings.Replace(mutexText, "mutex:", "contention:", 1))); p.Kind != BlockKind || p.Fraction != 0 {
		t.Errorf("kind %q, fraction %d", p.Kind, p.Fraction)
	}
}

func TestReadRefuses(t *testing.T) {
	whole := encode(t, 0, lockTypes, mutexStacks...)
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"cpu", encode(t, 0, []string{"samples/count", "cpu/nanoseconds"}), "it looks like a CPU profile, which shows who runs and not who waits; take a mutex profile"},
		{"heap", encode(t, 0, []string{"alloc_objects/count", "alloc_space/bytes", "inuse_objects/count", "inuse_space/bytes"}), "it looks like a heap profile, which has no concurrency in it; take"},
		{"heap as text", []byte("heap profile: 1: 2 [3: 4] @ heap/1048576\n"), "it looks like a heap profile, which"},
		{"threads", []byte("threadcreate profile: total 8\n"), "it looks like a threadcreate profile, whose"},
		{"own, in bytes", encode(t, 0, []string{"buffers/bytes"}), `it looks like a profile of "buffers/bytes"; take`},
		{"cut", whole[:len(whole)/2], "damaged or truncated profile of "},
		{"text without a clock", []byte("--- mutex:\n400 40 @ 0x1\n"), "line 2: stack before the line cycles/second=N"},
		{"text with a huge number", []byte("--- mutex:\ncycles/second=1\n99999999999999999999 1 @ 0x1\n"), "line 3: parsing cycles: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tryRead(tt.data)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "standard input") {
				t.Errorf("error is %v, want one with %q", err, tt.want)
			}
			if len(err.Error()) > 600 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
		})
	}
	var unknown *input.UnknownError
	if _, err := tryRead(tests[0].data); !errors.As(err, &unknown) {
		t.Errorf("%v is no UnknownError", err)
	}
}

func TestFraction(t *testing.T) {
	counts := func(n ...int64) []stack {
		var all []stack
		for i, c := range n {
			all = append(all, waits(c, 1, "sync.(*Mutex).Unlock", "main.f:"+string(rune('1'+i))))
		}
		return all
	}
	for _, tt := range []struct {
		stacks []stack
		want   int64
	}{
		{counts(5, 10, 25, 500, 15, 35), 5},
		{counts(5, 10, 25, 501, 15, 35), 1},
		{counts(5, 10, 25, 500, 15), 1}, // too few to tell
		{counts(100, 300), 100},
		{counts(178, 0), 1},                     // the runtime's own lock, met just when sampling ended
		{counts(10, 10, 10, 10, 10, 10, 10), 1}, // a program that repeats itself
		{nil, 0},                                // no kind, no fraction
	} {
		if p := read(t, encode(t, 0, lockTypes, tt.stacks...)); p.Fraction != tt.want {
			t.Errorf("%v: fraction %d, want %d", tt.stacks, p.Fraction, tt.want)
		}
	}
	if p := read(t, encode(t, 0, lockTypes)); p.Kind != LockKind || len(p.Findings(nil)) != 0 {
		t.Errorf("empty profile: kind %q", p.Kind)
	}
}

//go:noinline
func holdWhileOthersWait(mu *sync.Mutex, waiters int) {
	mu.Lock()
	var wg sync.WaitGroup
	for range waiters {
		wg.Go(func() { waitForLock(mu) })
	}
	for blocked() < waiters {
		runtime.Gosched()
	}
	mu.Unlock()
	wg.Wait()
}

//go:noinline
func waitForLock(mu *sync.Mutex) {
	mu.Lock()
	mu.Unlock()
}

// blocked counts the goroutines that the runtime has parked in waitForLock.
func blocked() int {
	buf := make([]byte, 1<<20)
	n := 0
	for g := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(g, "[sync.Mutex.Lock") && strings.Contains(g, "waitForLock") {
			n++
		}
	}
	return n
}

// TestReal reads what the runtime writes about a lock of known history: eight
// goroutines wait while one holds, so that each of nine Unlocks but the last ends a wait.
func TestReal(t *testing.T) {
	defer runtime.SetMutexProfileFraction(runtime.SetMutexProfileFraction(1))
	runtime.SetBlockProfileRate(1)
	defer runtime.SetBlockProfileRate(0)
	const waiters = 8
	want := map[string]map[string]int64{
		"mutex": {"profile.holdWhileOthersWait": 1, "profile.waitForLock": waiters - 1},
		"block": {"profile.waitForLock": waiters},
	}
	kinds := map[string]Kind{"mutex": MutexKind, "block": BlockKind}
	for _, debug := range []int{0, 1} {
		before := map[string]map[string]int64{"mutex": mutexWaits(t, "mutex", debug, ""), "block": mutexWaits(t, "block", debug, "")}
		var mu sync.Mutex
		holdWhileOthersWait(&mu, waiters)
		for name := range want {
			got := mutexWaits(t, name, debug, kinds[name])
			for site, n := range before[name] { // profiles count from the start of the process
				if got[site] -= n; got[site] == 0 {
					delete(got, site)
				}
			}
			if diff := cmp.Diff(want[name], got); diff != "" {
				t.Errorf("%s debug=%d: waits by site (-want +got):\n%s", name, debug, diff)
			}
		}
	}
}

// mutexWaits takes a profile of this process and returns the waits for mutexes by
// the function of their site.
func mutexWaits(t *testing.T, name string, debug int, kind Kind) map[string]int64 {
	t.Helper()
	var b bytes.Buffer
	if err := stdpprof.Lookup(name).WriteTo(&b, debug); err != nil {
		t.Fatal(err)
	}
	p := read(t, b.Bytes())
	if kind != "" && p.Kind != kind {
		t.Errorf("%s debug=%d: kind %q", name, debug, p.Kind)
	}
	sites := make(map[string]int64)
	spots, _, _ := p.Spots()
	for _, s := range spots {
		if site := s.Stack.Site(); s.Role == Mutex && strings.HasSuffix(site.File, "profile_test.go") {
			sites[site.ShortFunc()] += s.Count
		}
	}
	return sites
}

// Cond.Wait unlocks and locks its L: such stacks are the lock's, and do not make a
// mutex profile a block profile.
func TestLockInsideCondWait(t *testing.T) {
	for method, want := range map[string]Kind{"Unlock": MutexKind, "Lock": BlockKind} {
		data := encode(t, 0, lockTypes, waits(3, 30, "sync.(*Mutex)."+method, "sync.(*Cond).Wait", "main.worker:12"))
		p := read(t, data)
		if p.Kind != want || p.Samples[0].Role != Mutex {
			t.Errorf("%s: %s with role %s, want %s with role mutex", method, p.Kind, p.Samples[0].Role, want)
		}
	}
}

// A block profile that was taken along with an execution trace begins as a rule
// with a goroutine of the tracer's, which is no sign of a mutex profile.
func TestRuntimeGoroutineInBlockProfile(t *testing.T) {
	tracer := waits(75, 7538, "runtime.chanrecv1", "runtime.(*wakeableSleep).sleep", "runtime.traceStartReadCPU.func1")
	for method, want := range map[string]Kind{"Unlock": MutexKind, "Lock": BlockKind} {
		lock := waits(3, 596, "sync.(*RWMutex)."+method, "main.(*DB).mmap:450")
		runtimes := waits(1, 700, "runtime.unlock", "runtime.chanrecv1", "runtime.(*wakeableSleep).sleep")
		stacks := []stack{tracer, lock}
		if want == MutexKind {
			stacks[0] = runtimes
		}
		if p := read(t, encode(t, 0, lockTypes, stacks...)); p.Kind != want {
			t.Errorf("%s: read as a %s, want a %s", method, p.Kind, want)
		}
	}
}

// A profile writes type arguments out, where a trace of the same run does not.
func TestTypeArgumentsLeftOut(t *testing.T) {
	p := read(t, encode(t, 0, lockTypes, waits(3, 30, "sync.(*Mutex).Lock", "a.com/c.(*Cache[go.shape.[]uint8,a.com/b.T]).Get:12")))
	if site := p.Samples[0].Stack.Site(); site.Func != "a.com/c.(*Cache[...]).Get" || site.Line != 12 {
		t.Errorf("site %+v", site)
	}
}

// TestCustom holds that profiles of the program's own making are read, grouped and
// compared by number, and not judged.
func TestCustom(t *testing.T) {
	for name, data := range map[string][]byte{
		"counted":           encode(t, 0, []string{"conns/count"}, stack{calls: "main.dial", values: []int64{300}}),
		"counted and timed": encode(t, 0, []string{"conns/count", "held/nanoseconds"}, stack{calls: "main.dial", values: []int64{300, 5e9}}),
		"text":              []byte("conns profile: total 300\n300 @ 0x1\n#\t0x1\tmain.dial+0x1\t/src/m.go:3\n"),
	} {
		t.Run(name, func(t *testing.T) {
			p := read(t, data)
			spots, _, total := p.Spots()
			if p.Kind != "conns profile" || !p.IsCustom() || total.Count != 300 || len(spots) != 1 || spots[0].Stack[0].Func != "main.dial" {
				t.Errorf("%s: %d, %+v", p.Kind, total.Count, spots)
			}
			if found := p.Findings(nil); len(found) > 0 {
				t.Errorf("findings %+v", found)
			}
			if pairs, _ := Diff(p, p); pairs[0].Change != Same {
				t.Errorf("compared with itself: %s", pairs[0].Change)
			}
		})
	}
}
