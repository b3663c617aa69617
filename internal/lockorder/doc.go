// Package lockorder finds deadlocks that have not happened yet: it keeps the
// lock-dependency graph of a program and returns the cycles in it.
//
// When goroutine g asks for lock l while it holds the set L, the caller adds the
// dependency (g, l, L). A cycle is a chain of dependencies D1..Dn, n ≥ 2, with
//
//   - l_i held in L_(i+1), and l_n in L_1, each in a mode that conflicts with the
//     request, or in shared mode behind a writer: see below;
//   - n distinct goroutines, since one goroutine cannot wait in two places;
//   - pairwise disjoint held sets: a lock common to two of them is a gate that
//     keeps the two goroutines apart. A lock that both hold shared is no gate.
//
// A reader waits for another reader only behind a writer that waits in between, as
// sync.RWMutex lets none pass. So two shared modes conflict where there is one more
// goroutine, distinct from all in the chain, that asks for the lock exclusively and
// is kept away from them by no lock.
//
// Edges come from all held locks, not just from the last one taken. Only cycles
// that contain no shorter one are returned, and each is returned once.
//
// Sources: Havelund, "Using Runtime Analysis to Guide Model Checking of Java
// Programs" (SPIN 2000), for gate locks and goroutines (the GoodLock algorithm);
// Cai and Chan, "MagicFuzzer" (ICSE 2012) and "Magiclock" (TSE 2014), for
// dependencies with whole held sets, their merging, and leaving out locks that no
// cycle passes. That last part is done incrementally here: a topological order of
// the locks is kept up to date as in Pearce and Kelly, "A Dynamic Topological Sort
// Algorithm for Directed Acyclic Graphs" (JEA 2006), with locks that lie on a
// common cycle in one component. A chain never leaves its component, so in a
// program with a consistent lock order no search takes a single step. The order is
// published as [Place], so that a caller can pass over what agrees with it.
//
// Limits. Memory and time are bounded by [Options]; what the bounds cost is
// counted in [Stats]. A chain of more than [MaxGoroutines] dependencies takes a
// dependency seen on that many goroutines for one that any goroutine has. What
// keeps requests from meeting but locks, such as fork and join, is known only
// through [Graph.SetApart]. Forgetting a lock
// forgets what was asked for under it, also what other locks were held then.
//
// The package is pure: no locks of its own, no clock, no I/O. The caller
// serialises all calls on one Graph. It is shared by agent and analyzer and
// carries no compatibility promise.
package lockorder
