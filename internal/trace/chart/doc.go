// Package chart gathers what a report draws, in bounded memory, whatever the length
// of the trace: [Timeline] is a quantity over time, [Histogram] a distribution of
// durations. Both have a useful zero value and belong to one goroutine.
//
// A Timeline begins with short steps and doubles them, adding up neighbours,
// whenever the trace outgrows it: the number of steps stays between half of
// [MaxSteps] and MaxSteps. A Histogram has log-linear buckets, eight to every power
// of two, as HdrHistogram and Go's own runtime/metrics have them.
package chart
