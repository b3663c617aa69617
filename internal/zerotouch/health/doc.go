// Package health finds out whether zero touch works on a machine, and where it does not, why:
// one check for each thing that it needs, from the go command to files that can be mapped,
// and at the end a small program that is built, run and read.
//
// Every check is independent of the others as far as it can be, so that one run shows
// all that is to be repaired. Nothing is changed; temporary files are removed.
package health
