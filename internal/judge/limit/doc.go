// Package limit judges locks that goroutines have waited for longer than a limit. It answers
// "why have I waited that long for this lock?".
//
//   - held-long: one goroutine has held the lock all that time. The finding shows where it
//     acquired the lock, what it does now, and what it waits for in turn. It is a warning,
//     and an error where the holder is itself blocked.
//   - waited-long: no goroutine has held it all that time. The lock goes from one to the
//     next, or it is not known which goroutine holds it.
//
// Both are facts and no deadlocks: they are observed, and may end. One standstill is one
// finding. If the holder waits for a lock that is held for long in turn, that hold is the
// finding, and goroutines that are part of a hang are left to package hang. Waits for
// channels, wait groups and conditions have no holder, and idle goroutines wait for them for
// hours; they count where a goroutine keeps a lock meanwhile that another one wants.
//
// A witness says for how long a hold is known to have lasted. It has to count only time in
// which the process could have gone on: see Look.
package limit
