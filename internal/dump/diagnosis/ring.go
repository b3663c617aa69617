package diagnosis

import (
	"fmt"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	court "github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/hang"
)

// rings reports the cycles of waits: the goroutine of each link waits for what the next
// one seems to hold.
func (j *judging) rings() {
	closed := j.stuck(func(int) bool { return false })
	for _, r := range j.resources {
		if j.isExplained(r) {
			continue
		}
		if ring := j.shortestRing(r, closed); ring != nil {
			j.ring(ring)
		}
	}
}

// shortestRing searches breadth first from the resource over its holders that wait. A
// holder that may hold another instance counts only if all that may hold it wait likewise.
func (j *judging) shortestRing(start *resource, closed []bool) []link {
	type step struct {
		at   *resource
		path []link
	}
	seen := map[*resource]bool{start: true}
	for queue := []step{{at: start}}; len(queue) > 0; {
		s := queue[0]
		queue = queue[1:]
		for _, h := range s.at.holds {
			next := j.needs[h.goroutine]
			if next == nil || next == s.at || h.support == likely && !closed[h.goroutine] {
				continue
			}
			path := append(slices.Clip(s.path), link{hold: h, holds: s.at, waits: next})
			if next == start {
				return path
			}
			if !seen[next] {
				seen[next] = true
				queue = append(queue, step{next, path})
			}
		}
	}
	return nil
}

// isSure reports whether the ring holds beyond doubt of addresses: the source says of each
// link that it holds the lock, or no goroutine outside the ring seems to hold any of the
// locks and all in it have waited for long.
func (j *judging) isSure(ring []link) bool {
	bySource, byTime := true, true
	for _, k := range ring {
		bySource = bySource && (k.hold.support == sure || k.holds.kind == finding.WaitGroup)
		byTime = byTime && j.goroutines[k.hold.goroutine].Minutes > 0 && len(k.holds.holds) == 1
	}
	return bySource || byTime
}

func (j *judging) ring(ring []link) {
	f := finding.Finding{Rule: finding.RuleDeadlock, Certainty: finding.Suspected, Severity: finding.Error, Count: 1}
	if j.isSure(ring) {
		f.Certainty = finding.Potential
	}
	var resources []finding.Resource
	var members []int
	for i, k := range ring {
		next := (i + 1) % len(ring)
		resources = append(resources, k.holds.resource())
		g := j.waiter(k.hold.goroutine, next)
		g.Holds = []finding.Hold{j.held(k.hold, i)}
		f.Goroutines = append(f.Goroutines, g)
		members = append(members, k.hold.goroutine)
	}
	f.Resources = resources
	sites := court.Sites(f.Goroutines)
	f.Title = fmt.Sprintf("%d goroutines seem to wait for each other, at %s", len(ring), sites)
	f.Detail = j.ringDetail(ring)
	f.Evidence = j.evidence("the cycle follows from %s", basis(ring))
	f.Fix = "acquire the locks in one order everywhere, so that no cycle can form"
	if court.SameSite(f.Goroutines) {
		f.Fix = court.SortFix(j.goroutines[members[0]].Stack.Site())
	}
	f.Coffman = court.Coffman(resources, f.Goroutines, court.Waits)
	f.Coffman.HoldAndWait.Evidence = "inferred from " + basis(ring) + ": each goroutine seems to hold a lock that is waited for, and waits for another"
	court.DescribeRing(&f, resources, hang.Outcome(f.Certainty, len(ring)))
	j.addPendingWriters(&f, ring)
	j.add(f, members)
}

// addPendingWriters adds the writers behind which readers of the ring wait.
func (j *judging) addPendingWriters(f *finding.Finding, ring []link) {
	for i, k := range ring {
		waits := (i + 1) % len(ring)
		if !k.waits.writes || f.Goroutines[i].Wait.Mode != finding.Shared {
			continue
		}
		for _, w := range k.waits.waiters {
			if j.goroutines[w].asksPendingWrite() {
				f.Goroutines = append(f.Goroutines, j.waiter(w, waits))
				f.Detail += fmt.Sprintf("\n%s requests the write lock of %s: it keeps new readers out, so that %s waits behind it.",
					sentence(numbered(j.goroutines[w].ID)), finding.ResourceLabel(waits), numbered(f.Goroutines[i].ID))
				break
			}
		}
	}
}

// basis says what shows that the goroutines of a ring hold what they hold.
func basis(ring []link) string {
	args, source := false, false
	for _, k := range ring {
		if k.hold.support == possible {
			args = true
		} else {
			source = true
		}
	}
	switch {
	case args && source:
		return "the source and the arguments of the calls"
	case source:
		return "the source of the calls"
	}
	return "the arguments of the calls"
}

func (j *judging) ringDetail(ring []link) string {
	if basis(ring) == "the arguments of the calls" {
		return "Each has the lock that another one waits for, or the struct that contains it, among the arguments of its calls: " +
			"it may hold it. A dump does not show which goroutine holds a lock."
	}
	return "A dump does not show which goroutine holds a lock. " +
		"By the source, each of these is in a call that holds the lock for which the previous one waits."
}
