// Package sentences holds every sentence that findings say, in one file that can be read
// from top to bottom: testdata/sentences.txt.
//
// A sentence stands there in a canonical form: each function is main.f at main.go:9, each
// number but one is 9, each duration 9 ms, each name of a resource is that of its kind.
// So a line stands for all findings that say it. [Hold] fails a test that prints a
// sentence which the file does not have; the tests of what writes findings call it, and the
// test of this package reads recorded inputs, execution traces among them.
//
// Where sentences change, the file is written anew:
//
//	go test ./internal/sentences -update
//
// which runs the tests of all packages that call Hold. Read the difference.
package sentences
