// Package tracefile decodes execution traces of Go 1.22 to 1.26 into the analyzer's
// own [stream], several times faster than golang.org/x/exp/trace and in the same
// order, event by event. [Decodes] says which formats; the rest is the library's.
//
// # The format
//
// Its source is internal/trace and runtime/trace*.go of Go. A trace is a sequence of
// generations, each about a second of the program and complete in itself. A generation is a sequence of
// batches of at most 64 kB, each with the head (generation, thread, time, length). A
// batch holds strings, stacks, CPU samples, the clock's frequency, or what one thread
// did: events of a type byte, the ticks since the thread's last event, and numbers. Since Go
// 1.26 a mark ends a generation; before, a batch of the next one does. Tables may come
// behind the events that refer to them, so a generation is framed as a whole before its first event.
//
// # The order
//
// Clocks of different processors disagree, so time alone does not order the threads.
// The merge keeps the threads in a heap by the time of their next event and takes the
// earliest that can come next: a goroutine starts only when it is ready, and
// goroutines and processors carry sequence numbers across the changes that other threads make. If
// the earliest cannot come yet, the others are tried in the order of time; if none can,
// the trace is broken. As every transition checks the state that it leaves, damage is
// noticed where it matters.
//
// # Why it is fast
//
// A thread's cursor decodes an event's type and time ahead, which the heap needs, and
// the numbers only when the event is taken; as long as the thread stays the earliest, the heap is not
// touched. Threads and processors are reached by pointer and goroutines by slot, so that most
// events cost no look-up and the others one probe. Events are written where the
// passes read them; nothing is allocated for one. Strings and stacks are interned
// once a generation, when an event first names them.
//
// # Limits
//
// Damage is an error at the place where it is found, after all events before it. The
// experimental events of the allocator and batches in a format of their own are
// checked and dropped. Frames are taken as they stand in each stack: the library takes
// the first frame at a program counter for all, which only differs in damaged traces.
// Memory is O(goroutines + threads + distinct stacks) and, unless the trace lies in
// memory, the bytes of one generation.
package tracefile
