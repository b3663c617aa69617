package finding_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// transfer is a line of example.com/bank.
func transfer(line int) finding.Stack {
	return finding.Stack{
		{Func: "sync.(*Mutex).Lock", File: "/usr/local/go/src/sync/mutex.go", Line: 46},
		{Func: "example.com/bank.Transfer", File: "/src/bank/bank.go", Line: line},
		{Func: "main.main.func1", File: "/src/main.go", Line: 20},
	}
}

// inversion is a finding as the agent makes it.
func inversion() finding.Finding {
	return finding.Finding{
		Rule: finding.RuleLockCycle, Certainty: finding.Potential, Severity: finding.Error,
		Title:     "bank.Transfer bank.go:12 can deadlock: it acquires 2 locks in conflicting orders",
		Resources: []finding.Resource{{Kind: finding.Mutex, Name: "Account.mu"}, {Kind: finding.Mutex, Name: "Account.mu"}},
		Goroutines: []finding.Goroutine{
			{ID: 7, Holds: []finding.Hold{{Resource: 0, Stack: transfer(11)}}, Wait: &finding.Wait{Resource: 1, Stack: transfer(12)}},
			{ID: 8, Holds: []finding.Hold{{Resource: 1, Stack: transfer(11)}}, Wait: &finding.Wait{Resource: 0, Stack: transfer(12)}},
		},
		Fix: finding.RuleLockCycle.Fix(),
	}
}

func ExamplePrinter() {
	f := inversion()
	f.Fingerprint = f.ComputeFingerprint()
	if err := (finding.Printer{MaxFrames: 1}).Print(os.Stdout, &f); err != nil {
		fmt.Println(err)
	}
	// Output:
	// lock-cycle (potential): bank.Transfer bank.go:12 can deadlock: it acquires 2 locks in conflicting orders
	//   A = mutex Account.mu
	//   B = mutex Account.mu
	//   goroutine 7
	//     holds A, acquired at
	//       bank.Transfer bank.go:11
	//       … 1 more
	//     requests B at
	//       bank.Transfer bank.go:12
	//       … 1 more
	//   goroutine 8
	//     holds B, acquired at
	//       bank.Transfer bank.go:11
	//       … 1 more
	//     requests A at
	//       bank.Transfer bank.go:12
	//       … 1 more
	//   fix: acquire the locks in one order everywhere
	//   more: concdoctor explain lock-cycle   fingerprint 0f4d40bdb7e3ed58
}

// A fingerprint does not depend on ids and lines, nor on what the compiler inlined.
func ExampleFinding_ComputeFingerprint() {
	a, b := inversion(), inversion()
	b.Goroutines[0].ID, b.Goroutines[0].Wait.Stack = 99, transfer(47)
	fmt.Println(a.ComputeFingerprint() == b.ComputeFingerprint())
	// Output: true
}

func ExampleReport() {
	rep := finding.NewReport(finding.Tool{Name: "mytool", Version: "v1.0.0"})
	rep.Findings = append(rep.Findings, inversion(), inversion()) // seen twice
	rep.Normalize()

	var saved bytes.Buffer
	if err := rep.Write(&saved); err != nil {
		fmt.Println(err)
		return
	}
	again, err := finding.Read(&saved)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range again.Findings {
		fmt.Println(f.Count, f.Rule, f.Certainty, f.Severity)
	}
	fmt.Println(again.CountAtOrAbove(finding.Error))
	// Output:
	// 2 lock-cycle potential error
	// 1
}

func ExampleReport_CompareWith() {
	known, fresh := inversion(), inversion()
	fresh.Rule = finding.RuleDeadlock
	base := finding.NewReport(finding.Tool{})
	base.Findings = []finding.Finding{known}
	base.Normalize()
	now := finding.NewReport(finding.Tool{})
	now.Findings = []finding.Finding{fresh}
	now.Normalize()

	now.CompareWith(base)
	fmt.Println(now.Findings[0].Change, now.Findings[0].Rule)
	fmt.Println("gone", now.Gone[0].Rule)
	// Output:
	// new deadlock
	// gone lock-cycle
}

// The agent writes one finding a line with CONCDOCTOR=format=json.
func ExampleReadLines() {
	lines := `{"rule":"stuck","certainty":"potential","severity":"error","title":"a","fix":"b","fingerprint":"0011223344556677","count":1}
{"rule":"stuck","certainty":"potential","severity":"error","title":"a","fix":"b","fingerprint":"0011223344556677","count":2}
`
	rep, err := finding.ReadLines(strings.NewReader(lines))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(rep.Findings), rep.Findings[0].Count)
	// Output: 1 3
}

func ExampleRules() {
	for _, rule := range finding.Rules() {
		if rule.Family == finding.FamilyLeak {
			fmt.Printf("%s (%s): %s\n", rule.ID, rule.Severity, rule.Title())
		}
	}
	// Output: goroutine-leak (warning): goroutines wait for what will never happen
}

