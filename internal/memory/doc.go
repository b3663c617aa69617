// Package memory bounds the memory that reading may take, whatever an input holds: a file
// of a megabyte may unpack to gigabytes, and a server may never stop.
//
// [Default] is the bound where the user names none. A [Limit] is asked, every megabyte or so
// of an input, whether what is reachable has outgrown a part of the bound; the rest is for
// garbage and for judging what was read. [Watch] is the last resort of a program of its own:
// it looks at the whole process every few milliseconds, since a judgement or a decoder of a
// library asks no other process.
//
// Limits: memory that is not the Go heap's, such as a mapped file, is counted only where the
// caller says how much it is.
package memory
