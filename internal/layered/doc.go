// Package layered places the nodes of a small directed graph in rows, so that edges
// run downwards and cross rarely.
//
// The method is that of Sugiyama, Tagawa and Toda (Methods for Visual Understanding of
// Hierarchical System Structures, IEEE Trans. SMC 11, 1981):
//
//  1. Edges that close a cycle are turned round.
//  2. Each node goes to the row below its lowest predecessor, or right above its
//     successors if these are more; an edge over several rows gets a bend in each.
//  3. Rows are sorted by the barycenters of neighbours, a few times down and up; the order
//     with the fewest crossings stays.
//  4. Nodes move sideways towards their neighbours.
//  5. Edges at one side of a node are spread over it, and turned edges turned back.
//
// It is meant for up to some hundred nodes. The result depends on nothing but the input.
package layered
