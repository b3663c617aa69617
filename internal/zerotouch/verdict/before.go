package verdict

import (
	"slices"

	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// maxOrders bounds the moments that are looked at between two requests.
const maxOrders = 256

// moment is when a goroutine makes a request, or lets others go on.
type moment struct {
	goroutine uint64
	time      int64
	inTest    bool // a test's own code makes the request
}

// comesBefore reports whether the program has a before b: a's goroutine then started that of
// b, or one of its ancestors, or let it go on by a wait group, a close or a message without
// which it could not; or did so through others.
func (s *scene) comesBefore(a, b moment) bool {
	w := backward{scene: s, from: a, inTest: a.inTest && b.inTest, latest: make(map[uint64]int64)}
	return w.reach(b.goroutine, b.time)
}

// backward goes back from a moment along the orders of the program.
type backward struct {
	*scene
	from   moment
	inTest bool
	// latest is for each goroutine the latest time that was looked at.
	latest map[uint64]int64
}

// reach reports whether what the goroutine does at a time comes after the first moment.
func (w *backward) reach(goroutine uint64, before int64) bool {
	if goroutine == w.from.goroutine && w.from.time <= before {
		return true
	}
	if before <= w.from.time || before <= w.latest[goroutine] || len(w.latest) >= maxOrders {
		return false
	}
	w.latest[goroutine] = before
	for _, o := range w.origins[goroutine] {
		if w.reach(o.parent, min(o.born-1, before)) { // the record of that time came later
			return true
		}
	}
	return slices.ContainsFunc(w.joins[goroutine], func(u *tape.Use) bool {
		return u.Time < before && w.joinsAfter(u, before)
	})
}

// joinsAfter reports whether one of the sources of what a goroutine joined comes after the
// first moment.
func (w *backward) joinsAfter(join *tape.Use, before int64) bool {
	sources := w.sources[keyOf(join.Object)]
	if join.Side == tape.Join {
		sources = w.senders(join)
	}
	return slices.ContainsFunc(sources, func(u *tape.Use) bool {
		return u.Time < before && w.isProgramOrder(u, join) && w.reach(u.Goroutine, u.Time)
	})
}

// isProgramOrder reports whether the program itself has the order. Tests use channels to have
// one after the other what the program does at any time: they count for what is requested in
// tests alone.
func (w *backward) isProgramOrder(source, join *tape.Use) bool {
	switch {
	case source.Side == tape.Done:
		return join.Side == tape.Await
	case source.Side == tape.Close && join.Side != tape.SawClosed:
		return false
	}
	return w.inTest || !inTest(source.Stack) && !inTest(join.Stack)
}

// senders are the messages that a goroutine had received for certain when it received one.
// If one goroutine alone sends, the n-th that another one receives is the n-th or a later
// one; if there are more, it must have received all that were ever sent.
func (s *scene) senders(join *tape.Use) (ordering []*tape.Use) {
	bySender := make(map[uint64][]*tape.Use)
	for _, u := range s.uses[keyOf(join.Object)] {
		if u.Side == tape.Send {
			bySender[u.Goroutine] = nil
		}
	}
	others := false
	for _, u := range s.messages[keyOf(join.Object)] {
		if u.Side == tape.Ordering {
			bySender[u.Goroutine] = append(bySender[u.Goroutine], u)
			others = others || u.Others
		}
	}
	if len(bySender) == 1 && !others {
		for _, all := range bySender {
			ordering = slices.DeleteFunc(slices.Clone(all), func(u *tape.Use) bool { return u.Number > join.Number || u.Number == tape.ManyMessages })
		}
		return ordering
	}
	total := uint32(0)
	for _, all := range bySender {
		if len(all) == 0 || all[len(all)-1].Number == tape.ManyMessages {
			return nil
		}
		last := all[len(all)-1]
		ordering, total = append(ordering, last), total+last.Number
	}
	if total > join.Number {
		return nil
	}
	return ordering
}
