// Package graph draws findings: which goroutine holds what, and which waits for what.
//
// [Of] makes the resource-allocation graph of a finding (Holt: Some Deadlock
// Properties of Computer Systems, Computing Surveys 4(3), 1972): an arrow from a
// goroutine to the resource that it waits for, and from a resource to the goroutine
// that holds it. A deadlock is a cycle of arrows. Where a finding has places instead
// of goroutines, the places stand for them.
//
// [Graph.Layout] places the nodes in columns from left to right with package layered;
// arrows that close a cycle run back. The graphs are those of one finding, a dozen of
// nodes; for large ones there is graphviz, which reads the DOT form.
package graph
