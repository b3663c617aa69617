package finding

import (
	"fmt"
	"slices"
	"strings"
)

// BlockedProcess is one process in which goroutines were blocked when it ended, or
// when it was looked at: facts, whether or not a rule applies to them.
type BlockedProcess struct {
	// Input is the input that shows it; may be empty.
	Input string `json:"input,omitempty"`
	// Program is the process's name where it is known.
	Program string `json:"program,omitempty"`
	// Ended is how it ended, as the end of a sentence: "timed out after 10s", "was
	// interrupted", "panicked: boom"; "" for a process that was alive.
	Ended string `json:"ended,omitempty"`
	// Tests are the tests and subtests that had begun and were not over, outermost first.
	Tests []string `json:"tests,omitempty"`
	// Count is the number of blocked goroutines, with those of the groups left out.
	Count int64 `json:"count"`
	// Groups are the blocked goroutines, those that the others wait for first, then the
	// largest groups. They are bounded.
	Groups []BlockedGroup `json:"groups,omitempty"`
}

// BlockedGroup is goroutines that are blocked alike: in the same stack, on the same
// kind of resource, and, where it is known, on the same one.
type BlockedGroup struct {
	Count int64 `json:"count"`
	// IDs are those of some of them; may be empty.
	IDs []uint64 `json:"ids,omitempty"`
	// State is what the source calls the wait, as in "chan receive".
	State string `json:"state"`
	// Test is the test or subtest that they belong to, TestMain, or "init of" a package; ""
	// if not known.
	Test string `json:"test,omitempty"`
	// Resource is what they wait for, Mode how they ask for it.
	Resource Resource `json:"resource"`
	Mode     Mode     `json:"mode,omitempty"`
	Stack    Stack    `json:"stack"`
	Created  Frame    `json:"created,omitzero"`
	// OldestNanos is how long the first of them has waited at least; 0 if not known.
	OldestNanos int64 `json:"oldest_nanos,omitempty"`
	// Holds is what they hold themselves.
	Holds []BlockedHold `json:"holds,omitempty"`
	// Holders are the goroutines that hold what these wait for, or owe it to them; bounded.
	Holders []Holder `json:"holders,omitempty"`
	// Finding is the fingerprint of the finding that says why they wait, "" if none does.
	Finding string `json:"finding,omitempty"`
	// Uses are what others did to the resource that ends such a wait, once for each goroutine,
	// the latest first; bounded. Unused says that none ever did.
	Uses   []Use `json:"uses,omitempty"`
	Unused bool  `json:"unused,omitempty"`
	// Idle says that they wait as goroutines do that have nothing to do: to be sent something,
	// for a signal, or for others to end; and no goroutine waits for what they hold.
	Idle bool `json:"idle,omitempty"`
}

// BlockedHold is a resource that blocked goroutines hold.
type BlockedHold struct {
	Resource Resource `json:"resource"`
	Mode     Mode     `json:"mode,omitempty"`
	// Stack is where they acquired it, or, if Likely, the call in which they hold it.
	Stack Stack `json:"stack,omitempty"`
	// Likely says that it is inferred.
	Likely bool `json:"likely,omitempty"`
}

// Holder is a goroutine that holds what others wait for, and what it does meanwhile.
type Holder struct {
	ID   uint64 `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
	// Likely says that it is inferred that it holds the resource.
	Likely bool `json:"likely,omitempty"`
	Mode   Mode `json:"mode,omitempty"`
	// Held is where it acquired the resource, or, if Likely, the call in which it holds it.
	Held Stack `json:"held,omitempty"`
	// State is what it does, as in "chan send, 3 minutes" or "running", StateEnded or
	// StateAwake, and Stack where.
	State string `json:"state,omitempty"`
	Stack Stack  `json:"stack,omitempty"`
	// More counts other goroutines that hold it alike, in the same stack.
	More int64 `json:"more,omitempty"`
}

// States of goroutines beside those in the words of the runtime.
const (
	// StateEnded is that of a goroutine that is no longer there.
	StateEnded = "ended"
	// StateAwake is that of a goroutine that may run, sleep, or be in a system call or on
	// the network.
	StateAwake = "not waiting for another goroutine"
)

// Use is what a goroutine did to a channel, wait group or cond.
type Use struct {
	// ID is 0 for the function of a timer, and where it is not known.
	ID uint64 `json:"id,omitempty"`
	// Verb is what was done, as in "sent on it".
	Verb  string `json:"verb"`
	Stack Stack  `json:"stack,omitempty"`
	// State is what the goroutine does now, as in Holder, and Now where.
	State string `json:"state,omitempty"`
	Now   Stack  `json:"now,omitempty"`
}

// Explains returns the number, from 1 on, of the finding that says why the goroutines of a
// group wait, 0 if none does. shown says that the finding also shows where they wait.
func (r *Report) Explains(g *BlockedGroup) (number int, shown bool) {
	i := slices.IndexFunc(r.Findings, func(f Finding) bool { return g.Finding != "" && f.Fingerprint == g.Finding })
	if i < 0 {
		return 0, false
	}
	site := g.Stack.User()
	for _, one := range r.Findings[i].Goroutines {
		shown = shown || one.Wait != nil && one.Wait.Stack.User() == site
	}
	for _, p := range r.Findings[i].Places {
		shown = shown || p.Stack.User() == site
	}
	return i + 1, shown
}

// maxTests bounds the tests that a headline names.
const maxTests = 3

// Headline returns one line: "TestX timed out after 10s with 4 goroutines blocked".
func (p *BlockedProcess) Headline() string {
	text := Plural(p.Count, "goroutine") + " blocked"
	if p.IsIdle() {
		text = Plural(p.Count, "goroutine") + " waiting"
	}
	if p.Ended == "" {
		if p.Input != "" {
			text += " in " + p.Input
		}
		return text
	}
	return p.subject() + " " + p.Ended + " with " + text
}

// IsIdle reports whether all that waited did so as goroutines do that have nothing to do.
func (p *BlockedProcess) IsIdle() bool {
	return len(p.Groups) > 0 && !slices.ContainsFunc(p.Groups, func(g BlockedGroup) bool { return !g.Idle })
}

// subject is what ended: the tests without those that others are part of, or the program.
func (p *BlockedProcess) subject() string {
	var inner []string
	for i, name := range p.Tests {
		if !hasSubtest(p.Tests[i+1:], name) {
			inner = append(inner, name)
		}
	}
	switch n := len(inner); {
	case n > maxTests:
		return fmt.Sprintf("%s and %d more tests", strings.Join(inner[:maxTests-1], ", "), n-maxTests+1)
	case n > 1:
		return strings.Join(inner[:n-1], ", ") + " and " + inner[n-1]
	case n == 1:
		return inner[0]
	case p.Program != "":
		return p.Program
	}
	return "the program"
}

// hasSubtest reports whether one of the names is that of a subtest of the test.
func hasSubtest(names []string, test string) bool {
	for _, name := range names {
		if strings.HasPrefix(name, test+"/") {
			return true
		}
	}
	return false
}
