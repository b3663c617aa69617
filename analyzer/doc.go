// Package analyzer finds concurrency defects in what a Go program left behind: execution
// traces, profiles, goroutine dumps, logs of the race detector and of go-deadlock,
// recordings, and reports that were saved.
//
// [Analyze] takes the names of any number of inputs and returns one [finding.Report]. It is
// a pipeline:
//
//  1. Each input is opened: a file, standard input or a URL, decompressed if it is in
//     gzip.
//
//  2. Its format is recognised by its content. [Formats] is the table: a row says how to
//     recognise a format and how to read it.
//
//  3. The format's reader adds what it finds to the report. An execution trace is decoded
//     into events, replayed into the spans that each goroutine spends in each state, and
//     given to passes, each of which knows one family of defects. A log is searched for
//     the reports of several formats in one pass. Profiles and dumps only count, by place
//     in the code.
//
//  4. When all inputs have been read, the counts are judged: each profile and dump for
//     itself, and in comparison with one of its kind in Options.Base.
//
//  5. Inputs are taken for those of one program, and what several of them say of one line
//     becomes one finding, with a piece of evidence for each input. The finding is that of
//     the input that knows most (trace, then profile, then dump), as sure as the surest.
//     The line is the call that waits or holds, by function, file name and line number;
//     the rules must be of one family. Logs, and findings that name no place, are joined
//     by their fingerprint.
//
//  6. Findings that are not wanted are set aside: by pattern, by a baseline, or by a
//     comment beside the code.
//
//  7. Findings are put in order, the worst first, and compared with those of Options.Base.
//
//  8. [Verdict] sums the report up in a sentence.
//
// An input that cannot be read does not stop the others: the report says what is missing,
// and the error joins one for each such input.
//
// Package render writes a report in every form; package record fetches inputs from a
// running service. This package knows no command line and writes no files.
//
// Limits: each kind of input answers its own questions. Profiles do not show which
// goroutine made which wait, race logs hold only what the run touched, and no input shows
// what did not run.
package analyzer
