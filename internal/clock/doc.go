// Package clock knows what happened before what: vector clocks of goroutines.
//
// A goroutine numbers its own events with ticks; an [Epoch] is one tick of one
// goroutine. A [Clock] is a set of epochs, at most one a goroutine: all that is
// known to have happened by now. A goroutine that lets others go on (by a go statement, a
// message, a Done) passes its clock along, and a goroutine that goes on because of it joins
// that clock into its own. Then an event e happened before another one if and only
// if the clock of the other one knows e; two events of which neither knows the
// other are concurrent: nothing but luck keeps them apart.
//
// A clock is immutable, so passing one on is copying a pointer. It is a Patricia
// trie keyed by goroutine: clocks of goroutines that have met share most of their
// nodes, a join looks only at what is not shared, and joining a clock that is equal
// or holds nothing new allocates nothing.
//
// Ticks must grow with time over all goroutines (one counter for all does). A clock
// keeps at most [MaxGoroutines] epochs. Of more it drops those with the oldest
// ticks, but for the goroutine with the smallest number, which is mostly main, whose
// beginning comes before all that follows. What was dropped counts as concurrent: a
// full clock loses orders, it never makes one up.
//
// Sources: Mattern, "Virtual Time and Global States of Distributed Systems" (1989);
// Flanagan and Freund, "FastTrack" (PLDI 2009), for epochs; Okasaki and Gill, "Fast
// Mergeable Integer Maps" (ML Workshop 1998), for the trie.
//
// The package is pure. It is shared by agent and analyzer and carries no
// compatibility promise.
package clock
