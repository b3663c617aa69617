// Package racelog reads the reports of Go's race detector out of any text: the
// output of a program built with -race, of go test -race (also with -json), or a
// service's log in which every line has a prefix.
//
// A report starts with "WARNING: DATA RACE" and ends with a line of equals signs
// (compiler-rt, tsan_report.cpp, the Go form of PrintReport). Between them stand
// sections: two accesses, each with its stack, and where the two goroutines were
// created. A section's head line decides what the frames below it belong to;
// lines of no known form are other output that slipped in between and are skipped.
//
// The text before the warning on its line is taken for a prefix of the same width
// on the lines that follow. Reports in the events of go test -json are kept apart
// by package, since packages are tested in parallel.
//
// Limits: a report that another writer tore apart within a line is counted as
// unparsed; the detector itself prints the two accesses that met, and its history
// of the earlier one may be lost ("failed to restore the stack").
package racelog
