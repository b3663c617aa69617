package detect

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/agent/snapshot"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/goroutines"
	"github.com/concdoctor/concdoctor/internal/detect/ticks"
	"github.com/concdoctor/concdoctor/internal/dump"
	"github.com/concdoctor/concdoctor/internal/judge"
)

// Snapshot returns what the engine knows at this moment.
func Snapshot(o snapshot.Options) *snapshot.Snapshot {
	s := newSnapshot()
	std.protect(func() { fill(s, o) })
	return s
}

func fill(s *snapshot.Snapshot, o snapshot.Options) {
	p := picture{Snapshot: s, now: ticks.Now(), rate: ticks.Rate(), expanded: make(map[callers.Short]finding.Stack)}
	p.goroutines(std.states.all())
	p.stacks(o)
	list, dropped := std.edges.read()
	for i := range list {
		s.Edges = append(s.Edges, list[i].plain())
	}
	p.waitSites()
	for _, c := range std.statistics.classes.all() {
		s.Classes = append(s.Classes, p.class(c))
	}
	s.Findings = append(s.Findings, std.sink.Findings()...)
	s.Counters = counters()
	s.Counters.DroppedEdges = dropped
	s.Complete()
}

func newSnapshot() *snapshot.Snapshot {
	s := snapshot.New(time.Now())
	s.Detecting, s.Statistics = !std.off.Load(), std.statistics.on.Load()
	if since := std.statistics.since.Load(); since != 0 {
		s.Since = time.Unix(0, since)
	}
	return s
}

// picture is a snapshot that is being taken.
type picture struct {
	*snapshot.Snapshot
	now       uint64 // in ticks
	rate      float64
	resources judge.Resources
	expanded  map[callers.Short]finding.Stack
	partial   []partialHold
}

// partialHold is a hold of which only the innermost calls are known.
type partialHold struct {
	goroutine uint64
	index     int
}

// stack expands program counters, once for equal stacks: ten thousand goroutines that wait at
// one line have as many equal stacks.
func (p *picture) stack(pcs *callers.Short) finding.Stack {
	known, ok := p.expanded[*pcs]
	if !ok {
		known = stackOf(pcs[:])
		p.expanded[*pcs] = known
	}
	return slices.Clone(known)
}

// elapsed returns the time since the moment, 0 for none.
func (p *picture) elapsed(since uint64) int64 {
	if since == 0 {
		return 0
	}
	return ticks.Nanos(ticks.Between(since, p.now), p.rate)
}

func (p *picture) goroutines(states []*Goroutine) {
	for _, g := range states {
		seen, waits := g.readBlocked()
		if !waits {
			var ok bool
			if seen, ok = g.readRunning(); !ok {
				if g.isBusy() {
					p.Unread++
				}
				continue
			}
		}
		if plain := p.goroutine(&seen, waits); plain.Wait != nil || plain.Holds != nil {
			p.Goroutines = append(p.Goroutines, plain)
		}
	}
	p.abandoned(std.scanner.abandonedHolds())
	for i := range p.Goroutines {
		p.Goroutines[i].Name = std.names.of(p.Goroutines[i].ID)
	}
	slices.SortFunc(p.Goroutines, func(a, b snapshot.Goroutine) int { return cmp.Compare(a.ID, b.ID) })
}

// abandoned adds the locks that goroutines held when they ended, if their states have passed
// to others.
func (p *picture) abandoned(lost []abandonedHold) {
	byID := make(map[uint64]int)
	for i := range p.Goroutines {
		byID[p.Goroutines[i].ID] = i
	}
	for i := range lost {
		a := &lost[i]
		at, known := byID[a.by]
		if known && p.Goroutines[at].HasHold(p.lock(a.hold.lock)) {
			continue
		}
		if !known {
			at = len(p.Goroutines)
			byID[a.by] = at
			p.Goroutines = append(p.Goroutines, snapshot.Goroutine{ID: a.by, State: snapshot.Ended, Created: creatorOf(a.creator)})
		}
		p.Goroutines[at].Holds = append(p.Goroutines[at].Holds, p.hold(&a.hold))
	}
}

// isBusy reports whether g seems to hold something.
//
//go:norace
func (g *Goroutine) isBusy() bool { return g.n > 0 }

