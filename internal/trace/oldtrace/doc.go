// Package oldtrace is the adapter for execution traces of Go 1.11 to 1.21: it decodes them
// with golang.org/x/exp/trace and writes the neutral stream of package stream. Newer
// formats are decoded by package tracefile, in a fraction of the time.
//
// The library's reader runs in a goroutine of its own, ahead of the conversion. Its stack
// handles hold for one generation; stacks are interned by content once a generation.
//
// Limits: the format of those releases has to be sorted as a whole, which takes 50 times
// its size of memory, so that larger traces are refused.
package oldtrace
