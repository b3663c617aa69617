package cycle

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// lock is a witness's lock, named by a letter.
type lock struct {
	name string
	kind finding.ResourceKind
}

func (l *lock) Resource(finding.Mode, finding.Stack) finding.Resource {
	return finding.Resource{Kind: l.kind, Name: l.name}
}

// testSite is a Site in a function of package bank.
type testSite struct {
	finding.Stack
	lock    *lock
	unowned bool
	via     uint64
}

func (s *testSite) Frames() finding.Stack  { return s.Stack }
func (s *testSite) Lock() judge.Object     { return s.lock }
func (s *testSite) Created() finding.Frame { return finding.Frame{} }
func (s *testSite) Via() uint64            { return s.via }
func (s *testSite) Unowned() bool          { return s.unowned }

// program has the locks of one program, and the requests that keep apart.
type program struct {
	locks map[string]*lock
	ids   map[string]lockorder.LockID
	apart func(a, b *lockorder.Dependency[*testSite]) bool
}

func newProgram() *program {
	return &program{locks: make(map[string]*lock), ids: make(map[string]lockorder.LockID)}
}

func (p *program) areApart(a, b *lockorder.Dependency[*testSite]) bool {
	return p.apart != nil && p.apart(a, b)
}

// site reads "A:5" or "a:5": lock A at line 5, of the function of the goroutine. A small
// letter is a read lock, ! says that another goroutine may release it.
func (p *program) site(text, function string) (id lockorder.LockID, m lockorder.Mode, s *testSite) {
	text, unowned := strings.CutSuffix(text, "!")
	name, line, _ := strings.Cut(text, ":")
	if name != strings.ToUpper(name) {
		m = lockorder.Shared
	}
	name = strings.ToUpper(name)
	l := p.locks[name]
	if l == nil {
		l = &lock{name, finding.Mutex}
		if strings.HasPrefix(name, "R") {
			l.kind = finding.RWMutex
		}
		p.locks[name], p.ids[name] = l, lockorder.LockID(len(p.ids)+1)
	}
	s = &testSite{lock: l, unowned: unowned}
	frame := finding.Frame{Func: "bank." + function, File: "/w/bank/bank.go"}
	if _, err := fmt.Sscan(line, &frame.Line); err != nil {
		panic(text)
	}
	s.Stack = finding.Stack{{Func: "sync.(*Mutex).Lock", File: "/go/src/sync/mutex.go", Line: 1}, frame}
	return p.ids[name], m, s
}

// request reads "7 f: A:1 B:2 > C:3".
func (p *program) request(text string) lockorder.Dependency[*testSite] {
	var d lockorder.Dependency[*testSite]
	head, rest, _ := strings.Cut(text, ": ")
	var function string
	if _, err := fmt.Sscan(head, &d.Goroutine, &function); err != nil {
		panic(text)
	}
	held, asked, _ := strings.Cut(rest, "> ")
	for _, h := range strings.Fields(held) {
		var one lockorder.Held[*testSite]
		one.Lock, one.Mode, one.Site = p.site(h, function)
		d.Held = append(d.Held, one)
	}
	d.Lock, d.Mode, d.Site = p.site(asked, function)
	return d
}

func (p *program) cycles(texts ...string) (all []lockorder.Cycle[*testSite]) {
	var g lockorder.Graph[*testSite]
	g.SetApart(p.areApart)
	for _, text := range texts {
		found, _ := g.Add(p.request(text))
		all = append(all, found...)
	}
	return all
}

// say is what a finding says.
type say struct{ Head, Detail, Fix string }

func sayOf(f finding.Finding) say {
	return say{fmt.Sprintf("%s %s: %s", f.Severity, f.Headline(), strings.Join(names(&f), " ")), f.Detail, f.Fix}
}

func names(f *finding.Finding) (all []string) {
	for _, r := range f.Resources {
		all = append(all, r.Name)
	}
	return all
}

