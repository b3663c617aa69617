package judge

import (
	"fmt"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// ReadsAndAsks reports whether the goroutine asks in mode m for a lock that it holds for
// reading, and where it acquired that.
func ReadsAndAsks(g *finding.Goroutine, m finding.Mode) (at finding.Frame, yes bool) {
	for _, h := range g.Holds {
		if h.Resource == g.Wait.Resource && h.Mode == finding.Shared {
			return h.Stack.Site(), g.Wait.Mode == m
		}
	}
	return finding.Frame{}, false
}

// IsRecursion reports whether two goroutines wait because one of them reads twice and the
// other one writes in between.
func IsRecursion(goroutines []finding.Goroutine) bool {
	if len(goroutines) != 2 || goroutines[0].Wait.Resource != goroutines[1].Wait.Resource {
		return false
	}
	return slices.ContainsFunc(goroutines, func(g finding.Goroutine) bool {
		_, yes := ReadsAndAsks(&g, finding.Shared)
		return yes
	}) && slices.ContainsFunc(goroutines, func(g finding.Goroutine) bool {
		return g.Wait.Mode == finding.Exclusive && !slices.ContainsFunc(g.Holds, func(h finding.Hold) bool {
			return h.Resource == g.Wait.Resource
		})
	})
}

// DescribeRecursion makes f, a reader and a writer, a finding of the rule
// rlock-recursion. Outcome is what becomes of them, and verb "waits" or "could wait".
func DescribeRecursion(f *finding.Finding, outcome, verb string) {
	f.Rule = finding.RuleRLockRecursion
	reader, writer := &f.Goroutines[0], &f.Goroutines[1]
	first, ok := ReadsAndAsks(reader, finding.Shared)
	if !ok {
		reader, writer = writer, reader
		first, _ = ReadsAndAsks(reader, finding.Shared)
	}
	f.Title = fmt.Sprintf("%s %s: it read-locks an RWMutex that the same goroutine read-locked at %s", reader.Wait.Stack.Site(), outcome, first)
	f.Detail = fmt.Sprintf("A writer at %s that arrives in between waits for the first read lock, and the second RLock waits behind the writer.", writer.Wait.Stack.Site())
	if verb == Waits {
		f.Detail = fmt.Sprintf("The writer at %s waits for the first read lock, and the second RLock waits behind the writer.", writer.Wait.Stack.Site())
	}
	f.Fix = f.Rule.Fix()
	f.Coffman = Coffman(f.Resources[:1], f.Goroutines, verb)
}

// The verbs of Coffman's circular wait.
const (
	Waits     = "waits"
	CouldWait = "could wait"
)
