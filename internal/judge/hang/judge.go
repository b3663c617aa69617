package hang

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Verdict is what a look shows.
type Verdict struct {
	// Hangs are in the order of what they rest on, the strongest basis first.
	Hangs []Hang
	// Suspects are the indexes of goroutines in hangs that are not believed yet: the goroutine that
	// could help may be there only for moments. They are to be looked at again, with
	// Goroutine.Suspect.
	Suspects []int
	// Again says that the look does not count: there was no census.
	Again bool
}

// Hang is one diagnosis.
type Hang struct {
	// Members are the indexes of the goroutines that it rests on.
	Members []int
	knot    *knot // nil for other diagnoses
	write   func() finding.Finding
}

// Victims are the indexes of the goroutines that hang because of the members.
func (h *Hang) Victims() []int {
	if h.knot == nil {
		return nil
	}
	return h.knot.victims
}

// Finding writes the diagnosis.
func (h *Hang) Finding() finding.Finding { return h.write() }

// Judge returns what keeps goroutines from going on for ever: of each goroutine the hang
// with the strongest basis.
func Judge(l *Look) Verdict {
	j := &judging{facts: newFacts(l), taken: make(map[int]*knot), explained: make(map[int]*knot)}
	if l.Asleep {
		j.asleep()
	} else {
		j.awake()
	}
	return j.Verdict
}

// judging collects hangs.
type judging struct {
	*facts
	Verdict
	taken map[int]*knot // goroutines in hangs; the value may be nil
	// explained are those that hang because of others; the value is their hang.
	explained map[int]*knot
	// causes are the goroutines that are proven to be lost and that the program or a test waits
	// for, and those between, nil before the first question; see isLeftToProof.
	causes map[int]bool
}

// asleep is for a process in which the runtime has found all goroutines asleep.
func (j *judging) asleep() {
	j.census = j.Knowledge.Census()
	for i := range j.Goroutines {
		if g := &j.Goroutines[i]; g.Wait != nil {
			j.lost[g.ID] = true
		}
	}
	j.abandoned()
	j.copied()
	j.takeThose(asleep, 0, (*knot).isRing)
	j.takeThose(asleep, 0, func(k *knot) bool { return !k.isMeant() && j.isCause(k) })
	if len(j.Hangs) == 0 {
		j.takeThose(asleep, 0, func(k *knot) bool { return !k.isMeant() })
	}
	if len(j.Hangs) == 0 {
		j.takeThose(asleep, 0, func(*knot) bool { return true }) // a select without cases
	}
}

// awake goes from the strongest basis to the weakest.
func (j *judging) awake() {
	j.abandoned()
	j.copied()
	if j.OneMoment {
		j.takeThose(owed, 0, (*knot).needsNoTime)
	}
	j.take(owed, j.Enough, (*knot).isCertain)
	j.takeProven((*knot).isRing)
	j.takeThose(owed, j.Enough, (*knot).isRing)
	j.takeProven((*knot).isRing) // for what waits for these
	knots := j.newView(used, j.Enough, nil).knots()
	j.explain(knots)
	if j.open(knots) != nil {
		j.unserved()
		j.suspect()
	}
	j.takeProven(j.isCause) // last, since it may wait for goroutines in other hangs
}

// isCause reports whether the program or a test waits for goroutines that cannot be woken.
// Where it waits for a cycle besides, they are counted with that: which of them ask one of
// the cycle for something is not known.
func (j *judging) isCause(k *knot) bool {
	for i := range j.Hangs {
		h := &j.Hangs[i]
		awaits := func(i int) bool { return j.Goroutines[i].Awaited && slices.Contains(k.victims, i) }
		if len(k.ring) == 0 && h.knot != nil && len(h.knot.ring) > 1 && slices.ContainsFunc(h.Victims(), awaits) {
			j.addVictims(h.knot, slices.Concat(k.members, k.victims))
			return false
		}
	}
	return k.isAwaited()
}

