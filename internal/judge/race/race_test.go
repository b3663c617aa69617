package race

import (
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/sentences"
)

func at(function string, line int) finding.Stack {
	return finding.Stack{{Func: "main." + function, File: "/src/main.go", Line: line}}
}

var (
	mu    = Lock{Object: 1, Resource: finding.Resource{Kind: finding.Mutex, Name: "bank.mu", Address: 1}, Mode: finding.Exclusive, Stack: at("lock", 3)}
	other = Lock{Object: 2, Resource: finding.Resource{Kind: finding.Mutex, Name: "bank.other", Address: 2}, Mode: finding.Exclusive, Stack: at("lock", 4)}
	read  = Lock{Object: 3, Resource: finding.Resource{Kind: finding.RWMutex, Name: "bank.rw", Address: 3}, Mode: finding.Shared, Stack: at("lock", 5)}
	write = Lock{Object: 3, Resource: finding.Resource{Kind: finding.RWMutex, Name: "bank.rw", Address: 3}, Mode: finding.Exclusive, Stack: at("lock", 6)}
)

func access(function string, writes bool, locks ...Lock) Access {
	return Access{Goroutine: finding.Goroutine{ID: 7, Stack: at(function, 9)}, Write: writes, Locks: locks, LocksKnown: true}
}

func TestAdvice(t *testing.T) {
	general := finding.RuleDataRace.Fix()
	atomic := access("load", false)
	atomic.Atomic = true
	unknown := access("put", true)
	unknown.LocksKnown = false
	lost := access("gone", true)
	lost.Goroutine.Stack = nil
	for _, tt := range []struct {
		name           string
		later, earlier Access
		detail, fix    string
	}{
		{"no locks", access("put", true), access("get", false), "", general},
		{"forgotten by the later", access("put", true), access("get", false, mu), "main.get main.go:9 holds bank.mu; main.put main.go:9 holds no lock.", "acquire bank.mu around the access at main.put main.go:9 too, as main.get main.go:9 does"},
		{"forgotten by the earlier", access("put", true, mu, other), access("get", false), "main.put main.go:9 holds bank.mu and bank.other; main.get main.go:9 holds no lock.", "acquire bank.other around the access at main.get main.go:9 too, as main.put main.go:9 does"},
		{"different locks", access("put", true, mu), access("get", false, other), "main.put main.go:9 holds bank.mu and main.get main.go:9 holds bank.other: different locks do not exclude each other.", "hold the same lock at both accesses: choose bank.mu or bank.other"},
		{"a write under a read lock", access("put", true, read), access("get", false, read), "Both hold bank.rw, main.put main.go:9 for reading only, which does not exclude other readers.", "acquire bank.rw with Lock, not RLock, where main.put main.go:9 writes"},
		{"one lock, which another witness would have to explain", access("put", true, write), access("get", false, read), "", general},
		{"atomic and plain", access("put", true), atomic, "One access is atomic, and the other is not: that orders nothing.", "use sync/atomic at main.put main.go:9 too; or guard both accesses by one lock"},
		{"plain after atomic", atomic, access("put", true), "One access is atomic, and the other is not: that orders nothing.", "use sync/atomic at main.put main.go:9 too; or guard both accesses by one lock"},
		{"locks not known", unknown, access("get", false, mu), "", general},
		{"a stack that is lost", access("get", false, mu), lost, "", general},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := Race{Variable: finding.Resource{Kind: finding.Variable, Name: "bank.ledger"}, Later: tt.later, Earlier: tt.earlier}.Finding()
			sentences.Hold(t, f)
			if f.Detail != tt.detail || f.Fix != tt.fix {
				t.Errorf("detail %q, fix %q\nwant %q, %q", f.Detail, f.Fix, tt.detail, tt.fix)
			}
			if f.Certainty != finding.Observed || f.Severity != finding.Error || f.Count != 1 || f.Resources[0].Name != "bank.ledger" {
				t.Errorf("got %+v", f)
			}
		})
	}
}

// TestOneFinding: which of the two came first, and which locks were held, is luck.
func TestOneFinding(t *testing.T) {
	v := finding.Resource{Kind: finding.Variable}
	a := Race{Variable: v, Later: access("put", true, mu), Earlier: access("get", false), Count: 3}.Finding()
	b := Race{Variable: v, Later: access("get", false), Earlier: access("put", true)}.Finding()
	if a.ComputeFingerprint() != b.ComputeFingerprint() {
		t.Error("one race has two fingerprints")
	}
	if a.Goroutines[0].Stack.User().Func != b.Goroutines[0].Stack.User().Func {
		t.Error("the order of goroutines depends on which came first")
	}
	if len(a.Goroutines[1].Holds) != 1 || a.Resources[a.Goroutines[1].Holds[0].Resource].Name != "bank.mu" || a.Count != 3 {
		t.Errorf("got %+v", a)
	}
	if !strings.Contains(a.Title, "main.put main.go:9 writes what main.get main.go:9 read, without synchronization") {
		t.Errorf("title %q", a.Title)
	}
}
