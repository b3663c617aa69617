package hang

import "time"

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

// believes reports whether a census is believed about all waits of the knot.
func (k *knot) believes() bool {
	if k.isIdle() && !k.lasted(lonePatience) {
		return false
	}
	return !k.anyCase(func(g *Goroutine, c Case) bool {
		u := k.v.usersOf(c)
		switch {
		case u.Owed:
			return false
		case u.Alike == AlikeStrangers:
			return true
		case u.Alike == AlikeNever:
			return g.Wait.Lasted < lonePatience*k.v.Enough
		}
		return false
	})
}

// lasted reports whether all waits of the knot have lasted for so many times enough.
func (k *knot) lasted(times time.Duration) bool {
	return !k.any(k.members, func(g *Goroutine) bool { return g.Wait.Lasted < times*k.v.Enough })
}

// isPersistent reports whether no goroutine was found that could help, all the time that
// a cycle with a lock in it needs to be believed.
func (k *knot) isPersistent() bool {
	least := (mixedPatience - 1) * k.v.Enough
	return !k.any(k.members, func(g *Goroutine) bool { return isNoLock(g) && min(g.Suspect, g.Wait.Lasted-k.v.Enough) < least })
}
