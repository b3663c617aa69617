// Package policy decides what becomes of findings: which are wanted, where they go, and
// what else is called. It is read where findings leave the engine, and never under a lock
// of a graph: what the graphs learn does not depend on it.
package policy