const together = "Scheduled at the same time, each of these goroutines can end up waiting for the next one."

func TestFinding(t *testing.T) {
	apart := func(a, b *lockorder.Dependency[*testSite]) bool { return true }
	tests := []struct {
		name     string
		requests []string
		apart    func(a, b *lockorder.Dependency[*testSite]) bool
		want     say
	}{
		{"two", []string{"1 f: A:1 > B:2", "2 g: B:3 > A:4"}, nil, say{
			"error lock-cycle (potential): bank.g bank.go:4 and bank.f bank.go:2 can deadlock: they acquire the same two locks in opposite orders: A B",
			together, "acquire the locks in one order everywhere: A before B; change bank.g bank.go:4, which goes against it",
		}},
		{"three", []string{"1 f: A:1 > B:2", "2 g: B:3 > C:4", "3 h: C:5 > A:6"}, nil, say{
			"error lock-cycle (potential): bank.h bank.go:6, bank.f bank.go:2 and bank.g bank.go:4 can deadlock: they acquire 3 locks in a cycle: A B C",
			together, "acquire the locks in one order everywhere: A before B before C; change bank.h bank.go:6, which goes against it",
		}},
		{"one line", []string{"1 f: A:1 > B:2", "2 f: B:1 > A:2"}, nil, say{
			"error lock-cycle (potential): bank.f bank.go:1 and bank.f bank.go:2 can deadlock: they acquire 2 locks in conflicting orders: A B",
			together, "bank.f acquires locks of one class in no fixed order: sort them first, by an id that never changes",
		}},
		{"other locks that are held", []string{"1 f: C:9 A:1 > B:2", "2 g: B:3 > A:4"}, nil, say{
			"error lock-cycle (potential): bank.g bank.go:4 and bank.f bank.go:2 can deadlock: they acquire the same two locks in opposite orders: A B",
			together, "acquire the locks in one order everywhere: A before B; change bank.g bank.go:4, which goes against it",
		}},
		{"kept apart", []string{"1 f: A:1 > B:2", "2 g: B:3 > A:4"}, apart, say{
			"warning lock-cycle (suspected): bank.g bank.go:4 and bank.f bank.go:2 might deadlock: they acquire the same two locks in opposite orders: A B",
			together + " As far as was recorded, the program keeps the two sides apart: a go statement, a wait group, a channel or the order of tests puts one before the other.",
			"acquire the locks in one order everywhere: A before B; change bank.g bank.go:4, which goes against it",
		}},
		{"a lock that another goroutine released", []string{"1 f: A:1 > B:2", "2 g: B:3! > A:4"}, nil, say{
			"warning lock-cycle (suspected): bank.g bank.go:4 and bank.f bank.go:2 might deadlock: they acquire the same two locks in opposite orders: A B",
			together + " One of the locks, or another lock acquired at the same place, was released by a goroutine that did not hold it: it may serve as a signal.",
			"acquire the locks in one order everywhere: A before B; change bank.g bank.go:4, which goes against it",
		}},
		{"such a lock that has no part in it", []string{"1 f: C:9! A:1 > B:2", "2 g: B:3 > A:4"}, nil, say{
			"error lock-cycle (potential): bank.g bank.go:4 and bank.f bank.go:2 can deadlock: they acquire the same two locks in opposite orders: A B",
			together, "acquire the locks in one order everywhere: A before B; change bank.g bank.go:4, which goes against it",
		}},
		{"readers and a writer", []string{"1 f: ra:1 > RB:2", "2 g: rb:3 > ra:4", "3 h: > RA:5"}, nil, say{
			"error lock-cycle (potential): bank.g bank.go:4 and bank.f bank.go:2 can deadlock: they acquire the same two locks in opposite orders: RA RB",
			together + " A reader does not wait for a reader, but it waits behind a writer that waits for one.",
			"acquire the locks in one order everywhere: A before B; change bank.g bank.go:4, which goes against it",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newProgram()
			p.apart = tt.apart
			found := new(Folder[*testSite]).Fold(p.cycles(tt.requests...))
			if len(found) != 1 {
				t.Fatalf("%d cycles, want 1", len(found))
			}
			f := found[0].Finding()
			if diff := cmp.Diff(tt.want, sayOf(f)); diff != "" {
				t.Errorf("finding (-want +got):\n%s", diff)
			}
			if f.Coffman == nil || f.Coffman.Breaks != "circular wait" {
				t.Errorf("Coffman: %+v", f.Coffman)
			}
		})
	}
}

