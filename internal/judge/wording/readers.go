package wording

import (
	"fmt"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// ReadsAndAsks reports whether the goroutine asks in mode m for what it holds for
// reading, and where it took that.
func ReadsAndAsks(g *finding.Goroutine, m finding.Mode) (at finding.Frame, yes bool) {
	for _, h := range g.Holds {
		if h.Resource == g.Wait.Resource && h.Mode == finding.Shared {
			return h.Stack.Site(), g.Wait.Mode == m
		}
	}
	return finding.Frame{}, false
}

// IsRecursion reports whether two goroutines wait because one of them reads twice
// and the other one writes.
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

// Recursion makes f a finding of the rule rlock-recursion.
func Recursion(f *finding.Finding) {
	f.Rule = finding.RuleRLockRecursion
	reader, writer := &f.Goroutines[0], &f.Goroutines[1]
	first, ok := ReadsAndAsks(reader, finding.Shared)
	if !ok {
		reader, writer = writer, reader
		first, _ = ReadsAndAsks(reader, finding.Shared)
	}
	f.Title = fmt.Sprintf("%s read-locks what the same goroutine read-locked at %s", reader.Wait.Stack.Site(), first)
	f.Detail = fmt.Sprintf("A writer at %s that comes in between waits for the first read lock, and the second one waits behind the writer.", writer.Wait.Stack.Site())
	verb := "could wait"
	if f.Certainty == finding.Observed {
		f.Title += ", with a writer waiting in between"
		verb = "waits"
	}
	f.Fix = "read-lock once: split the inner function into a part that locks and a part that expects the lock to be held"
	f.Coffman = Coffman(f.Resources[:1], f.Goroutines, verb)
}

// Upgrade makes f a finding of the rule lock-upgrade.
func Upgrade(f *finding.Finding) {
	f.Rule = finding.RuleLockUpgrade
	g := &f.Goroutines[0]
	first, _ := ReadsAndAsks(g, finding.Exclusive)
	f.Title = fmt.Sprintf("%s asks to write-lock what the same goroutine read-locked at %s", g.Wait.Stack.Site(), first)
	f.Fix = "release the read lock, take the write lock, and check again what was read: it may have changed in between"
}
