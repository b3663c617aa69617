// Package input opens what users hand to the analyzer: files, standard input and http
// URLs, through gzip where they are compressed.
//
// An [Input] yields its content from the first byte, decompressed, however much of it was
// looked at before: [Input.Head] are its first bytes, [Input.Search] looks through a text
// to its end. A regular file that was searched is rewound; of a pipe at most
// maxKeptBytes are kept in memory while searching.
//
// Whatever an input unpacks to, and however long a server goes on, reading stops where
// memory is used up or a server's time is over; see package memory.
//
// What an input holds is found out by package format.
package input
