// Package wording has the words of diagnoses that several parts of the program make:
// titles, fixes and Coffman's conditions of rings of goroutines, of waits that nobody
// ends, and of misused channels and locks. One disease has one name and one
// fingerprint, whoever finds it: the agent in its process or the reader of a tape.
//
// Its functions take goroutines as findings show them and know nothing of how they
// were found.
//
// The package is pure and imports nothing but package finding. It carries no
// compatibility promise.
package wording
