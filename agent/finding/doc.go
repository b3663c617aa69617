// Package finding is the one language that every part of concdoctor speaks:
// what was found, how sure it is, where, with what evidence, and what to change.
//
// A [Finding] names a rule of the catalogue ([Rules]), a [Certainty] and a
// [Severity], the [Resource]s (locks, channels, loops) and [Goroutine]s that take
// part, the [Place]s in the code that are at fault, [Measure]s with units, for
// deadlocks the four [Coffman] conditions with their evidence, a fix in words,
// and a fingerprint that is stable across runs, builds and line shifts.
// A [Report] is a totally ordered list of findings with its inputs, summary and
// warnings. JSON is its true form: it round-trips through [Report.Write] and
// [Read], and every other output is rendered from it.
//
// A [Suppressor] says which findings are not wanted. It alone touches files; all
// else is plain data.
//
// The package starts no goroutine and imports the standard library only, so that
// the agent (inside other people's services) and the analyzer can both stand on it.
// Its exported API is concdoctor's API.
package finding
