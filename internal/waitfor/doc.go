// Package waitfor finds deadlocks at the moment they happen: it keeps the
// wait-for graph of the goroutines that are blocked on a lock and returns the
// cycle that a new one completes.
//
// Only blocked goroutines are known. The caller registers a [Wait] before a
// goroutine blocks, with the locks that it holds, and removes it after the lock
// was granted. What running goroutines hold is not known; they can always go on.
// The graph must therefore claim a wait only where it is certain:
//
//   - A request for l in exclusive mode waits for every registered holder of l.
//   - A request in shared mode waits for a registered exclusive holder.
//   - A request in shared mode of a lock that is held shared waits for the writer
//     that was announced before it (sync.RWMutex lets no reader pass a waiting
//     writer), and through it for every registered holder, once it is certain that
//     a writer was announced: see below.
//
// Each of these is a must: one holder that never goes on is enough. So a cycle is
// a deadlock, and it is found by a breadth-first search from the new wait over
// locks and their registered holders, which costs what it reaches; those that wait
// for the new one are not looked at. See Coffman, Elphick and Shoshani, "System
// Deadlocks" (Computing Surveys 1971), for cycles in such graphs, and the
// comments of sync/rwmutex.go for readers and writers.
//
// # Why a granted wait is harmless
//
// Between the grant of its lock and its removal a goroutine is registered but not
// blocked. No edge must leave it then.
//
// Its held list is exact as long as it is registered, and so are all others. If l
// was granted to it in exclusive mode, no goroutine holds l, so no list has l, and the
// first rule gives no edge. If l was granted in shared mode, no list has l
// exclusive, and the second rule gives none.
//
// The third rule needs more. Registering is not announcing: a reader R may be
// granted l after a writer W was registered and before W announced itself, and
// then R, in its window, would seem to wait for W. Nor is it enough that R was
// refused, since a writer that is gone now may have held l at that time. So the
// caller makes the refusal part of the registration: in one serialised section it
// publishes [Graph.Next], tries the lock once more (TryRLock), and calls
// [Graph.Add] only if it was refused. Let S be a goroutine that holds l shared,
// and that held it already when R was refused. Then no writer held l at the
// refusal; R was refused because of an announced writer W. W cannot be granted l
// before S releases it, and R cannot before W releases it. S is registered with l
// in its list, so it holds l still: R is blocked. W registered before it announced
// itself, before R, and is still registered.
//
// That S held l when R was refused is certain if S was registered before R, or is
// R itself. Otherwise the caller can vouch for it with [Hold.Before]. Where
// neither is known the graph stays silent.
//
// # Limits
//
// A lock that may be unlocked by a goroutine which does not hold it is beyond
// these rules: the caller must not list it, or lower the certainty of the result.
// Waits for anything but locks are not seen.
//
// The package is pure: no locks of its own, no clock, no I/O. The caller
// serialises all calls on one Graph. It is shared by agent and analyzer and
// carries no compatibility promise.
package waitfor
