// Package clock knows what happened before what: vector clocks of goroutines.
//
// A goroutine numbers its own events with ticks; an [Epoch] is one tick of one goroutine. A
// [Clock] is a set of epochs, at most one a goroutine: all that is known to have
// happened by now. A goroutine that lets others go on (by a go statement, a message, a Done)
// passes its clock along, and a goroutine that goes on because of it joins that clock into
// its own. Then an event e happened before another one if and only if the clock of the
// other one knows e; two events of which neither knows the other are concurrent: nothing but
// luck keeps them apart.
//
// Ticks must grow with time over all goroutines (one counter for all does). A clock keeps
// at most [MaxGoroutines] epochs. When it has more, it drops the oldest ones and keeps the
// newest tick among them as its floor: whatever has a tick up to the floor counts as known.
// So a clock that was ever full may take concurrent events for ordered ones, if one of them
// is old, and never ordered ones for concurrent. A caller that looks for concurrent
// events misses some, until they happen again.
//
// A clock is immutable, so passing one on is copying a pointer, and joining one that holds
// nothing new allocates nothing. It is one block of memory without pointers but the one to
// it: a collector has nothing to follow.
//
// Sources: Mattern, "Virtual Time and Global States of Distributed Systems" (1989);
// Flanagan and Freund, "FastTrack" (PLDI 2009), for epochs.
//
// The package is pure. It is shared by agent and analyzer and carries no compatibility
// promise.
package clock
