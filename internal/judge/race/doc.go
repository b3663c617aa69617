// Package race judges two accesses to one variable that nothing orders, of which one writes.
//
// That they happened is a fact, so the findings are observed: the witness has seen both and no
// chain of locks, channels or other synchronization between them (happens-before, as the Go
// memory model has it). What is judged is which of them is at fault. Where one side holds a
// lock and the other holds none, the lock was forgotten there; two different locks exclude
// nothing, and neither do two read locks; an atomic access orders nothing beside a plain one.
//
// Which locks were held is not known to every witness, and of the earlier access not for ever. Then
// the finding does not mention locks.
package race
