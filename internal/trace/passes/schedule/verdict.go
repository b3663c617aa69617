package schedule

import (
	"fmt"
	"math"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
)

// maxPool bounds the advice where a group hardly computes at all.
const maxPool = 10_000

// verdict names what most of a group's time goes to; it is empty where that is a wait
// that the trace does not name, such as one that began before it.
func verdict(t *replay.Times) finding.Bound {
	best, bound := t[replay.BlockedSync], finding.SyncBound
	for _, c := range [...]struct {
		nanos int64
		bound finding.Bound
	}{
		{t[replay.Running], finding.CPUBound}, {t[replay.Runnable], finding.CPUStarved},
		{t[replay.BlockedIO], finding.IOBound}, {t[replay.BlockedLock], finding.LockBound},
	} {
		if c.nanos > best {
			best, bound = c.nanos, c.bound
		}
	}
	if t[replay.Other] > best {
		return ""
	}
	return bound
}

// advice says what the verdict means for the group's size.
func advice(g *finding.Group, wall int64, procs int) string {
	size := finding.Fraction(g.LifeNanos, wall) // goroutines of the group in flight, on average
	switch g.Verdict {
	case finding.CPUBound:
		if procs > 0 && size > 2*float64(procs) {
			return fmt.Sprintf("about %.0f in flight for %d processors: a pool of %d does the same work with fewer switches", size, procs, procs)
		}
		return fmt.Sprintf("as many goroutines as processors (%d) are enough: more do not make it faster", procs)
	case finding.CPUStarved:
		return fmt.Sprintf("ready but without a processor for %s of their time: no more than %d can run at once, so a pool of that size loses nothing",
			finding.FormatShare(finding.Fraction(g.RunnableNanos, g.LifeNanos)), procs)
	case finding.IOBound:
		return poolForIO(g, procs)
	case finding.LockBound:
		return "they queue for locks: a larger pool makes the queue longer; shorten or split the critical section first"
	case finding.SyncBound:
		return fmt.Sprintf("they wait for other goroutines %s of their time: their number is not what limits the work",
			finding.FormatShare(finding.Fraction(g.SyncNanos, g.LifeNanos)))
	}
	return ""
}

// poolForIO applies the rule size = processors × (1 + wait / compute): so many
// overlap their waiting before the processors are the limit.
func poolForIO(g *finding.Group, procs int) string {
	waits := fmt.Sprintf("they wait for the outside world or a timer %s of their time", finding.FormatShare(finding.Fraction(g.IONanos, g.LifeNanos)))
	if g.RunningNanos == 0 || procs <= 0 {
		return waits + ": many can overlap"
	}
	size := float64(procs) * (1 + float64(g.IONanos)/float64(g.RunningNanos))
	if size >= maxPool {
		return waits + ": thousands can overlap; what limits them is the other side, not the processors"
	}
	return fmt.Sprintf("%s: about %.0f of them can overlap before %d processors are the limit", waits, math.Ceil(size), procs)
}
