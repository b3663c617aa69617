package cycle

import "github.com/concdoctor/concdoctor/internal/lockorder"

// Recursion returns the cycle of a goroutine that reads twice and a writer that can
// arrive in between, of those that a witness knows for one lock. A pair that nothing
// keeps apart comes first; if there is none, the cycle is Apart.
func Recursion[S Site](readers, writers []lockorder.Dependency[S], apart func(a, b *lockorder.Dependency[S]) bool) (c Cycle[S], ok bool) {
	for i := range readers {
		for j := range writers {
			pair, possible := lockorder.Recursion(readers[i], writers[j])
			if !possible {
				continue
			}
			if !apart(&readers[i], &writers[j]) {
				return Cycle[S]{Cycle: pair}, true
			}
			pair.Apart = true
			c, ok = Cycle[S]{Cycle: pair}, true
		}
	}
	return c, ok
}
