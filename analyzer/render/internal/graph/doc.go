// Package graph draws findings: who holds what and who waits for what.
//
// [Of] makes the resource-allocation graph of a finding (Holt: Some Deadlock
// Properties of Computer Systems, Computing Surveys 4(3), 1972): an arrow from a
// goroutine to the resource that it waits for, and from a resource to the goroutine
// that holds it. A deadlock is a circle of arrows. Where a finding has places instead
// of goroutines, the places stand for them.
//
// [Graph.Layout] places the nodes in layers from left to right (Sugiyama, Tagawa,
// Toda: Methods for Visual Understanding of Hierarchical System Structures, IEEE
// Trans. SMC 11(2), 1981): arrows that close a circle are set aside, a node's layer is
// the longest way to it, long arrows get a stop in each layer that they cross, nodes
// are ordered by the mean position of their neighbours, and the arrows set aside run
// back below the others. The graphs are those of one finding, a dozen of nodes; for
// large ones there is graphviz, which reads the DOT form.
package graph
