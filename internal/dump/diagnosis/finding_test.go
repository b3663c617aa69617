package diagnosis

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/dump"
	"github.com/concdoctor/concdoctor/internal/logtext"
	"github.com/concdoctor/concdoctor/internal/profile"
	"github.com/concdoctor/concdoctor/internal/sentences"
)

// waiter is a goroutine that waits for the lock at addr in the function; args are its
// words, age goes into the state.
func waiter(id int, age string, addr uint64, call string) string {
	return fmt.Sprintf("goroutine %d [sync.Mutex.Lock%s]:\ninternal/sync.runtime_SemacquireMutex(0x0?, 0x0?, 0x0?)\n\t/go/src/runtime/sema.go:95 +0x25\n"+
		"internal/sync.(*Mutex).lockSlow(%#x)\n\t/go/src/internal/sync/mutex.go:149 +0x15d\nsync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:46\n"+
		"%s\n\t/src/bank.go:10 +0xa6\ncreated by main.main in goroutine 1\n\t/src/main.go:17 +0xaa\n\n", id, age, addr, call)
}

// idle is a goroutine in the state whose one call is given.
func idle(id int, state, call string) string {
	return fmt.Sprintf("goroutine %d [%s]:\n%s\n\t/src/idle.go:5 +0x1\ncreated by main.main in goroutine 1\n\t/src/main.go:30 +0xaa\n\n", id, state, call)
}

func many(n int, each func(id int) string) string {
	var b strings.Builder
	for id := 100; id < 100+n; id++ {
		b.WriteString(each(id))
	}
	return b.String()
}

// ring is two transfers in opposite directions; the locks lie 16 bytes into their accounts.
var ring = waiter(7, ", 2 minutes", 0xc000020010, "main.move(0xc000010000, 0xc000020000, 0x1)") +
	waiter(8, ", 2 minutes", 0xc000010010, "main.move(0xc000020000, 0xc000010000, 0x1)")

// shape writes a finding in short: all that a reader acts on.
func shape(f finding.Finding) string {
	text := fmt.Sprintf("%s %s %s", f.Rule, f.Certainty, f.Severity)
	for _, r := range f.Resources {
		text += fmt.Sprintf(" %s@%x", r.Kind, r.Address)
	}
	for _, p := range f.Places {
		text += " " + p.Role + " " + p.Stack.Site().String()
	}
	for _, g := range f.Goroutines {
		text += fmt.Sprintf(" | %d", g.ID)
		for _, h := range g.Holds {
			text += fmt.Sprintf(" holds %d in %s", h.Resource, h.Stack.Site())
		}
		if g.Wait != nil {
			text += fmt.Sprintf(" waits %d at %s", g.Wait.Resource, g.Wait.Stack.Site())
		}
	}
	return text
}

func shapes(t *testing.T, text string) []string {
	t.Helper()
	var got []string
	for _, d := range mustRead(t, text) {
		found := d.Judge(Options{Name: "dump"}).Findings
		sentences.Hold(t, found...)
		for _, f := range found {
			got = append(got, shape(f))
		}
	}
	return got
}

