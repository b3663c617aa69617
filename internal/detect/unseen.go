package detect

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/dump"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/hang"
)

// unseenObject is what a goroutine waits for in a way that the engine does not see, such as
// a plain channel. Which one it is, is not known: each wait has an object of its own.
type unseenObject struct {
	kind finding.ResourceKind
	by   *dump.Goroutine
}

// Resource is judge.Object's.
func (o *unseenObject) Resource(finding.Mode, finding.Stack) finding.Resource {
	return finding.Resource{Kind: o.kind}
}

// unseenWaits say what goroutines wait for, by the runtime's words for their states.
var unseenWaits = []struct {
	state string
	kind  finding.ResourceKind
	mode  finding.Mode
}{
	{"chan receive", finding.Channel, finding.Receive},
	{"chan send", finding.Channel, finding.Send},
	{"select", finding.Channel, finding.Select},
	{"sync.WaitGroup.Wait", finding.WaitGroup, finding.Await},
	{"sync.Cond.Wait", finding.Cond, finding.Await},
	{"sync.RWMutex", finding.RWMutex, finding.Await},
	{"sync.", finding.Mutex, finding.Await},
}

// unseenWait is the wait of a goroutine of a census.
func unseenWait(g *dump.Goroutine) *hang.Wait {
	w := &hang.Wait{Mode: finding.Await, Stack: judge.Frames(g.Stack)}
	o := &unseenObject{finding.Channel, g}
	for _, u := range unseenWaits {
		if strings.HasPrefix(g.State, u.state) {
			o.kind, w.Mode = u.kind, u.mode
			break
		}
	}
	if isNever(g.State) {
		return w
	}
	w.Cases = []hang.Case{{Object: o, Mode: w.Mode}}
	return w
}

// isNever reports whether the state is that of a goroutine which waits for a nil channel, or
// in a select without cases.
func isNever(state string) bool {
	return strings.HasSuffix(state, "(nil chan)") || strings.HasSuffix(state, "(no cases)")
}

// unseenUsers is what is known about the goroutines that could end such a wait. Where no other goroutine can
// wake it, the one that started it most likely would have.
func (l *look) unseenUsers(o judge.Object) hang.Users {
	by := o.(*unseenObject).by
	if !by.Leaked {
		return hang.Users{}
	}
	u := hang.Users{More: true}
	if l.census.isLost(by.Parent) {
		u.Living = []uint64{by.Parent}
	}
	return u
}

// How many times longer than the patience a goroutine must have kept another one from a lock,
// and wait in a way that the engine does not see, to be judged. The channel from which one
// receives may be a timer's.
const (
	holderPatience   = 4
	receiverPatience = 10
)

// patienceWith returns for how many times the patience such a goroutine is left alone, and
// false if for ever: it does not wait for another goroutine, or possibly for a timer among
// the cases of a select, or in the standard library, which may wait for the network.
func patienceWith(g *dump.Goroutine) (times time.Duration, ok bool) {
	switch {
	case !isParked(g.State), strings.HasPrefix(g.State, "select"), g.Stack.Site().IsStandard():
		return 0, false
	case strings.HasPrefix(g.State, "chan receive"):
		return receiverPatience, true
	}
	return holderPatience, true
}

// holders returns the goroutines that hold locks for which others wait, and that wait
// themselves in ways which the engine does not see.
func (l *look) holders(now time.Time, patience time.Duration) (waits []reading, ok bool) {
	seen := make(map[uint64]bool)
	for key, age := range l.limits.holds {
		isSeen := age.holder.blocked.turn.Load()%2 == 1
		if age.lasted < holderPatience*patience || seen[key.holder] || isSeen {
			continue
		}
		if l.takeCensus() == nil {
			return nil, false
		}
		at := l.census.byID[key.holder]
		if at == nil {
			continue
		}
		if times, ok := patienceWith(at); !ok || at.Leaked || age.lasted < times*patience {
			continue
		}
		if s, holds := age.holder.readRunning(); holds && s.id == key.holder {
			seen[key.holder] = true
			s.unseen, s.since = at, now.Add(-age.lasted)
			waits = append(waits, s)
		}
	}
	slices.SortFunc(waits, func(a, b reading) int { return cmp.Compare(a.id, b.id) })
	return waits, true
}

// withLost returns the waits that have lasted, and those of other goroutines that no other
// one can wake.
func (l *look) withLost(waits, younger []reading) []reading {
	all := slices.Clone(waits)
	known := make(map[uint64]bool)
	for i := range waits {
		known[waits[i].id] = true
	}
	for i := range younger {
		if s := &younger[i]; l.census.isLost(s.id) {
			known[s.id] = true
			all = append(all, *s)
		}
	}
	states := make(map[uint64]*Goroutine)
	for _, g := range std.states.all() {
		states[g.identity()] = g
	}
	for id, now := range l.census.byID {
		if now.Leaked && !known[id] {
			all = append(all, unseenReading(now, states[id]))
		}
	}
	slices.SortFunc(all[len(waits):], func(a, b reading) int { return cmp.Compare(a.id, b.id) })
	return all
}

// unseenReading reads a goroutine that waits in a way that the engine does not see. Its
// state is nil if it has none. It does not change: no other goroutine can wake it.
//
//go:norace
func unseenReading(now *dump.Goroutine, g *Goroutine) reading {
	s := reading{id: now.ID, unseen: now}
	if g == nil {
		return s
	}
	if running, ok := g.readRunning(); ok && running.id == now.ID {
		s = running
		s.unseen = now
	}
	if g.identity() == now.ID {
		s.owes, s.creator = g.owes, g.creator
	}
	return s
}

// addProof adds to a goroutine what the collector has found out about it.
func (l *look) addProof(g *hang.Goroutine) {
	if l.census == nil || !l.census.proven {
		return
	}
	now := l.census.byID[g.ID]
	if now == nil {
		return
	}
	g.Parent, g.Awaited = now.Parent, isAwaited(now)
	if now.Leaked {
		g.Proof = hang.Unreachable
	} else {
		g.Reached = true
	}
	if g.Created == nil && !now.Created.IsZero() {
		g.Created = judge.Frames{now.Created}
	}
}

// isAwaited reports whether the program or a test waits for the goroutine: it is main's, or
// the test's own.
func isAwaited(g *dump.Goroutine) bool {
	if len(g.Stack) == 0 || g.Stack.Site().Package() == "testing" {
		return false
	}
	return g.ID == dump.MainID || g.Stack[len(g.Stack)-1].Func == "testing.tRunner"
}
