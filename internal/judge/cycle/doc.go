// Package cycle judges the order in which a program acquires locks: it turns what a
// lock-dependency graph (package lockorder) shows into findings about deadlocks that
// could happen.
//
// A witness keeps the graph, since only it knows how much of the past it can keep, and
// gives each request a [Site]. The court decides:
//
//   - Which cycles are worth a finding of their own: one place that goes against the
//     order of the others is on many cycles, and the shortest one reports it ([Folder]).
//   - How certain a cycle is. It is potential: the graph has checked gate locks, distinct
//     goroutines, and readers. It is suspected where an order of the program kept the
//     requests apart as far as was recorded, or where a lock of the cycle was released by
//     a goroutine that did not hold it, so that it may be a signal and no lock.
//     It is suspected, too, where fewer goroutines were seen in a section than a semaphore of
//     the cycle has permits.
//   - Which rule applies: rlock-recursion for a goroutine that reads twice, else lock-cycle.
//   - What is too little evidence for an inversion between classes of locks of which it
//     was never the same two ([Classes]).
//
// Sources: see package lockorder; Linux lockdep for classes of locks.
package cycle
