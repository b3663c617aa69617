// Package patch changes packages of the standard library as they are compiled, for
// zero touch: a program is built with a runtime and a package sync that record, while
// its own source, its module, and GOROOT stay as they are.
//
// A [List] has one [Set] a package: operations on declarations of that package, and
// files to add to it. An operation finds its declaration in the parsed source, by
// receiver and name, and says what is done to it:
//
//	Rename     func (m *Mutex) Lock  becomes  func (m *Mutex) lockPlain
//	Enter      insert statements where the function is entered
//	Before     insert statements before one call in the function
//	Replace    replace an expression in the function
//	Body         give a body to a function that is declared without one
//	AddField     add a field to a struct
//	Signature  require a function with these parameters and results
//	Field      require a field of a struct with this type
//	Exists     require a declaration of this name
//
// A renamed function with a wrapper of the old name in an added file is how a call is
// observed; the wrapper has the file and line of the renamed one. All operations of a set look at the source as it was, so that their order
// does not matter.
//
// Each operation must find exactly what it names, and exactly once. Otherwise nothing is
// changed and the error is an [UnknownError]: a Go release that moved things is refused
// in words, never half instrumented. A package that is patched already is refused too.
//
// Changes are made to the text at the places that the parser finds, and no line is added
// or removed: the lines of the original code keep their numbers in stacks, profiles and
// coverage.
//
// Operations and added files can be conditional, in the language of //go:build lines
// and of file names (x_linux.go), with the tags that the go command knows: systems,
// architectures, unix, race, releases (go1.27) and experiments. Beside those, the tag
// go1.26.3 holds from that minor release on.
//
// The package reads nothing but what it is given and writes nothing; package toolexec
// calls it in the middle of a build. A List is not changed once it is made and may be
// used by several goroutines.
package patch
