package hang

import "github.com/concdoctor/concdoctor/agent/finding"

// returned reports whether the call that took a lock has returned, so that the goroutine left a
// function with the lock held: hold is the stack at the acquire, wait the one of today. The two
// are one call path up to the outermost frame that differs. A call that hold made from there
// has ended: the goroutine is elsewhere.
func returned(hold, wait finding.Stack) bool {
	h, w := len(hold)-1, len(wait)-1
	for h >= 0 && w >= 0 && hold[h] == wait[w] {
		h, w = h-1, w-1
	}
	switch {
	case h < 0 || w < 0:
		return false // one path goes on where the other one ends, or both are one
	case hold[h].Func == wait[w].Func:
		return h > 0 // the function went on to another line: what it had called at h-1 is over
	case h == len(hold)-1:
		return false // nothing in common: a stack was cut
	}
	return true // another call from the same line
}