// suspect judges goroutines that no goroutine which has used the other side can wake.
func (j *judging) suspect() {
	if j.census = j.Knowledge.Census(); j.census == nil {
		j.Again = true
	} else {
		j.take(known, j.Enough, (*knot).counts)
		j.take(unparked, j.Enough, (*knot).keepsLocks)
	}
	j.take(written, j.Enough, (*knot).isServed)
	j.take(used, j.Enough, func(k *knot) belief {
		j.Suspects = append(j.Suspects, k.members...)
		if j.Again {
			return later
		}
		return max(k.keepsLocks(), k.keepsSending())
	})
	slices.Sort(j.Suspects)
	j.Suspects = slices.Compact(slices.DeleteFunc(j.Suspects, j.isTaken))
}

// unserved takes goroutines that wait for each other, or for which the program or a test
// waits, where the source shows that nothing that can go on ends their waits.
func (j *judging) unserved() {
	var ids []uint64
	for i := range j.Goroutines {
		if g := &j.Goroutines[i]; g.Wait != nil && !j.isTaken(i) && !g.Reported && g.Wait.Lasted >= lonePatience*j.Enough {
			ids = append(ids, g.ID)
		}
	}
	if ids == nil || j.Exited {
		return
	}
	before := maps.Clone(j.lost)
	for _, id := range j.Knowledge.Unserved(ids) {
		j.lost[id] = true
	}
	if len(j.lost) > len(before) {
		j.takeThose(unserved, 0, (*knot).isRing)
		j.takeThose(unserved, 0, j.isCause)
	}
	for i := range j.Goroutines { // the collector has not proven it of the others
		if id := j.Goroutines[i].ID; !before[id] && !j.isTaken(i) {
			delete(j.lost, id)
		}
	}
}

// belief is how much is thought of a knot.
type belief uint8

const (
	no    belief = iota // its members may well go on
	later               // they have to wait for longer to be believed
	yes
)

// take takes the knots that are believed on the basis, of goroutines that have waited for
// enough. The members of those that are not may go on, and with them the goroutines that wait
// for them: what hangs then is judged again, since goroutines that keep each other waiting do
// so whichever other goroutine keeps one of them. The doubt may be about some members only: the
// others may hang without them.
func (j *judging) take(by basis, enough time.Duration, judge func(*knot) belief) {
	goOn := make(map[int]bool)
	for again := true; again; {
		again = false
		knots := j.newView(by, enough, goOn).knots()
		j.explain(knots)
		for _, k := range j.open(knots) {
			switch judge(k) {
			case yes:
				j.add(Hang{k.members, k, k.finding})
				continue
			case no:
				if k.doubted == nil {
					k.doubted = k.members
				}
			}
			for _, i := range k.doubted {
				again = true
				goOn[i] = true
			}
		}
	}
}

// takeThose takes the knots that fit, with all that hang besides.
func (j *judging) takeThose(by basis, enough time.Duration, fits func(*knot) bool) {
	j.take(by, enough, func(k *knot) belief {
		if fits(k) {
			return yes
		}
		return no
	})
}

// takeProven takes goroutines that the collector has proven to be lost, and notes which
// of them wait for other hangs. When a program has come to its end, those that no lock
// joins were left behind.
func (j *judging) takeProven(fits func(*knot) bool) {
	if !j.proven {
		return
	}
	j.takeThose(proven, 0, func(k *knot) bool { return fits(k) && (!j.Exited || k.isMixed()) })
}

// needsNoTime reports whether a knot of goroutines at one moment is one however short it
// stood: a goroutine says that it has a lock after it got it, and that it releases the
// lock before it does. One that waits for itself may yet be helped by another, unless that
// is proven or the program is over.
func (k *knot) needsNoTime() bool {
	if !k.onlyLocks() || len(k.ring) == 0 {
		return false
	}
	return k.isProven() || !k.isGiven() && (k.isHeld() || k.isSelf() && k.v.Exited)
}

