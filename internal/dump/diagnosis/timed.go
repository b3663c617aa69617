package diagnosis

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockset"
	"github.com/concdoctor/concdoctor/internal/profile"
)

// timedBy returns what timers may run that the calls of the dump may have set, and what they
// have called. Which timers are set a dump does not show.
func (j *judging) timedBy() *lockset.Timed {
	if j.timed != nil {
		return j.timed
	}
	var frames []finding.Frame
	add := func(f finding.Frame) {
		if !f.IsZero() && !f.IsMachinery() && !f.IsStandard() {
			frames = append(frames, f)
		}
	}
	for f := range j.frames {
		add(f)
	}
	for i := range j.goroutines {
		add(j.goroutines[i].Created)
	}
	timed := j.opts.Sources.TimedBy(frames)
	j.timed = &timed
	return j.timed
}

// mayBeTimed reports whether a function that a timer runs may end the wait of the goroutine,
// as far as the source shows.
func (j *judging) mayBeTimed(i int) bool {
	g := &j.goroutines[i]
	if g.isNil() || g.hasNoCases() {
		return false
	}
	facts, _ := j.facts(g, g.site())
	switch t := j.timedBy(); {
	case t.Any:
		return true
	case g.role == profile.WaitGroup:
		return names(t.Done, facts.Target)
	case g.role == profile.Cond:
		return names(t.Signalled, facts.Target)
	case g.role.IsLock():
		return names(t.Released, facts.Target)
	default:
		return slices.ContainsFunc(t.Channels, func(use lockset.Case) bool {
			return slices.ContainsFunc(facts.Cases, func(c lockset.Case) bool { return c.MayBeOtherSide(use) })
		})
	}
}

// names reports whether one of the expressions may be the object: a pointer that was passed
// to a function may be any.
func names(all []lockset.Object, o lockset.Object) bool {
	return slices.ContainsFunc(all, func(p lockset.Object) bool { return p.Class == o.Class || p.Class == "" || p.Word >= 0 && p.Path == "" })
}
