// Package misuse judges operations that are wrong by themselves: they panic, block for
// ever, act on the copy of a lock, or release what another goroutine holds.
//
// That such an operation happened is a fact, so the findings are observed. What is judged
// is how bad it is: a panic that was recovered ended nothing, and tests provoke some on
// purpose. A goroutine that receives from a nil channel may be meant to wait for ever: it is
// suspected unless another goroutine waits for it, or the program came to a stop with it.
package misuse
