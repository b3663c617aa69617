package leak

import (
	"cmp"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

const (
	// A leak is old: a tenth of the trace, but a second is enough in a long one.
	oldShare = 0.1
	oldNanos = 1_000_000_000
	// outlasts is how many times as long as the longest wait that ended at the line
	// the oldest must have waited. In a queue that moves no goroutine waits ten times
	// as long as any before it.
	outlasts = 10
	// growthCount goroutines born in growthWindows of all windows of the trace are a
	// pile that grows. A pool is started in one go; a restart makes two.
	growthCount   = 3
	growthWindows = 3
	windows       = 10
	// manyCount of a growing pile is an error: it will not stop by itself.
	manyCount = 10
	// idleCount is how many goroutines that slept through the whole trace make a
	// suspicion by their number alone: worker pools are as a rule smaller. It is the
	// number from which a goroutine profile is suspicious too.
	idleCount = 100
)

// group is the blocked goroutines of one function at one line.
type group struct {
	members []blocked // oldest wait first
	kind    kind
	line    line
	// windows is how many windows of the trace members were created in.
	windows int
	// orphans are those whose creator has ended, companions those whose creator lives
	// and created no other of them.
	orphans, companions int
	// asleep are those that were blocked before the trace began.
	asleep int
	// finished are goroutines of the same function that ended in the trace.
	finished int
}

// part returns the members for which is holds, as a group of their own.
func (p *pass) part(g *group, is func(*blocked) bool) *group {
	out := &group{kind: g.kind, line: g.line}
	for i := range g.members {
		if is(&g.members[i]) {
			out.members = append(out.members, g.members[i])
		}
	}
	p.measure(out)
	return out
}

// groups sorts the blocked goroutines, in a stable order.
func (p *pass) groups() []*group {
	type key struct {
		entry string
		site  stream.FrameID
	}
	by := make(map[key]*group)
	for _, b := range p.found {
		k := key{b.entry, b.site}
		if by[k] == nil {
			by[k] = &group{kind: kindOf(b.reason), line: *p.lines.At(b.site)}
		}
		by[k].members = append(by[k].members, b)
	}
	all := make([]*group, 0, len(by))
	for _, g := range by {
		p.measure(g)
		all = append(all, g)
	}
	slices.SortFunc(all, func(a, b *group) int { return cmp.Compare(a.members[0].id, b.members[0].id) })
	return all
}

func (p *pass) measure(g *group) {
	slices.SortFunc(g.members, func(a, b blocked) int {
		return cmp.Or(cmp.Compare(a.since, b.since), cmp.Compare(a.id, b.id))
	})
	g.finished = p.endedLike(g)
	var seen [windows]bool
	children := make(map[uint64]int)
	for _, b := range g.members {
		if b.before {
			g.asleep++
			continue
		}
		if w := min(windows-1, b.born*windows/max(1, p.tr.Now)); !seen[w] {
			seen[w] = true
			g.windows++
		}
		if b.creator != 0 && !p.alive[b.creator] {
			g.orphans++
		} else {
			children[b.creator]++
		}
	}
	for _, n := range children {
		if n == 1 {
			g.companions++
		}
	}
}

// endedLike counts the goroutines of the group's function that ended.
func (p *pass) endedLike(g *group) (n int) {
	for entry, count := range p.finished {
		if len(g.members) > 0 && p.tr.Frame(entry).Func == g.members[0].entry {
			n += count
		}
	}
	return n
}

// born returns how many members were created in the trace.
func (g *group) born() int { return len(g.members) - g.asleep }

// isOld reports whether the oldest has waited so long that it cannot be a queue.
func (p *pass) isOld(g *group) bool {
	age := p.tr.Now - g.members[0].since
	return age >= min(int64(oldShare*float64(p.tr.Now)), oldNanos) && age >= outlasts*g.line.longest
}

// grows reports whether the members came one after the other, not as a pool.
func (g *group) grows() bool { return g.born() >= growthCount && g.windows >= growthWindows }

// judge returns how sure and how bad the group is; ok is false if it is nothing.
func (p *pass) judge(g *group) (c finding.Certainty, s finding.Severity, ok bool) {
	idle := g.kind == weak && g.line.comeback
	switch {
	case idle || !p.isOld(g) || g.kind == weak && p.areConnections(g):
		return 0, 0, false
	case g.kind == strong:
		c, s = finding.Suspected, finding.Warning
	case g.grows() && g.born()-g.companions >= growthCount:
		c, s = finding.Suspected, finding.Warning
	case len(g.members) >= idleCount:
		return finding.Suspected, finding.Warning, true
	case g.orphans > 0:
		return finding.Suspected, finding.Info, true
	default:
		return 0, 0, false
	}
	if g.grows() && p.isSure(g) {
		c = finding.Potential
		if len(g.members) >= manyCount {
			s = finding.Error
		}
	}
	return c, s, true
}

// areConnections reports whether as many goroutines read from the network.
func (p *pass) areConnections(g *group) bool {
	_, ok := p.readers.Match(int64(len(g.members)))
	return ok
}

// isSure distinguishes a pile that will never dissolve from one whose members may be
// companions of something alive, such as an idle connection: companions wait in a select
// or receive and their creators are alive, or they wait for several things.
func (p *pass) isSure(g *group) bool {
	if g.kind == strong {
		return true
	}
	return g.members[0].reason != stream.Select && 2*g.orphans > g.born()
}
