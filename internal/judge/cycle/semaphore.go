package cycle

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// Semaphore is a lock of a cycle that is a semaphore. It keeps a goroutine out only while
// others hold all of its permits, each of which must be one that waits in the cycle.
type Semaphore struct {
	Lock lockorder.LockID
	// Permits is how many there are.
	Permits int
	// Holders is how many goroutines were seen that hold a permit while they request the
	// cycle's next lock, as far as the witness counts; see MostHolders.
	Holders int
}

// MostHolders is how many holders of a permit a witness needs to count: if there were so many,
// there may be any number.
const MostHolders = lockorder.MaxGoroutines

// isEnough reports whether enough goroutines were seen to exhaust the semaphore.
func (s *Semaphore) isEnough() bool { return s.Holders >= min(s.Permits, MostHolders) }

// text says what the semaphore takes to close the cycle.
func (s *Semaphore) text(label string) string {
	if s.Permits == 1 {
		return fmt.Sprintf(" %s is a semaphore with one permit: it excludes others like a lock.", label)
	}
	seen := fmt.Sprintf("%d goroutines were seen to do so", s.Holders)
	switch {
	case s.Holders == 1:
		seen = "one goroutine was seen to do so"
	case s.Holders >= MostHolders:
		seen = fmt.Sprintf("at least %d goroutines were seen to do so", s.Holders)
	}
	return fmt.Sprintf(" %s is a semaphore with %d permits: the cycle closes only if %d goroutines hold one while they request the next lock; %s.",
		label, s.Permits, s.Permits, seen)
}

// permits says what the semaphores of the cycle take to close it.
func (c Cycle[S]) permits() (text string) {
	for i, id := range c.Order() {
		for j := range c.Semaphores {
			if s := &c.Semaphores[j]; s.Lock == id {
				text += s.text(finding.ResourceLabel(i))
			}
		}
	}
	return text
}

// isCrowded reports whether each semaphore of the cycle can be exhausted, as far as was seen.
func (c Cycle[S]) isCrowded() bool {
	for i := range c.Semaphores {
		if !c.Semaphores[i].isEnough() {
			return false
		}
	}
	return true
}
