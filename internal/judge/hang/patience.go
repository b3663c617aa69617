package hang

import (
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
)

// How many times longer than Look.Enough a wait must last before it is believed that no
// goroutine will end it. Enough itself is for cycles of locks, and for channels, wait
// groups and conds of which goroutines are known that ended such waits before.
const (
	// mixedPatience is for cycles with a lock in them that a census does not confirm: a
	// goroutine that keeps others from a lock for so long is no worker without work. One
	// that could help may be there only for moments, such as a timer's function.
	mixedPatience = 2
	// lonePatience is for waits that no goroutine was ever seen to end, the first time being
	// about to come, and for goroutines that all wait to receive.
	lonePatience = 10
)

// isCertain judges a knot of goroutines that hold and owe what the others wait for. One
// that waits for its own lock may be helped by another, and is alone in doubt then.
func (k *knot) isCertain() belief {
	switch {
	case k.isSelf():
		k.doubted = k.ring
		return no
	case len(k.ring) > 0, k.isNothing():
		return yes
	}
	return later
}

// SelfPatience is how long a goroutine has to wait for a lock that it holds itself before that
// is reported.
func SelfPatience(g *Goroutine, enough time.Duration) time.Duration {
	lock, ok := g.Wait.lock()
	if ok && slices.ContainsFunc(g.Holds, func(h judge.Hold) bool { return h.Lock == lock && len(h.Heirs) > 0 }) {
		return lonePatience * enough
	}
	return enough
}

// counts judges a knot by a census. Goroutines that wait to be sent something may just
// have nothing to do, unless it is known which could send, or there are no others.
func (k *knot) counts() belief {
	isWhole := k.whole && !k.awaitsChildren
	isClear := !k.isIdle() && k.certainty() > finding.Suspected
	if k.onlyLocks() {
		return no
	}
	if !isClear && !isWhole && k.doubts(k.isUntraced) || k.doubts(k.isHandedOn) {
		return no
	}
	if k.isIdle() && k.doubts(k.isYoung) || k.doubts(k.isFirstOfKind) {
		return later
	}
	return yes
}

// doubts notes the members that fit, and reports whether there are any.
func (k *knot) doubts(fits func(i int) bool) bool {
	k.doubted = nil
	for _, i := range k.members {
		if fits(i) {
			k.doubted = append(k.doubted, i)
		}
	}
	return k.doubted != nil
}

// isUntraced reports whether it is a guess which goroutines know what a member waits for.
func (k *knot) isUntraced(i int) bool { return k.v.guessed[i] || isNothing(k.goroutine(i)) }

// isHandedOn reports whether objects like one that a member waits for reach other goroutines
// than those of a family.
func (k *knot) isHandedOn(i int) bool {
	return anyCaseOf(k.goroutine(i), func(c Case) bool { u := k.v.usersOf(c); return !u.Owed && u.Alike == AlikeStrangers })
}

// isYoung reports whether a member has not waited for so long that an idle one would have
// been sent something.
func (k *knot) isYoung(i int) bool { return k.goroutine(i).Wait.Lasted < lonePatience*k.v.Enough }

// isFirstOfKind reports whether a member waits at an object of a kind at which no
// goroutine was ever seen to end a wait, and not for long.
func (k *knot) isFirstOfKind(i int) bool {
	return k.isYoung(i) && anyCaseOf(k.goroutine(i), func(c Case) bool {
		u := k.v.usersOf(c)
		return !u.Owed && u.Alike == AlikeNever
	})
}

// keepsLocks judges a knot by that a member keeps others from a lock meanwhile.
func (k *knot) keepsLocks() belief {
	switch {
	case !k.isMixed():
		return no
	case k.doubts(k.isFresh):
		return later
	}
	return yes
}

// keepsSending judges a knot by that each member waits to send, for long, while those that
// have received what it sends are members too.
func (k *knot) keepsSending() belief {
	switch {
	case len(k.ring) < 2 || !k.onlySends() || k.any(k.members, isLock) || k.isFirst():
		return no
	case k.doubts(k.isYoung):
		return later
	}
	return yes
}

// isServed judges a cycle of goroutines each of which waits for what the source shows that only
// the next one can give.
func (k *knot) isServed() belief {
	switch {
	case len(k.ring) == 0 || k.onlyLocks():
		return no
	case k.doubts(k.isFresh):
		return later
	}
	return yes
}

// isFresh reports whether it is not for long that looks have found no goroutine that could
// help a member: not all the time that a cycle with a lock in it needs to be believed.
func (k *knot) isFresh(i int) bool {
	g := k.goroutine(i)
	return isNoLock(g) && min(g.Suspect, g.Wait.Lasted-k.v.Enough) < (mixedPatience-1)*k.v.Enough
}

// lasted reports whether all waits of the knot have lasted for so many times enough.
func (k *knot) lasted(times time.Duration) bool {
	return !k.any(k.members, func(g *Goroutine) bool { return g.Wait.Lasted < times*k.v.Enough })
}
