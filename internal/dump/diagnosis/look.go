package diagnosis

import (
	"slices"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	court "github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/hang"
	"github.com/concdoctor/concdoctor/internal/lockorder"
	"github.com/concdoctor/concdoctor/internal/profile"
)

// witness states the facts of a dump to the court: see package hang. It has the goroutines that hold or wait for something of which a holder is known, of those that
// could help them, and so on.
type witness struct {
	*judging
	look hang.Look
	// at are the indexes of the look's goroutines, in their order.
	at    []int
	holds map[int][]held
	still bool
	// channels are what goroutines wait for that is no lock and no wait group.
	channels map[int]*channelOf
	ids      map[uint64]int
}

// held is a hold with its resource.
type held struct {
	hold
	*resource
}

func (j *judging) newWitness() *witness {
	w := &witness{judging: j, holds: make(map[int][]held), still: j.standsStill(), channels: make(map[int]*channelOf), ids: make(map[uint64]int)}
	var queue []int
	for _, r := range j.resources {
		for _, h := range j.holdersFor(r, w.still) {
			w.holds[h.goroutine] = append(w.holds[h.goroutine], held{h, r})
		}
		queue = append(queue, r.waiters...)
	}
	for i := range w.holds {
		queue = append(queue, i)
	}
	slices.Sort(queue)
	seen := make(map[int]bool)
	for ; len(queue) > 0; queue = queue[1:] {
		i := queue[0]
		if seen[i] {
			continue
		}
		seen[i] = true
		w.at = append(w.at, i)
		w.ids[w.id(i)] = i
		if j.needs[i] == nil && j.stands[i] == blocked {
			for _, p := range j.partnersOf(i).all {
				queue = append(queue, p.goroutine)
			}
		}
	}
	slices.SortStableFunc(w.at, func(a, b int) int { return w.rank(a) - w.rank(b) })
	w.look = hang.Look{Inferred: true, Knowledge: w}
	for _, i := range w.at {
		w.look.Goroutines = append(w.look.Goroutines, w.goroutine(i))
	}
	return w
}

// rank puts those first that hold what others wait for and do not wait for a lock
// themselves: a cycle begins with its first goroutine, and that is the root.
func (w *witness) rank(i int) int {
	if len(w.holds[i]) > 0 && w.needs[i] == nil {
		return 0
	}
	return 1
}

// holdersFor are the holds of a resource that count: of goroutines that only have it among
// their arguments those that wait for another one, if there are such; and of one that waits
// for it itself only what is well known.
func (j *judging) holdersFor(r *resource, still bool) (all []hold) {
	waits := func(h hold) bool { return j.needs[h.goroutine] != nil && j.needs[h.goroutine] != r }
	onlyPossible := len(r.holds) > 0 && r.holds[0].support == possible && slices.ContainsFunc(r.holds, waits)
	for _, h := range r.holds {
		itself := j.needs[h.goroutine] == r
		if itself && r.kind == finding.WaitGroup && r.addr == 0 {
			continue // one of several that are declared there
		}
		known := h.support == sure || j.isStill(h.goroutine) || h.support == likely && (still || r.exhausted && len(r.holds) == 1)
		if onlyPossible && !waits(h) || itself && !known && r.kind != finding.WaitGroup {
			continue
		}
		if len(r.holds) == 1 && waits(h) && j.goroutines[h.goroutine].Minutes > 0 {
			h.support = sure // no other goroutine seems to hold it, and it has waited for long
		}
		all = append(all, h)
	}
	return all
}

// id is how the court calls the goroutine. Those of profiles have no id.
func (w *witness) id(i int) uint64 {
	if id := w.goroutines[i].ID; id != 0 && w.byID[id] == i {
		return id
	}
	return noID + uint64(i)
}

// noID begins the ids of goroutines that have none: no process has so many.
const noID = 1 << 60

func (w *witness) goroutine(i int) hang.Goroutine {
	g := hang.Goroutine{ID: w.id(i), Wait: w.wait(i)}
	if w.goroutines[i].Leaked {
		g.Proof = hang.Unreachable
	}
	for _, h := range w.holds[i] {
		if h.kind == finding.WaitGroup {
			g.Owes = h.resource
			continue
		}
		shown := w.held(h.hold, 0)
		mode := lockorder.Exclusive
		if shown.Mode == finding.Shared {
			mode = lockorder.Shared
		}
		hold := court.Hold{Lock: h.resource, Mode: mode, Stack: court.Frames(shown.Stack), Unsure: h.support < sure}
		for _, k := range w.heirsOf(h.resource, h.hold) {
			hold.Heirs = append(hold.Heirs, w.id(k))
		}
		g.Holds = append(g.Holds, hold)
	}
	return g
}

