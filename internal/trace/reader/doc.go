// Package reader reads an execution trace into the neutral stream of package stream, with
// whichever decoder knows its format: package tracefile for Go 1.22 and newer, oldtrace
// for what came before.
//
// A file that is not compressed is mapped into memory and decoded where it lies; what has
// been decoded is given back to the system. Anything else is read as it comes.
//
// A trace that is damaged or cut off is read as far as it goes: [Reader.Loss] says how far
// that was.
package reader
