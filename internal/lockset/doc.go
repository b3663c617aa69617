// Package lockset finds in Go source which locks a goroutine holds at a line.
//
// A goroutine dump says where each goroutine is, not what it holds. Where the source of
// a call is at hand, it says so in most cases: the function of the frame is walked
// statement by statement from its start, Lock and RLock add to the lockset, Unlock and
// RUnlock take away, and what is left where the walk meets the frame's line is held
// there ([Sources.At]). Branches join: a lock of all ways to the line is held for sure
// ([Held.Sure]), a lock of some may be. A deferred Unlock takes nothing away. The walk
// stays in one function; the caller of this package joins the frames of a stack, and
// takes away what an inner call releases ([Facts.Released]).
//
// A lock is distinguished from others by its class, the declaration of the field or
// variable (go/types finds it), and by the expression, so that from.mu and to.mu of one
// function are two. Imports are not followed: packages sync, time and context are
// replaced by stubs, all others stay unknown, and what is declared there has no class.
//
// What could end a wait on a channel is a question to a whole package: [Sources.ServicesOf]
// finds the functions that do its other side, and whether goroutines of their own run them;
// [Sources.WaitsAlone] finds waits that nothing else can have a part in. [Sources.DoesOf] follows
// all static calls from a goroutine's first function and says which waits it may end.
//
// The walk over one function is that of lockset analysis for static race detection
// (Engler, Ashcraft: RacerX, SOSP 2003), without calls.
//
// Limits: a lock that a called function takes and keeps is not seen; functions that call
// something named so are marked ([Facts.Opaque]). The source may have changed since the
// program was built: a line that does not do what the frame does says nothing.
package lockset
