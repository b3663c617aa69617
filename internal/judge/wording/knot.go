package wording

import (
	"fmt"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// KnotFix proposes to break the ring at a lock if there is one.
func KnotFix(ring []finding.Resource) string {
	for i, r := range ring {
		if IsLock(r.Kind) {
			return fmt.Sprintf("release %s before waiting for something that only a goroutine which needs %s can give", finding.ResourceLabel(i), finding.ResourceLabel(i))
		}
	}
	return "let one side never wait: give a channel of the ring room for all that can be under way, or select with a context's Done"
}

// IsLock reports whether a resource of the kind is held by whoever took it.
func IsLock(k finding.ResourceKind) bool {
	return k == finding.Mutex || k == finding.RWMutex || k == finding.Once
}

// KnotCoffman says how each of the four conditions is met where not all are locks.
func KnotCoffman(ring []finding.Resource, goroutines []finding.Goroutine) *finding.Coffman {
	c := Coffman(ring, goroutines, "waits")
	c.MutualExclusion.Evidence += ": what one takes no other has"
	c.NoPreemption.Evidence = "nobody can take a lock from its holder, or make a goroutine leave its wait"
	c.HoldAndWait.Evidence = "each goroutine keeps what the next one needs, a lock or what only it would do, while it waits"
	if !slices.ContainsFunc(ring, func(r finding.Resource) bool { return !IsLock(r.Kind) }) {
		return c
	}
	c.Breaks = "hold and wait"
	return c
}
