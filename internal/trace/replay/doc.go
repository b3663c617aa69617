// Package replay follows every goroutine through a trace once, for all passes.
//
// [Run] reads the stream, keeps one [Goroutine] per live goroutine, and hands each
// [Pass] what it asks for, in order of time:
//
//   - Span: a finished stay of a goroutine in one state, with why and where it
//     stopped and what ended the stay. Waiting spans come at the moment of the wake
//     (the waker is alive and running), the Runnable span after it when the
//     goroutine gets a processor: Span.Since is when the wait before began, so
//     the whole delay at a line of code is End-Since of the Runnable span.
//   - Open: at the end of the trace, the unfinished stay of each goroutine that is
//     still alive: which are blocked, where, since when.
//   - Create and Exit: births and deaths.
//   - Change: a goroutine goes from one state to another; Elapse: time has passed in
//     which the [Crowd], what each goroutine does at the moment, was as it is.
//   - Event: the raw events; Other: those that are not about goroutines' states (GC,
//     GOMAXPROCS, tasks, regions).
//   - Finish: once, after all Opens, to write findings into the report.
//
// A pass is a value of type Pass whose nil functions and zero States cost nothing.
// It learns of the trace through the [Trace] that it was made with:
//
//	func New(tr *replay.Trace) replay.Pass {
//		p := &pass{tr: tr}
//		return replay.Pass{Name: "leak", Open: p.open, Finish: p.finish}
//	}
//
// What several passes would add up each for itself is kept once: the crowd, what has
// run ([Trace.Ran]), and what each goroutine's time went to (Goroutine.Spent).
//
// Passes that cost much are split into [Lane]s, which replay the same batches side by side.
//
// # Rules for passes
//
// A *Span is valid during the call only; a *Goroutine until its Exit call returns,
// after which its memory and its slot belong to another goroutine. What a pass
// keeps for longer it keys by Goroutine.ID, by entry function or by stack. State
// per live goroutine goes into a [PerG], which is cleared at exit. Stack and frame
// ids hold for the whole trace. Memory must stay O(live goroutines + distinct
// stacks): never append one record an event without a bound.
//
// # What is inferred
//
// A goroutine that was blocked before the trace started appears in it only at the
// end of the first generation, without a reason. Its stay is dated back to time 0
// and Goroutine.Before is set; Span.FromStart says that Start is a lower bound.
// The reason is inferred from its runtime frames.
//
// Goroutine.Entry is the function it runs. Where that is a wrapper of package sync
// (sync.(*WaitGroup).Go), the first stack seen of it shows the user's function
// behind. For one that lived before the trace, the outermost frame of its first
// stack is taken; it is 0 until a stack is seen.
package replay
