// Package format finds out what an input holds, by its content and never by its name:
// files are renamed, piped and compressed on their way to an engineer's desk.
//
// A [Table] has one row, a [Format], for each kind of input that is read. [Table.Open]
// opens an input and looks at its first bytes. A format that an input is as a whole, such
// as an execution trace, is recognised by its header; formats whose reports may be anywhere in a
// log, such as goroutine dumps, are looked for to the end of the text, and read in one pass. An
// input that is none of these becomes an [input.UnknownError] that says what it looks like
// and what the user can do next.
//
// Readers write what they find into a [Result]. They know neither the table nor each
// other, so that a new format is a package of its own and one row.
//
// Limits: the kinds of profiles (mutex, block, goroutine) are one row, since only
// the whole file distinguishes them; a trace of a release that is not read is left to the
// trace reader to refuse.
package format