// A verdict says how sure it is.
func ExampleRule_Verdict() {
	rule, _ := finding.LookupRule(finding.RuleGoroutineLeak)
	for _, c := range []finding.Certainty{finding.Observed, finding.Potential, finding.Suspected} {
		fmt.Println("the program", rule.Verdict(c))
	}
	// Output:
	// the program leaks goroutines
	// the program appears to leak goroutines
	// the program may leak goroutines
}

// A suppression names a rule, and a part of a function at fault.
func ExampleParseSuppression() {
	s, err := finding.ParseSuppression("lock-cycle:bank.Transfer callers sort the accounts")
	if err != nil {
		fmt.Println(err)
		return
	}
	f := inversion()
	fmt.Println(s.Matches(&f), s.Reason)
	// Output: true callers sort the accounts
}

func ExampleReport_Suppress() {
	s, err := finding.NewSuppressor([]string{"lock-cycle:bank.Transfer"}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	rep := finding.NewReport(finding.Tool{})
	rep.Findings = []finding.Finding{inversion()}
	rep.Suppress(s)
	fmt.Println(len(rep.Findings), len(rep.Suppressed), rep.Warnings[0].Text)
	// Output: 0 1 suppressed by lock-cycle:bank.Transfer: 1
}

// A baseline is a file of suppressions: one line a finding that is known.
func ExampleWriteBaseline() {
	f := inversion()
	f.Title = "bank.Transfer can deadlock"
	if err := finding.WriteBaseline(os.Stdout, time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC), f); err != nil {
		fmt.Println(err)
	}
	// Output: 0f4d40bdb7e3ed58  known since 2026-11-30: lock-cycle (potential): bank.Transfer can deadlock
}

func ExampleDirectiveAt() {
	source := `func move(a, b *Account) {
	a.mu.Lock()
	b.mu.Lock() //concdoctor:ignore lock-cycle callers sort the accounts
}`
	d, found, err := finding.DirectiveAt(strings.NewReader(source), 3)
	fmt.Println(d.Rules, d.Reason, found, err)
	// Output: [lock-cycle] callers sort the accounts true <nil>
}

// The name is the source's, although the closure was inlined from package sync into main.
func ExampleFrame_Function() {
	for _, f := range []finding.Frame{
		{Func: "example.com/bank.(*Account).Move.func2.1"},
		{Func: "main.main.OnceFunc.func25.1", File: "/usr/local/go/src/sync/oncefunc.go"}, // Go 1.26
		{Func: "sync.OnceFunc.func1.1", File: "/usr/local/go/src/sync/oncefunc.go"},       // Go 1.27
	} {
		fmt.Println(f.Function())
	}
	// Output:
	// example.com/bank.(*Account).Move.func.func
	// sync.OnceFunc.func.func
	// sync.OnceFunc.func.func
}

// User is the call of the program's own that waits, Site the one that calls package sync.
func ExampleStack_User() {
	s := finding.Stack{
		{Func: "sync.(*Mutex).Lock"},
		{Func: "log.(*Logger).output"},
		{Func: "example.com/bank.Transfer", File: "/src/bank/bank.go", Line: 12},
	}
	fmt.Println(s.Site(), "for", s.User())
	// Output: log.(*Logger).output for bank.Transfer bank.go:12
}

func ExampleMeasure_Text() {
	for _, m := range []finding.Measure{
		finding.Duration("waited", 1240*time.Microsecond), finding.Share("of the time", 0.384), finding.Number("times", 12), finding.Rounded("speed-up", 1.896),
	} {
		fmt.Println(m.Name, m.Text())
	}
	// Output:
	// waited 1.24 ms
	// of the time 38 %
	// times 12
	// speed-up 1.9
}

func ExamplePlural() {
	fmt.Println(finding.Plural(1, "wait"), finding.Plural(1200, "process"), finding.Times(1), finding.Times(3))
	fmt.Println(finding.Join([]string{"a mutex", "a channel", finding.RWMutex.Indefinite()}))
	// Output:
	// 1 wait 1,200 processes once 3 times
	// a mutex, a channel and an RWMutex
}

func ExampleCertainty() {
	var c finding.Certainty
	err := c.UnmarshalText([]byte("proven"))
	fmt.Println(c, c > finding.Potential, c < finding.Observed, err)
	// Output: proven true true <nil>
}

func ExampleFinding_SeenText() {
	f := inversion()
	f.AddSeen(finding.Sighting{Test: "TestMove", Program: "example.com/bank", Count: 2}, finding.Sighting{Test: "TestAudit", Program: "example.com/bank", Count: 1})
	fmt.Println(f.SeenText())
	// Output: TestMove (example.com/bank), TestAudit (example.com/bank)
}
