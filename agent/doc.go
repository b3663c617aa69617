// Package agent is package sync with a doctor inside: the same names, and each
// lock reports the deadlocks that it sees coming or that have just happened.
//
//	import sync "github.com/concdoctor/concdoctor/agent"
//
// in place of "sync" swaps a file. Nothing needs to be configured: each distinct
// finding is written once to standard error and the program goes on. [Configure],
// [OnFinding], [Findings] and the environment variable CONCDOCTOR change that, and
// agenttest.Verify fails a test on findings.
//
// # What it sees
//
// An order graph (package lockorder) learns which locks are asked for under which
// others and reports rings that could deadlock (rule lock-cycle), also if they
// never do. What a go statement of agent.Go or the like keeps apart is none (see
// package detect). A wait-for graph (package waitfor) of the goroutines that are blocked
// reports a deadlock in the moment in which it closes (rules deadlock and
// self-deadlock). Mutex, RWMutex and Once take part, and through a watch of all who
// have waited for a while (rule stuck, and deadlock where more than locks are in the
// circle) Chan, WaitGroup and Cond. In Map and Pool nobody ever waits for anybody: they
// are sync's own. Locks taken through plain sync are not seen.
//
// # Looking in
//
// [Snapshot] tells who holds and awaits what at this moment, in which order classes
// of locks are taken, and, while [SetStatistics] is on, how long they are held and
// waited for. Packages httpagent and promagent show it to people and to Prometheus.
//
// # Who may unlock
//
// In Go another goroutine may release a mutex. Such a lock counts as a semaphore
// from then on: holds of it on record become void (see handOver), and findings
// that rest on it are only suspected.
//
// # What the program can say
//
// [Name] and [Nested] name locks and give them a place among their kind, [Ordered]
// declares an order, [Forget] cuts a pooled object's past off, [AssertHeld] and
// [AssertRHeld] check what a function expects. [Do] names a goroutine.
//
// Build tag concdoctor_off turns every type of sync's into an alias, and leaves of Chan
// the channel inside.
package agent
