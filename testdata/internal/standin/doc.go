// Package standin stands in for the go command that concdoctor test and run call: it starts
// a program that was built before, as go test and go run would, and leaves all else to the
// go command. A command that tries many tests of one program so links it once.
//
// The command puts a link to itself, with the name go, into a directory ([Install]) that
// comes first in the PATH of what it starts, and calls [Main] first thing:
//
//	if standin.IsOne() {
//		os.Exit(standin.Main())
//	}
package standin