func TestDelegations(t *testing.T) {
	p := newProgram()
	first, second := p.request("1 f: A:1 > B:2"), p.request("2 g: B:3 > A:4")
	first.Site.via = 7
	f := Cycle[*testSite]{Cycle: lockorder.Cycle[*testSite]{Deps: []lockorder.Dependency[*testSite]{first, second}, Odd: 1}}.Finding()
	if want := together + " Goroutine 1 requests the lock through goroutine 7, which it started and waits for while it holds its own locks."; f.Detail != want {
		t.Errorf("detail %q, want %q", f.Detail, want)
	}
}

func TestRingOfOthers(t *testing.T) {
	for kind, want := range map[finding.ResourceKind]string{
		finding.WaitGroup: "bank.g bank.go:4 and bank.f bank.go:2 can deadlock through a wait group",
		finding.Once:      "bank.g bank.go:4 and bank.f bank.go:2 can deadlock through a Once",
	} {
		p := newProgram()
		found := p.cycles("1 f: A:1 > B:2", "2 g: B:3 > A:4")
		p.locks["B"].kind = kind
		f := Cycle[*testSite]{Cycle: found[0]}.Finding()
		if f.Title != want || f.Coffman.Breaks != "hold and wait" {
			t.Errorf("title %q, want %q; breaks %s", f.Title, want, f.Coffman.Breaks)
		}
	}
}

func TestRecursion(t *testing.T) {
	recursive := "rlock-recursion (potential): bank.f bank.go:2 can deadlock: it read-locks an RWMutex that the same goroutine read-locked at bank.f bank.go:1"
	tests := []struct {
		name             string
		readers, writers []string
		apart            func(a, b *lockorder.Dependency[*testSite]) bool
		want             string
	}{
		{"a writer", []string{"1 f: ra:1 > ra:2"}, []string{"2 h: > RA:5"}, nil, "error " + recursive + ": RA"},
		{"no writer", []string{"1 f: ra:1 > ra:2"}, nil, nil, ""},
		{"the same goroutine", []string{"1 f: ra:1 > ra:2"}, []string{"1 h: > RA:5"}, nil, ""},
		{"a gate", []string{"1 f: G:9 ra:1 > ra:2"}, []string{"2 h: G:8 > RA:5"}, nil, ""},
		{"the first writer is kept away, the second is not", []string{"1 f: ra:1 > ra:2"}, []string{"2 h: > RA:5", "3 h: > RA:5"},
			func(a, b *lockorder.Dependency[*testSite]) bool { return b.Goroutine == 2 }, "error " + recursive + ": RA"},
		{"all writers are kept away", []string{"1 f: ra:1 > ra:2"}, []string{"2 h: > RA:5"},
			func(a, b *lockorder.Dependency[*testSite]) bool { return true },
			"warning rlock-recursion (suspected): bank.f bank.go:2 might deadlock: it read-locks an RWMutex that the same goroutine read-locked at bank.f bank.go:1: RA"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newProgram()
			p.apart = tt.apart
			var readers, writers []lockorder.Dependency[*testSite]
			for _, text := range tt.readers {
				readers = append(readers, p.request(text))
			}
			for _, text := range tt.writers {
				writers = append(writers, p.request(text))
			}
			got := ""
			if c, ok := Recursion(readers, writers, p.areApart); ok {
				got = sayOf(c.Finding()).Head
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
