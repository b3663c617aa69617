// Package gid identifies the running goroutine, cheaply.
//
// The Go runtime keeps the current goroutine's descriptor, its g, in a register
// (arm64) or in thread-local storage (amd64); two instructions of assembly read
// it. A g lives for ever, but serves one goroutine after another, so its address
// alone is no identity: the goroutine id inside it distinguishes the goroutines that use it in turn.
//
// No offset into the g is written down here, since they move between releases.
// At start the package looks for the word that equals the id which
// [runtime.Stack] prints, in several goroutines at once, and for the word that
// holds the program counter of the go statement. Where the search finds not
// exactly one place, [Fast] is false and the id comes from the text of
// runtime.Stack: correct everywhere, some thousand times slower.
//
// Build tag concdoctor_portable compiles that slow path alone, as on
// architectures without assembly.
package gid
