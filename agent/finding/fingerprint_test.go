package finding

import (
	"slices"
	"testing"
)

// inversion is the AB/BA finding of two functions.
func inversion(first, second string) Finding {
	at := func(fn string, line int) Stack {
		return Stack{{Func: "sync.(*Mutex).Lock"}, {Func: fn, File: "/src/bank/bank.go", Line: line}, {Func: "main.main"}}
	}
	return Finding{
		Rule: "lock-cycle", Certainty: Potential, Severity: Error,
		Title: "two orders", Fix: "take A before B",
		Resources: []Resource{{Kind: Mutex, Address: 0xc000010000}, {Kind: Mutex, Name: "to", Address: 0xc000010008}},
		Goroutines: []Goroutine{
			{ID: 7, Holds: []Hold{{0, Exclusive, at(first, 10)}}, Wait: &Wait{Resource: 1, Mode: Exclusive, Stack: at(first, 11)}},
			{ID: 9, Holds: []Hold{{1, Exclusive, at(second, 20)}}, Wait: &Wait{Resource: 0, Mode: Exclusive, Stack: at(second, 21)}},
		},
	}
}

func TestFingerprintStaysTheSame(t *testing.T) {
	want := func() string { f := inversion("bank.Move", "bank.Audit.func2.1"); return f.ComputeFingerprint() }()
	for _, tt := range []struct {
		name   string
		change func(*Finding)
	}{
		{"lines and files", func(f *Finding) {
			for _, g := range f.Goroutines {
				for _, s := range []Stack{g.Holds[0].Stack, g.Wait.Stack} {
					s[1].Line += 40
					s[1].File = "/elsewhere/move.go"
				}
			}
		}},
		{"addresses, names and ids", func(f *Finding) {
			f.Resources[0].Address, f.Resources[1].Name = 0x1234, ""
			f.Goroutines[0].ID = 1234
		}},
		{"order of goroutines", func(f *Finding) { slices.Reverse(f.Goroutines) }},
		{"closure numbers", func(f *Finding) {
			f.Goroutines[1].Holds[0].Stack[1].Func = "bank.Audit.func7.3"
			f.Goroutines[1].Wait.Stack[1].Func = "bank.Audit.func7.1"
		}},
		{"callers", func(f *Finding) { f.Goroutines[0].Wait.Stack[2].Func = "main.other" }},
		{"class", func(f *Finding) { f.Resources[0].Class = Frame{Func: "bank.New"} }},
		{"certainty, count, words, loss", func(f *Finding) {
			f.Certainty, f.Severity, f.Count, f.LostNanos = Observed, Warning, 99, 5
			f.Title, f.Fix, f.Detail = "x", "y", "z"
		}},
	} {
		f := inversion("bank.Move", "bank.Audit.func2.1")
		tt.change(&f)
		if got := f.ComputeFingerprint(); got != want {
			t.Errorf("%s: fingerprint changed from %s to %s", tt.name, want, got)
		}
	}
}

func TestFingerprintTellsApart(t *testing.T) {
	seen := map[string]string{}
	add := func(name string, f Finding) {
		got := f.ComputeFingerprint()
		if len(got) != 2*fingerprintBytes {
			t.Errorf("%s: fingerprint %q", name, got)
		}
		if other, dup := seen[got]; dup {
			t.Errorf("%s and %s share the fingerprint %s", name, other, got)
		}
		seen[got] = name
	}
	add("base", inversion("bank.Move", "bank.Audit"))
	add("another function", inversion("bank.Move", "bank.Report"))
	add("a closure of it", inversion("bank.Move", "bank.Audit.func1"))
	add("a closure in that", inversion("bank.Move", "bank.Audit.func1.1"))
	add("another package", inversion("bank.Move", "shop.Audit"))
	rule := inversion("bank.Move", "bank.Audit")
	rule.Rule = "deadlock"
	add("another rule", rule)
	kind := inversion("bank.Move", "bank.Audit")
	kind.Resources[0].Kind = RWMutex
	add("another kind", kind)
	add("waits", Finding{Rule: "contention", Places: []Place{{Role: "waits", Stack: Stack{{Func: "a.F"}}}}})
	add("blamed", Finding{Rule: "contention", Places: []Place{{Role: "holds", Stack: Stack{{Func: "a.F"}}}}})
}
