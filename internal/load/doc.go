// Package load opens what users hand to the analyzer and recognises it by its
// content, never by its name: files are renamed, piped and compressed on their
// way to an engineer's desk.
//
// [Open] reads the first bytes (through gzip, if the input is compressed) and
// decides among the [Kind]s: an execution trace by its header, a profile by its
// first protobuf field or by the first line of its text form, a log by a race
// report, a goroutine dump or a lock warning anywhere in it, a saved report by its keys. What is none
// of them becomes an [UnknownError] that says what the input looks like and what
// the user can do next.
//
// Recognition never consumes: [Input.R] starts at the first byte, decompressed.
// A regular file that has to be searched to its end is rewound; of a pipe at most
// maxKeptBytes are kept in memory while searching.
//
// Limits: the sub-kinds of profiles (mutex, block, goroutine) are told apart by
// the profile reader, since the answer lies behind the whole file; execution
// traces of releases that are not read are left to the trace reader to refuse.
package load