// open returns those of the knots that may still be reported; goroutines that were to stay
// for others come last.
func (j *judging) open(knots []*knot) (left []*knot) {
	var stay []*knot
	for _, k := range knots {
		known := slices.ContainsFunc(k.members, func(i int) bool { return j.isTaken(i) || j.Goroutines[i].Reported })
		switch {
		case known, k.v.basis != asleep && k.isMeant(), j.LocksJudged && k.onlyLocks(), j.isLeftToProof(k):
		case k.staysForChildren():
			stay = append(stay, k)
		default:
			left = append(left, k)
		}
	}
	return append(left, stay...)
}

// isLeftToProof reports whether the program or a test waits for goroutines that are proven to be
// lost, on a basis which does not show for which others they wait. takeProven has them last.
func (j *judging) isLeftToProof(k *knot) bool {
	isGuess := k.v.basis == used || k.v.basis == unparked || k.v.basis == known
	if !isGuess || len(k.ring) > 0 || !k.isProven() || j.Exited {
		return false
	}
	if j.causes == nil {
		j.causes = make(map[int]bool)
		for _, cause := range j.newView(proven, 0, nil).knots() {
			for _, i := range slices.Concat(cause.members, cause.victims) {
				j.causes[i] = j.causes[i] || cause.isAwaited()
			}
		}
	}
	return !slices.ContainsFunc(k.members, func(i int) bool { return !j.causes[i] })
}

// explainStay reports whether it is a goroutine in a select without cases, or one for which
// nothing is known to wait for, that has started goroutines of a hang, and counts it with
// those: it was to stay as long as they run, so their hang is the fault.
func (j *judging) explainStay(k *knot) bool {
	if !k.staysForChildren() {
		return false
	}
	children := j.children[k.goroutine(k.members[0]).ID]
	for _, h := range j.Hangs {
		isIn := func(i int) bool { return slices.Contains(h.Members, i) || slices.Contains(h.Victims(), i) }
		if h.knot != nil && slices.ContainsFunc(children, isIn) {
			j.addVictims(h.knot, slices.Concat(k.members, k.victims))
			return true
		}
	}
	return slices.ContainsFunc(children, func(i int) bool { return j.Goroutines[i].Reported })
}

// explain notes which goroutines hang because of hangs that were found on another basis.
func (j *judging) explain(knots []*knot) {
	for _, k := range knots {
		for _, i := range k.members {
			if known := cmp.Or(j.taken[i], j.explained[i]); known != nil {
				j.addVictims(known, slices.Concat(k.members, k.victims))
				break
			}
		}
	}
}

func (j *judging) addVictims(k *knot, more []int) {
	for _, i := range more {
		if !j.isTaken(i) && !slices.Contains(k.members, i) {
			k.victims = append(k.victims, i)
			j.explained[i] = k
		}
	}
}

// isTaken reports whether a goroutine is in a hang, or hangs because of one.
func (j *judging) isTaken(i int) bool {
	_, taken := j.taken[i]
	return taken || j.explained[i] != nil
}

func (j *judging) add(h Hang) {
	if h.knot != nil && j.explainStay(h.knot) {
		return
	}
	for _, i := range h.Members {
		j.taken[i] = h.knot
		j.lost[j.Goroutines[i].ID] = true
	}
	for _, i := range h.Victims() {
		j.explained[i] = h.knot
	}
	j.Hangs = append(j.Hangs, h)
}

// Stuck returns which goroutines cannot go on any more, as leftovers of what is over.
func Stuck(l *Look) []bool {
	f := newFacts(l)
	f.census = l.Knowledge.Census()
	stuck := make([]bool, len(l.Goroutines))
	for _, k := range f.newView(leftover, 0, nil).knots() {
		for _, i := range slices.Concat(k.members, k.victims) {
			stuck[i] = true
		}
	}
	return stuck
}