func TestFindings(t *testing.T) {
	// The ring begins with the goroutine that comes first in the dump.
	const moves = " mutex@c000020010 mutex@c000010010 | 7 holds 1 in main.move bank.go:10 waits 0 at main.move bank.go:10" +
		" | 8 holds 0 in main.move bank.go:10 waits 1 at main.move bank.go:10"
	chat := func(id int) string { return idle(id, "chan receive", "main.(*conn).read(0xc000090000)") }
	tests := []struct {
		name, text string
		want       []string
	}{
		{"a ring for minutes", ring, []string{"deadlock potential error" + moves}},
		{"a ring just now", strings.ReplaceAll(ring, ", 2 minutes", ""), []string{"deadlock suspected error" + moves}},
		{"a ring, and somebody else has a lock", ring + idle(9, "sleep", "main.audit(0xc000010000)"), []string{"deadlock suspected error" + moves}},
		{"no ring: both wait for one lock", waiter(7, "", 0xc000020010, "main.move(0xc000010000, 0xc000020000)") +
			waiter(8, "", 0xc000020010, "main.move(0xc000010000, 0xc000020000)"), nil},
		{"no ring: words that the compiler does not keep", strings.ReplaceAll(ring, "0xc000010000,", "0xc000010000?,"),
			[]string{
				"stuck suspected warning mutex@c000020010 waits here main.move bank.go:10 | 7 waits 0 at main.move bank.go:10",
				"stuck suspected warning mutex@c000010010 waits here main.move bank.go:10 | 8 waits 0 at main.move bank.go:10"}},
		{"no ring: two locks of one struct", waiter(7, "", 0xc000020010, "main.(*store).a(0xc000020000)") +
			waiter(8, "", 0xc000020018, "main.(*store).b(0xc000020000)"), nil},
		{"a short queue", many(4, func(id int) string { return waiter(id, "", 0xc000020010, "main.(*store).a(0xc000020000)") }), nil},
		{"a queue", many(5, func(id int) string { return waiter(id, "", 0xc000020010, "main.(*store).a(0xc000020000)") }),
			[]string{"contention observed info mutex@c000020010 waits here main.(*store).a bank.go:10" + three("main.(*store).a bank.go:10")}},
		{"a long queue", many(10, func(id int) string { return waiter(id, "", 0xc000020010, "main.(*store).a(0xc000020000)") }),
			[]string{"contention observed warning mutex@c000020010 waits here main.(*store).a bank.go:10" + three("main.(*store).a bank.go:10")}},
		{"one waits for long", waiter(7, ", 6 minutes", 0xc000020010, "main.(*store).a(0xc000020000)"),
			[]string{"stuck suspected error mutex@c000020010 waits here main.(*store).a bank.go:10 | 7 waits 0 at main.(*store).a bank.go:10"}},
		{"nil channel", idle(7, "chan receive (nil chan)", "main.f()"),
			[]string{"goroutine-leak observed info channel@0 blocked here main.f idle.go:5 created here main.main main.go:30 | 7"}},
		{"nil channels", idle(7, "chan send (nil chan)", "main.f()") + idle(8, "chan send (nil chan)", "main.f()"),
			[]string{"goroutine-leak observed warning channel@0 blocked here main.f idle.go:5 created here main.main main.go:30 | 7 | 8"}},
		{"main on a nil channel", "goroutine 1 [chan receive (nil chan)]:\nmain.main()\n\t/src/main.go:5 +0x1\n", nil},
		{"leaked", idle(7, "select (leaked)", "main.f()"),
			[]string{"goroutine-leak observed warning channel@0 blocked here main.f idle.go:5 created here main.main main.go:30 | 7"}},
		{"old send", idle(7, "chan send, 3 minutes", "main.f()"),
			[]string{"goroutine-leak suspected warning channel@0 blocked here main.f idle.go:5 created here main.main main.go:30 | 7"}},
		{"fresh send", idle(7, "chan send", "main.f()"), nil},
		{"a goroutine that waits for the garbage collector", "goroutine 1 [chan receive]:\ntesting.(*M).Run(0xc000012345)\n\t/go/src/testing/testing.go:2443 +0x1\n\n" +
			many(20, func(id int) string { return idle(id, "semacquire, 2 minutes", "main.f()") }), nil},
		{"old receive", idle(7, "chan receive, 300 minutes", "main.f()"), nil},
		{"many receive", many(idleCount, chat),
			[]string{"goroutine-leak suspected warning channel@0 blocked here main.(*conn).read idle.go:5 created here main.main main.go:30 | 100 | 101 | 102"}},
		{"not so many", many(idleCount-1, chat), nil},
		{"many in the standard library", many(idleCount, func(id int) string {
			return strings.Replace(idle(id, "select", "net/http.(*persistConn).readLoop(0xc000090000)"), "/src/idle.go", "/go/src/net/http/idle.go", 1)
		}), nil},
		{"many sleep", many(idleCount, func(id int) string { return idle(id, "sleep", "main.f()") }), nil},
		{"many wait for the network", many(idleCount, func(id int) string { return idle(id, "IO wait", "main.f()") }), nil},
		{"all asleep", dump.Asleep + "\n\ngoroutine 1 [chan receive]:\nmain.main()\n\t/src/main.go:5 +0x1\n\n" + idle(7, "chan send, 9 minutes", "main.f()"),
			[]string{"deadlock observed error channel@0 channel@0 | 1 waits 0 at main.main main.go:5 | 7 waits 1 at main.f idle.go:5"}},
		{"map", "fatal error: concurrent map writes\n\ngoroutine 6 [running]:\ninternal/runtime/maps.fatal({0x49255d?, 0x0?})\n\t/go/src/runtime/panic.go:1 +0x1\nmain.f()\n\t/src/m.go:1 +0x1\n",
			[]string{"data-race observed error variable@0 | 6"}},
		{"send on a closed channel", "panic: send on closed channel\n\n" + one, []string{"send-on-closed observed error channel@0 | 5"}},
		{"Done too often", "panic: sync: negative WaitGroup counter\n\n" + one, []string{"waitgroup-misuse observed error waitgroup@0 | 5"}},
		{"served panics", served(5, "http", "close of closed channel", "main.close") + "handled request\n" + served(9, "http2", "sync: negative WaitGroup counter", "main.done"),
			[]string{"double-close observed error channel@0 | 5", "waitgroup-misuse observed error waitgroup@0 | 9"}},
		{"another served panic", served(5, "http", "runtime error: index out of range [1] with length 0", "main.f"), nil},
		{"a panic with the words of another", "panic: serving: close of closed channel\n\n" + one, nil},
		{"another panic", "panic: boom\n\n" + one, nil},
		{"another fatal error", "fatal error: out of memory\n\n" + one, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, shapes(t, tt.text)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// served is what an HTTP server logs of a handler that panics.
func served(id int, server, text, function string) string {
	return fmt.Sprintf("2026/11/24 10:00:00 %s: panic serving 127.0.0.1:41234: %s\ngoroutine %d [running]:\n"+
		"net/http.(*conn).serve.func1()\n\t/go/src/net/http/server.go:1898 +0xbe\npanic({0x6b5b20?, 0x7a1f80?})\n\t/go/src/runtime/panic.go:860 +0x13a\n"+
		"%s()\n\t/src/handler.go:7 +0x1\nnet/http.HandlerFunc.ServeHTTP(0x0?, {0x7a4a08?, 0xc0000d2000?}, 0x0?)\n\t/go/src/net/http/server.go:2322 +0x29\n"+
		"created by net/http.(*Server).Serve in goroutine 1\n\t/go/src/net/http/server.go:3493 +0x485\n", server, text, id, function)
}

// TestPanicSite holds that the stack of a panic begins where it panicked, and not in
// the deferred call that recovered it.
func TestPanicSite(t *testing.T) {
	text := strings.ReplaceAll(served(5, "http", "send on closed channel", "main.send"), "net/http.(*conn).serve.func1()\n\t/go/src/net/http/server.go", "main.recovers.func1()\n\t/src/recover.go")
	found := mustRead(t, text)[0].Judge(Options{Name: "log"}).Findings
	if len(found) != 1 || found[0].Goroutines[0].Stack[0].Func != "main.send" {
		t.Fatalf("findings %+v", found)
	}
	if want := "main.send handler.go:7 sends on a closed channel, and the request panics"; found[0].Title != want {
		t.Errorf("title %q, want %q", found[0].Title, want)
	}
}

func three(site string) string {
	return fmt.Sprintf(" | 100 waits 0 at %[1]s | 101 waits 0 at %[1]s | 102 waits 0 at %[1]s", site)
}

// TestHolders holds that the goroutine that has the lock's struct is named with what
// it does, and readers whose RLock shows no address are counted with the writers.
func TestHolders(t *testing.T) {
	reader := func(id int) string {
		return fmt.Sprintf("goroutine %d [sync.RWMutex.RLock]:\nsync.runtime_SemacquireRWMutexR(0x0?, 0x0?, 0x0?)\n\t/go/src/runtime/sema.go:100 +0x25\n"+
			"sync.(*RWMutex).RLock(...)\n\t/go/src/sync/rwmutex.go:74\nmain.(*table).get(0xc000020000)\n\t/src/table.go:11 +0x49\n\n", id)
	}
	writer := strings.Replace(waiter(8, "", 0xc000020010, "sync.(*RWMutex).Lock(0x0?)\n\t/go/src/sync/rwmutex.go:150 +0x32\nmain.(*table).set(0xc000020000, 0x4)"), "/src/bank.go", "/src/table.go", 1)
	text := writer + many(4, reader) + idle(9, "sleep", "main.(*table).flush(0xc000020000)")
	found := mustRead(t, text)[0].Judge(Options{Name: "dump"}).Findings
	if len(found) != 1 || found[0].Rule != "contention" || found[0].Places[0].Measures[0].Value != 5 {
		t.Fatalf("findings %+v", found)
	}
	if want := "goroutine 9 [sleep] in main.(*table).flush idle.go:5"; !strings.Contains(found[0].Detail, want) {
		t.Errorf("detail %q, want %q", found[0].Detail, want)
	}
	for i, want := range []finding.Mode{finding.Exclusive, finding.Shared, finding.Shared} {
		if got := found[0].Goroutines[i].Wait.Mode; got != want {
			t.Errorf("goroutine %d waits %s, want %s", found[0].Goroutines[i].ID, got, want)
		}
	}
	if r := found[0].Resources[0]; r.Kind != finding.RWMutex || r.Address != 0xc000020010 {
		t.Errorf("resource %+v", r)
	}
}

func TestGrown(t *testing.T) {
	text := many(idleCount, func(id int) string { return idle(id, "select", "main.f()") })
	d := mustRead(t, text)[0]
	for _, grown := range []bool{true, false} {
		found := d.Judge(Options{Name: "dump", Grown: func(role profile.Role, s finding.Stack) bool {
			return grown && role == profile.Select && s.Site().Func == "main.f"
		}}).Findings
		if (len(found) == 1) != grown {
			t.Errorf("grown %v: %d findings", grown, len(found))
		}
	}
}

const one = "goroutine 5 [running]:\nmain.f()\n\t/src/m.go:1 +0x1\n"

func mustRead(t testing.TB, text string) []*Dump {
	t.Helper()
	s := dump.NewScanner()
	if _, err := logtext.Read(strings.NewReader(text), s.Line); err != nil {
		t.Fatal(err)
	}
	dumps := s.End()
	var all []*Dump
	for i := range dumps {
		all = append(all, New(&dumps[i]))
	}
	return all
}

// FuzzFindings holds that nothing panics, and that findings are whole.
func FuzzFindings(f *testing.F) {
	f.Add(ring)
	f.Add(one + one)
	f.Add(dump.Asleep + "\n\n" + one)
	f.Add("goroutine 99999999999999999999999 [a, 99999999999999999999 minutes]:\nf(0xffffffffffffffffff)\n\t/a:99999999999999999999 +0x1\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range mustRead(t, text) {
			for _, f := range d.Judge(Options{Name: "fuzz"}).Findings {
				if f.Rule == "" || f.Title == "" || f.Certainty == 0 || f.Severity == 0 || len(f.Evidence) == 0 {
					t.Fatalf("finding %+v", f)
				}
			}
			d.Profile("fuzz").Spots()
		}
	})
}
