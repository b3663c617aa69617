// Package oversubscribed finds, in an execution trace, groups of goroutines that
// compute and are far more than there are processors.
//
// A group is the goroutines of one go statement (of one entry function, if they
// lived before the trace). Over the time in which any of its goroutines wants a
// processor, the pass integrates how many of them run and how many are ready and
// do not. The group is reported if
//
//   - on average [crowd] goroutines a processor are ready, and there was such a
//     crowd for most of that time;
//   - it spent far more time ready than running, and hardly any blocked: a goroutine that waits
//     for the outside world may well be many;
//   - the processors were busy meanwhile.
//
// All of that is observed. Limits: whether a thread that runs really has a core is
// not in the trace; several groups that crowd the processors only together are not
// reported.
package oversubscribed