// wait is what the goroutine waits for, nil if it may go on by itself.
func (w *witness) wait(i int) *hang.Wait {
	if w.stands[i] != blocked {
		return nil
	}
	g := &w.goroutines[i]
	out := &hang.Wait{Mode: w.modeOf(i), Stack: court.Frames(g.Stack), Lasted: time.Duration(g.Minutes) * time.Minute, Join: g.role == profile.WaitGroup}
	if r := w.needs[i]; r != nil {
		out.Cases = []hang.Case{{Object: r, Mode: out.Mode}}
		return out
	}
	out.Cases = []hang.Case{{Object: w.channel(i), Mode: out.Mode}}
	return out
}

// channelOf is the channel, cond or select that a goroutine waits in.
type channelOf struct {
	j *judging
	i int
}

func (w *witness) channel(i int) *channelOf {
	if w.channels[i] == nil {
		w.channels[i] = &channelOf{w.judging, i}
	}
	return w.channels[i]
}

// Resource implements judge.Object.
func (c *channelOf) Resource(finding.Mode, finding.Stack) finding.Resource { return c.j.awaited(c.i) }

// Resource implements judge.Object.
func (r *resource) Resource(finding.Mode, finding.Stack) finding.Resource { return r.resource() }

// Users implements hang.Knowledge: the goroutines that could end a wait are those whose
// functions do the other side. Where the source names none, the wait may end at any time,
// unless nothing has moved for long.
func (w *witness) Users(c hang.Case) hang.Users {
	u := hang.Users{Ever: true}
	ch, is := c.Object.(*channelOf)
	if !is {
		r := c.Object.(*resource)
		u.Owed = len(r.holds) > 0
		u.More = !u.Owed
		return u
	}
	var others []uint64
	for _, p := range w.partnersOf(ch.i).all {
		if w.needsLockOf(p.goroutine, ch.i) {
			u.Living = append(u.Living, w.id(p.goroutine))
		} else {
			others = append(others, w.id(p.goroutine))
		}
	}
	u.Living = append(u.Living, others...) // a cycle goes through a lock rather than through others
	g := &w.goroutines[ch.i]
	still := w.still || w.isStill(ch.i) || g.isNil() || g.hasNoCases()
	known := !slices.ContainsFunc(w.holds[ch.i], func(h held) bool { return h.support == possible })
	u.Still = still && u.Living == nil
	u.More = !still && (u.Living == nil || !known || w.brief[ch.i] != never) || u.Still && w.mayReceive(ch.i)
	return u
}

// needsLockOf reports whether a goroutine waits for a lock that the other one holds.
func (w *witness) needsLockOf(i, holder int) bool {
	return slices.ContainsFunc(w.holds[holder], func(h held) bool { return h.isLock() && w.needs[i] == h.resource })
}

// mayReceive reports whether a goroutine of a test that timed out, which waits to send, may
// send to one that goes on.
func (w *witness) mayReceive(i int) bool {
	return w.timedOut() && strings.HasPrefix(w.goroutines[i].State, "chan send") && slices.Contains(w.stands, moving)
}

// Origins implements hang.Knowledge: a dump does not show which goroutine made what.
func (w *witness) Origins(court.Object) ([]uint64, bool) { return nil, false }

// Services implements hang.Knowledge: Users has what the source shows.
func (w *witness) Services(*hang.Goroutine, hang.Case) ([]uint64, bool) { return nil, false }

// Unserved is hang.Knowledge's: what a dump knows of the source is in its users.
func (w *witness) Unserved([]uint64) []uint64 { return nil }

// Census implements hang.Knowledge: it is not complete, since a dump does not show which
// goroutines know of what.
func (w *witness) Census() *hang.Census {
	c := &hang.Census{Living: make(map[uint64]hang.Peer)}
	for _, i := range w.at {
		c.Living[w.id(i)] = hang.Peer{}
	}
	return c
}
