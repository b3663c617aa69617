package contention

import "github.com/concdoctor/concdoctor/internal/trace/chart"

// modeWaits returns the waits of an RWMutex's readers or writers, and what of them
// readers are to blame for.
func (d *diagnosis) modeWaits(read bool) (delays chart.Histogram, byReaders int64) {
	lines := d.p.classes.lines
	seen := make(map[lineID]bool)
	for _, w := range d.waits {
		if lines[w.lock].read == read && !seen[w.lock] {
			seen[w.lock] = true
			delays.Merge(&d.p.lines[w.lock].delays)
		}
	}
	for key, t := range d.p.pairs {
		if seen[key.lock] && key.unlock != 0 && lines[key.unlock].read {
			byReaders += t.Nanos
		}
	}
	return delays, byReaders
}

// writerHold is the mean length of the writers' holds that are known.
func (d *diagnosis) writerHold() int64 {
	var held, count int64
	for _, h := range d.holds {
		if !d.p.classes.lines[h.unlock].read {
			held += h.held
			count += h.exact
		}
	}
	return held / max(count, 1)
}
