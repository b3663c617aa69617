// Package profile reads the runtime's profiles of waiting (mutex, block) and of
// goroutines (goroutine, goroutineleak), groups them by place in the code,
// compares two of a kind and judges what it sees.
//
// A profile says where and how much, never which goroutine waited for which: that takes an
// execution trace. Its stacks end in the machinery of waiting; the site is the
// frame that called the machinery, and the outermost machinery frame shows what
// was waited for ([Role]). The two profiles of locks see one wait from both ends:
// the mutex profile charges the caller of Unlock (which held the lock), the block
// profile the caller of Lock (which waited), and also every wait on a channel,
// select, wait group or cond. Their protobuf forms carry the same sample types,
// so they are distinguished by their stacks: a leaf named Unlock or RUnlock belongs
// to a mutex profile. Runtime-internal locks (leaf runtime.unlock and the like,
// runtime._LostContendedRuntimeLock) are set apart: user code cannot shrink them.
//
// Profiles of the program's own making, of anything that is counted, are grouped and
// compared, but not judged: what their numbers mean only the program knows.
//
// Scale: the runtime multiplies what it sampled before it writes a profile
// (runtime/mprof.go, saveBlockEventStack), so values are estimates of the whole,
// and are not scaled again here. A mutex profile whose counts share a divisor
// greater than one was sampled; the reader says so.
//
// Limits: a channel wait in a block profile is as a rule an idle worker, so only
// waits for locks become findings. The text form (debug=1) leaves out runtime
// frames, so it cannot say what a goroutine in it waits for unless package sync does.
package profile
