// Package render writes a report in the forms that people and programs read.
//
// [Formats] lists them; [Write] writes one. JSON is the report itself and can be
// rendered again later, on another machine, to every other form, so no form may
// use anything but the report (and source lines, where the files are at hand).
//
// The text form is for a tired engineer: on the first screen the verdict, what
// was read, concurrency and parallelism with the groups of goroutines, and one
// line a finding; below it the evidence of each finding, the places of each
// profile, and what to know about the inputs. Lines end at column 100 but for source code.
//
// Forms of a kind of their own have a package below internal: sarif, and web for the
// HTML page. Package graph draws for DOT and the page, figures writes numbers for all
// forms, and repo knows which files are the user's.
//
// Text from a report is not trusted: Write cleans all of it, once for every form, with
// package untrusted.
// Emphasis is marked by runes of the private use area while lines are laid out,
// which makes widths easy to count, and becomes escape sequences, or nothing, at the end.
package render
