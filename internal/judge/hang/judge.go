package hang

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Verdict is what a look shows.
type Verdict struct {
	// Hangs are in the order of what they rest on, the strongest basis first.
	Hangs []Hang
	// Suspects are the indexes of goroutines in hangs that are not believed yet: whoever
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
	j := &judging{facts: newFacts(l), taken: make(map[int]*knot), explained: make(map[int]bool)}
	if l.Asleep {
		j.census = l.Knowledge.Census()
		j.copied()
		all := j.newView(asleep, 0).knots()
		isRoot := func(k *knot) bool { return len(k.ring) > 0 || !k.awaitsChildren }
		j.take(all, func(k *knot) bool { return isRoot(k) && !k.isNothing() })
		j.nilChannels()
		if len(j.Hangs) == 0 {
			j.take(all, isRoot) // a select without cases
		}
		return j.Verdict
	}
	j.abandoned()
	j.copied()
	if l.OneMoment {
		j.take(j.newView(used, 0).knots(), (*knot).needsNoTime)
	}
	if !l.Exited { // else a goroutine that cannot be woken was left behind
		j.takeProven(func(k *knot) bool { return len(k.ring) > 0 })
	}
	all := j.newView(used, l.Enough).knots()
	j.take(all, func(k *knot) bool { return k.isExact() || k.onlyLocks() && len(k.ring) > 0 })
	if suspects := j.open(all); len(suspects) > 0 {
		j.suspect(suspects)
	}
	if !l.Exited { // last, since it may wait for goroutines in other hangs
		j.takeProven((*knot).isAwaited)
	}
	j.nilChannels()
	return j.Verdict
}

// judging collects hangs.
type judging struct {
	*facts
	Verdict
	taken map[int]*knot // goroutines in hangs; the value may be nil
	// explained are those that hang because of others.
	explained map[int]bool
}

// suspect judges knots by who may know what their members wait for.
func (j *judging) suspect(suspects []*knot) {
	for _, k := range suspects {
		j.Suspects = append(j.Suspects, k.members...)
	}
	if j.census = j.Knowledge.Census(); j.census == nil {
		j.Again = true
		return
	}
	j.take(j.newView(known, j.Enough).knots(), func(k *knot) bool { return k.isCounted() && k.believes() })
	mixed := func(k *knot) bool { return k.isMixed() && k.isPersistent() }
	j.take(j.newView(unparked, j.Enough).knots(), mixed)
	j.take(suspects, mixed)
	j.Suspects = slices.DeleteFunc(j.Suspects, func(i int) bool { return j.isTaken(i) })
}

// needsNoTime reports whether a knot of goroutines at one moment is one however short it
// stood: a goroutine says that it has a lock after it got it, and that it releases the
// lock before it does. One that waits for itself may yet be helped by another, unless that
// is proven or the program is over.
func (k *knot) needsNoTime() bool {
	return k.onlyLocks() && len(k.ring) > 0 && (k.isHeld() || k.isProven() || k.isSelf() && k.v.Exited)
}

// isCounted reports whether a census shows enough: goroutines that wait to be sent
// something may just have nothing to do, unless it is known who could send, or there are
// no others.
func (k *knot) isCounted() bool {
	switch {
	case k.onlyLocks():
		return false
	case !k.isIdle() && k.certainty() > finding.Suspected, !k.isGuessed() && !k.any(k.members, isNothing):
		return true
	}
	return k.whole && !k.awaitsChildren
}

// open returns those of the knots that may still be reported.
func (j *judging) open(knots []*knot) (left []*knot) {
	for _, k := range knots {
		known := slices.ContainsFunc(k.members, func(i int) bool { return j.isTaken(i) || j.Goroutines[i].Reported })
		if !known && (k.v.basis == asleep || !k.isNothing()) && !(j.LocksJudged && k.onlyLocks()) {
			left = append(left, k)
		}
	}
	return left
}

func (j *judging) take(knots []*knot, fits func(*knot) bool) {
	for _, k := range j.open(knots) {
		if fits(k) {
			j.add(Hang{k.members, k, k.finding})
		}
	}
}

func (j *judging) takeProven(fits func(*knot) bool) {
	all := j.newView(proven, 0).knots()
	j.addVictims(all)
	j.take(all, fits)
}

// addVictims notes goroutines that hang because of hangs that were found on another basis.
func (j *judging) addVictims(knots []*knot) {
	for _, k := range knots {
		for _, i := range k.members {
			known := j.taken[i]
			if known == nil {
				continue
			}
			for _, v := range k.victims {
				if !slices.Contains(known.victims, v) && !slices.Contains(known.members, v) {
					known.victims = append(known.victims, v)
					j.explained[v] = true
				}
			}
		}
	}
}

// isTaken reports whether a goroutine is in a hang, or hangs because of one.
func (j *judging) isTaken(i int) bool {
	_, taken := j.taken[i]
	return taken || j.explained[i]
}

func (j *judging) add(h Hang) {
	for _, i := range h.Members {
		j.taken[i] = h.knot
		j.lost[j.Goroutines[i].ID] = true
	}
	for _, i := range h.Victims() {
		j.explained[i] = true
	}
	j.Hangs = append(j.Hangs, h)
}

// Stuck returns which goroutines cannot go on any more, as leftovers of what is over.
func Stuck(l *Look) []bool {
	f := newFacts(l)
	f.census = l.Knowledge.Census()
	stuck := make([]bool, len(l.Goroutines))
	for _, k := range f.newView(leftover, 0).knots() {
		for _, i := range slices.Concat(k.members, k.victims) {
			stuck[i] = true
		}
	}
	return stuck
}
