// Package annotation sums up what the program itself wrote into its trace: regions and
// tasks by name (how many, how long, and what their goroutines did inside), and log
// messages by category. It writes Regions and Logs of the trace's schedule.
//
// A region belongs to one goroutine, whose states between its begin and its end are
// added up; where regions nest, a state counts for each of them. A task may span
// goroutines and has a length only. What was not over when the trace ended is counted
// apart, since its length is not known; what began before the trace is left out.
//
// Memory is bounded: so many names, categories and open instances, and what comes
// beyond that is not distinguished.
package annotation
