// Package path finds critical paths: of the whole trace and of each instance of the
// user regions and tasks that were asked for.
//
// Walking back from an end, one goes along a goroutine until another woke it (or
// created it), and on along that one from that moment: what the woken one did before
// did not matter, the waker's work did. Time in which a timer, the network or a system
// call was waited for stays on the path. So Yang and Miller walk (Critical Path
// Analysis for the Execution of Parallel and Distributed Programs, ICDCS 1988).
//
// A trace is read forwards and too long to keep, so that the walk is prepared as it
// goes by: each live goroutine has the path that would lead to it, as the last node of
// a chain. A wake or a go statement gives the woken one the waker's chain, which they
// share from there on; nodes form a tree with live goroutines at its leaves. When there
// are many nodes, those that no leaf needs are dropped and chains without a fork become
// one node with the sums of their parts: memory is O(live goroutines × their kinds).
// Nodes on both sides of the beginning of a region that is still open are never joined.
//
// A goroutine that a timer created has no creator in the trace. A goroutine that waits for it waits
// for the timer until it was created.
//
// Within a node times are sums without an order: a region that begins inside of one
// gets the share of it that lies after its beginning.
//
// Limits: a value that was taken from a buffered channel without waiting, and an
// uncontended lock, leave no event and no edge. A trace fetched through net/http/pprof
// ends in the handler that slept meanwhile; it has no path as a whole.
package path
