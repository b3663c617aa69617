package lockorder

// LockID names one instance of a lock. An id is never reused, also after the lock
// was collected. 0 is no lock.
type LockID uint64

// Mode is how a lock is held or asked for. All of the program uses this one.
type Mode uint8

// The modes of a lock. The zero value is Exclusive.
const (
	Exclusive Mode = iota
	Shared
)

// String returns "exclusive" or "shared".
func (m Mode) String() string {
	if m == Shared {
		return "shared"
	}
	return "exclusive"
}

// Conflicts reports whether a request in mode m waits for a hold in mode h: all but
// readers exclude each other.
func (m Mode) Conflicts(h Mode) bool { return m == Exclusive || h == Exclusive }

// Held is a lock in a held set, with the site where it was taken. S is whatever
// the caller wants back for a site: a stack, a pointer to one, a line number.
type Held[S any] struct {
	Lock LockID
	Mode Mode
	Site S
}

// Dependency says that a goroutine asked for Lock at Site while it held Held.
// Held is in the order of acquisition, oldest first. Goroutine ids are not 0 and
// not reused; in a Cycle, 0 stands for one more goroutine of the many that have
// the dependency.
type Dependency[S any] struct {
	Goroutine uint64
	Lock      LockID
	Mode      Mode
	Held      []Held[S]
	Site      S
}

// Cycle is a deadlock that could happen: each of Deps asks for a lock that the
// next one holds, and the last asks for one that the first holds.
type Cycle[S any] struct {
	Deps []Dependency[S]
	// Writers is nil, or as long as Deps. Where Deps[i] asks shared for what the next
	// one holds shared, Writers[i] is one more goroutine, which asks for that lock
	// exclusively: while it waits for the next one it keeps Deps[i] out. Elsewhere
	// Writers[i].Lock is 0.
	Writers []Dependency[S]
	// Apart says that whatever goroutines are chosen, two of the requests cannot wait
	// at the same time: the cycle cannot close as far as is known. See [Graph.SetApart].
	Apart bool
	// Odd is the index of the dependency that goes against Order: the one seen on
	// the fewest goroutines, and among equals the one seen last.
	Odd int
}

// Order returns the locks of the cycle in an order that removes it if every goroutine
// takes them so: only Deps[Odd] has to change.
func (c *Cycle[S]) Order() []LockID {
	// Dependency i takes lock i after lock i-1. Without dependency Odd the ring of
	// locks is a line that starts at the lock that Odd asks for.
	n := len(c.Deps)
	order := make([]LockID, n)
	for i := range order {
		order[i] = c.Deps[(c.Odd+i)%n].Lock
	}
	return order
}