func (p *picture) goroutine(seen *reading, waits bool) snapshot.Goroutine {
	plain := snapshot.Goroutine{ID: seen.id, Created: creatorOf(seen.creator)}
	if seen.g.endedAs(seen.id) {
		plain.State = snapshot.Ended
	}
	for i := range seen.holds {
		h := &seen.holds[i]
		if !h.isValid() {
			continue
		}
		if !h.isWhole() {
			p.partial = append(p.partial, partialHold{seen.id, len(plain.Holds)})
		}
		plain.Holds = append(plain.Holds, p.hold(h))
	}
	if waits {
		plain.Wait = p.wait(seen)
	}
	return plain
}

func (p *picture) hold(h *hold) snapshot.Hold {
	plain := snapshot.Hold{Resource: p.lock(h.lock), Mode: judge.ModeOf(h.mode), Stack: p.stack(&h.stack)}
	if h.lock.description.kind == finding.WaitGroup { // see groupRecord.order
		plain.Mode = finding.Await
	}
	if h.timed {
		plain.Nanos = p.elapsed(h.since)
	}
	return plain
}

func (p *picture) wait(seen *reading) *snapshot.Wait {
	w := &snapshot.Wait{Op: seen.op.String(), Stack: p.stack(&seen.stack), Nanos: p.elapsed(seen.started)}
	if seen.lock != nil {
		w.Mode = judge.ModeOf(seen.mode)
		w.Resources = []int{p.lock(seen.lock)}
		return w
	}
	for _, o := range seen.origins() {
		w.Resources = append(w.Resources, p.resource(o, noClass))
	}
	for _, c := range seen.cases {
		w.Partners = append(w.Partners, c.partners(seen.id)...)
	}
	slices.Sort(w.Partners)
	w.Partners = slices.Compact(w.Partners)
	return w
}

// origins returns what s waits for, at least one.
func (s *reading) origins() (list []*description) {
	for _, c := range s.cases {
		if c.waitable != nil && !slices.Contains(list, c.waitable.description) {
			list = append(list, c.waitable.description)
		}
	}
	if list == nil { // a select without cases, or of plain channels
		list = []*description{{kind: finding.Channel}}
	}
	return list
}

// partners returns the living goroutines that have used the side which ends the wait.
func (c *WaitCase) partners(waiting uint64) (ids []uint64) {
	if c.waitable == nil {
		return nil
	}
	users, _ := c.waitable.sides[c.at].living()
	for _, u := range users {
		if u.id != waiting {
			ids = append(ids, u.id)
		}
	}
	return ids
}

// noClass is the class of what is not a lock.
const noClass = -1

func (p *picture) lock(l *lockRecord) int { return p.resource(l.description, l.classOf().id) }

func (p *picture) resource(o *description, class int) int {
	i := p.resources.Of(o, "", nil)
	if i == len(p.Resources) {
		p.Resources = append(p.Resources, snapshot.Resource{
			Resource: p.resources.List[i], ClassID: class, Semaphore: o.given.Load(),
		})
	}
	return i
}

// stacks adds the current stacks of the goroutines.
func (p *picture) stacks(o snapshot.Options) {
	limit, longest := cmp.Or(o.MaxStacks, snapshot.DefaultMaxStacks), cmp.Or(o.MaxPause, snapshot.DefaultMaxPause)
	n := runtime.NumGoroutine()
	switch pause := goroutines.Pause(n); {
	case limit < 0, len(p.Goroutines) == 0:
		return
	case n > limit:
		p.Note = fmt.Sprintf("current stacks were not taken: %d goroutines, more than %d", n, limit)
		return
	case longest > 0 && pause > longest:
		p.Note = fmt.Sprintf("current stacks were not taken: that would stop the program for %v, longer than %v", pause.Round(time.Millisecond), longest)
		return
	}
	all, _ := goroutines.Take()
	p.PauseNanos = int64(goroutines.Pause(n))
	byID := make(map[uint64]*dump.Goroutine, len(all))
	for i := range all {
		byID[all[i].ID] = &all[i]
	}
	p.Stacks = true
	for i := range p.Goroutines {
		g := &p.Goroutines[i]
		if now := byID[g.ID]; now != nil {
			p.complete(g, now.Stack)
			g.State, g.Stack, g.Parent = now.State, now.Stack.Trim(), now.Parent
			if g.Created.IsZero() && !now.Created.IsStandard() {
				g.Created = now.Created
			}
		}
	}
}

// complete adds to the stacks of partial holds what the goroutine's current stack has in common
// with them.
func (p *picture) complete(g *snapshot.Goroutine, now finding.Stack) {
	for _, at := range p.partial {
		if at.goroutine == g.ID {
			h := &g.Holds[at.index]
			h.Stack = withRest(h.Stack, now).Trim()
		}
	}
}
