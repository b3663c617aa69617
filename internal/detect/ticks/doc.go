// Package ticks is a clock for intervals that costs less than what it measures.
//
// A pair of Lock and Unlock takes some 15 ns with the agent's detection;
// time.Now twice would add 80 ns and runtime.nanotime, which time.Since reads,
// 40 ns. The processor's own counter (the time stamp counter on amd64, the virtual
// counter of the generic timer on arm64) is read in about 8 ns, or less, from any
// goroutine and without a lock. It counts in a unit of its own: [Rate] compares it
// with the monotonic clock over the first second of the process.
//
// On amd64 the counter is used only where the processor says that it runs at one
// speed in all power states (CPUID leaf 0x80000007, EDX bit 8: "invariant TSC"),
// which is also what operating systems ask of it before they keep time by it.
// Elsewhere, and in builds with tag concdoctor_portable, ticks are nanoseconds of
// time.Since.
//
// A goroutine may read the counter of one processor at the start of an interval and
// that of another at its end. Where these differ an interval can come out negative;
// [Between] then says 0. The counter is not ordered against neighbouring instructions: an
// interval is right to some ten nanoseconds.
package ticks
