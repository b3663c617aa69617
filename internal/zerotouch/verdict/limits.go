package verdict

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge/limit"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// Limits are those of the rules held-long and waited-long. Zero is DefaultLimit, negative
// is no limit.
type Limits struct{ Hold, Wait time.Duration }

// DefaultLimit is how long a goroutine may wait for a lock. It is the agent's.
const DefaultLimit = 30 * time.Second

func (l Limits) hold() time.Duration { return cmp.Or(l.Hold, DefaultLimit) }
func (l Limits) wait() time.Duration { return cmp.Or(l.Wait, DefaultLimit) }

// motion is what a watcher has seen of the goroutines of a process: since when each has
// not moved, and when the process was last stopped, as in a debugger. The zero value is that
// of a tape which is read once.
type motion struct {
	still   map[uint64]stillness
	stopped int64
}

type stillness struct {
	seq   uint64
	since int64
}

// see takes a reading of a process that runs.
func (m *motion) see(t *tape.Tape) {
	still := make(map[uint64]stillness, len(t.Goroutines))
	for i := range t.Goroutines {
		g := &t.Goroutines[i]
		now := stillness{g.Seq, t.Now}
		if before, known := m.still[g.ID]; known && before.seq == g.Seq {
			now = before
		}
		still[g.ID] = now
	}
	m.still = still
	if isStopped(t.PID) {
		m.stopped = t.Now
	}
}

// isStopped reports whether a signal or a debugger has stopped the process.
func isStopped(pid int) bool {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, state, _ := bytes.Cut(data[bytes.LastIndexByte(data, ')')+1:], []byte(" "))
	return len(state) > 0 && (state[0] == 'T' || state[0] == 't')
}

// overLimits returns what is to be said of locks that goroutines have waited for too long,
// but for those that hang.
func (s *scene) overLimits(l Limits, hung map[uint64]bool, m *motion) (all []past) {
	court := &limit.Look{HoldLimit: l.hold(), WaitLimit: l.wait()}
	if court.HoldLimit <= 0 && court.WaitLimit <= 0 {
		return nil
	}
	look := &look{s, false}
	var members []*tape.Goroutine
	for i := range s.Goroutines {
		g := &s.Goroutines[i]
		if g.Bubble || len(g.Held) == 0 && (g.Wait == nil || !isLock(g.Wait.Kind)) {
			continue
		}
		members = append(members, g)
		court.Goroutines = append(court.Goroutines, look.limited(g, hung[g.ID], m))
	}
	for _, v := range limit.Judge(court) {
		s.nameTests(&v.Finding)
		waiter := members[v.Waiter : v.Waiter+1]
		all = append(all, past{Finding: v.Finding, tests: testsIn(waiter), members: waiter})
	}
	return all
}

// limited is a goroutine as the court of limits sees it.
func (l *look) limited(g *tape.Goroutine, hung bool, m *motion) limit.Goroutine {
	shown := limit.Goroutine{Goroutine: l.goroutine(g), Hung: hung}
	if shown.Wait != nil {
		shown.Wait.Lasted = l.since(g.Wait.Since, m)
	}
	for i := range shown.Holds {
		shown.Holds[i].Lasted = l.since(l.heldSince(g, &g.Held[i], m), m)
	}
	return shown
}

// heldSince is a time since which a goroutine has had a hold, the earliest that is known, 0
// for none: one that waits, or does nothing else that is recorded, keeps what it holds.
func (l *look) heldSince(g *tape.Goroutine, h *tape.Hold, m *motion) int64 {
	times := []int64{h.Since}
	if g.Wait != nil {
		times = append(times, g.Wait.Since)
	}
	if at, known := m.still[g.ID]; known && at.seq == g.Seq {
		times = append(times, at.since)
	}
	times = slices.DeleteFunc(times, func(t int64) bool { return t == 0 })
	if len(times) == 0 {
		return 0
	}
	return slices.Min(times)
}

// since is how long ago a moment was, without what came before the process was stopped; 0
// for none.
func (l *look) since(moment int64, m *motion) time.Duration {
	if moment == 0 {
		return 0
	}
	return time.Duration(max(l.Now-max(moment, m.stopped), 1))
}

// hungIn returns the goroutines that findings of hangs are about.
func hungIn(hangs []hung) map[uint64]bool {
	all := make(map[uint64]bool)
	for _, h := range hangs {
		for _, g := range slices.Concat(h.members, h.victims) {
			all[g.ID] = true
		}
	}
	return all
}

// reportLong hands on locks that goroutines of a running program have waited for too long,
// each place once.
func (w *Watcher) reportLong(f *followed, s *scene, hangs []hung) {
	if w.opts.OnLong == nil {
		return
	}
	for _, p := range s.overLimits(w.opts.Limits, hungIn(hangs), &f.motion) {
		p.Fingerprint, p.Count = p.ComputeFingerprint(), 1
		if _, known := f.long[p.Fingerprint]; !known {
			f.long[p.Fingerprint] = p
			if !w.aside.has(&p.Finding) {
				w.opts.OnLong(cmp.Or(f.program, programOf(s.Tape)), p.Finding)
			}
		}
	}
}

// allOverLimits is overLimits at the end of a process of which the other findings are known,
// and what was said while it ran.
func (s *scene) allOverLimits(l Limits, found []past, seen *followed) []past {
	hung := make(map[uint64]bool)
	for i := range found {
		if rule, _ := finding.LookupRule(found[i].Rule); rule.Family == finding.FamilyDeadlock || rule.Family == finding.FamilyLeak {
			for _, g := range found[i].members {
				hung[g.ID] = true
			}
		}
	}
	all := s.overLimits(l, hung, &seen.motion)
	known := make(map[string]bool)
	for _, p := range all {
		known[p.ComputeFingerprint()] = true
	}
	for _, print := range slices.Sorted(maps.Keys(seen.long)) {
		before := seen.long[print]
		if !known[print] && !slices.ContainsFunc(before.members, func(g *tape.Goroutine) bool { return hung[g.ID] }) {
			before.members = nil // they may have gone on
			all = append(all, before)
		}
	}
	return all
}
