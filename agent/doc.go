// Package agent is a drop-in replacement for package sync that detects deadlocks. It has
// every name of package sync, so one line changes a file:
//
//	import sync "github.com/concdoctor/concdoctor/agent"
//
// It needs no configuration: each distinct finding is written once to standard error, and
// the program goes on. [Configure], [OnFinding], [Findings] and the environment variable
// CONCDOCTOR change that, and agenttest.Verify fails a test that has findings.
//
// # What it detects
//
// The agent records which locks a goroutine requests while it holds others, and reports
// cycles that can deadlock, also in runs in which they do not (rule lock-cycle). Two
// requests that the program orders, such as by [Go], a [WaitGroup] or a [Chan], do not make
// a cycle. When goroutines do wait for each other, it reports the deadlock as soon as the
// last one blocks (rules deadlock and self-deadlock). It does so for [Mutex], [RWMutex] and
// [Once].
//
// It also looks at all goroutines that have been blocked for a while. That finds deadlocks
// through a [Chan], [WaitGroup] or [Cond], waits that no goroutine is left to end (rule
// stuck), and locks whose holder has exited (rule abandoned-lock). With Go 1.27 it asks the
// garbage collector meanwhile, which proves that goroutines wait for ever, also where plain
// channels take part.
//
// [Map] and [Pool] are the types of package sync. The agent does not see locks and channels
// that are used without it.
//
// # Inspecting a program
//
// [Snapshot] returns which goroutines hold and wait for which locks, in which order classes
// of locks are acquired and, while [SetStatistics] is on, how long they are held and waited
// for. Packages httpagent and promagent serve that to people and to Prometheus.
//
// # Annotations
//
// [Name] and [Nested] name locks and order those that share a name. [Ordered] declares an
// order of locks. [Forget] separates the lives of a pooled object. [AssertHeld] and
// [AssertRHeld] check what a function expects. [Do] names a goroutine.
//
// [Go], [AfterFunc] and [ContextAfterFunc] tell the agent which goroutine started another, or
// asked for a later call: what the former has done before comes first.
//
// # Locks released by another goroutine
//
// In Go another goroutine than the holder may unlock a mutex: the holder has given it away.
// That ends this hold. From then on findings that rest on a hold which begins at the same
// place are only suspected; the lock is as any other where it is acquired elsewhere. If the
// goroutine that was given a lock ends without releasing it, those that wait for the lock are
// reported as abandoned-lock.
//
// # Cost
//
// An uncontended acquisition allocates nothing, writes no memory that goroutines share, and
// takes no lock of the agent: see package internal/detect for how. With build tag
// concdoctor_off the types of package sync are aliases of sync's own, and a Chan is the
// channel in it.
package agent
