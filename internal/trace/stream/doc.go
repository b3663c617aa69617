// Package stream is the analyzer's own form of an execution trace: what every
// pass reads, whichever decoder made it. It knows nothing of the decoder's types.
//
// A trace is a sequence of [Batch]es. A batch first brings the definitions
// (frames, stacks, strings) that its events are the first to use and then the
// events, in order of time. [Tables] collects the definitions. A batch owns its
// memory, so the decoder may work in another goroutine than its reader.
//
// An [Event] has a fixed size and no pointers. Its ids are dense:
//
//   - [GID] is a slot. It names one goroutine from that goroutine's first event
//     to its exit and may afterwards name another, so that a trace with millions
//     of short goroutines needs slots only for those that live at one time. The
//     runtime's own id comes once, in Event.Arg of [GoCreate] and [GoStatus].
//   - [StackID], [FrameID] and [StringID] hold for the whole trace and are never
//     used again: equal stacks have equal ids whichever generation they come from.
//   - 0 means "none" for all of them.
//
// Time is in nanoseconds since the first event of the trace and never goes back.
//
// Limits: what the trace does not record is not here. An uncontended lock or a
// channel operation that did not block leaves no event.
package stream
