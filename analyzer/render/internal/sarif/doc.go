// Package sarif writes a report in the Static Analysis Results Interchange Format,
// version 2.1.0 (OASIS standard, errata 01), which code hosts show beside the code.
//
// A finding is a result: its rule with the rule's page as help; its level; the place
// that a reader of the repository should look at as its one location; every other
// place as a related location; each goroutine's way through the code (created,
// holds, waits) as a thread flow; whole stacks as stacks; what the user suppressed as
// a suppressed result. The fingerprint is the finding's own, under the key of
// [FingerprintKey].
//
// Files below the root of the repository are named relative to it, with the base
// %SRCROOT%, which is what code hosts ask for. Others have absolute names.
//
// The types are the part of the standard that is used here, no more: the libraries
// for the whole of it bring a validator and a builder of several hundred methods
// into the program. The tests validate against the official schema.
package sarif
