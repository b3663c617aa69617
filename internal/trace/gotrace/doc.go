// Package gotrace reads, for tests, the traces that Go keeps for the tests of its own
// trace reader: from the installed GOROOT, at run time. They are not copied here.
//
// Most of them are in a text form, an event a line, that is assembled into bytes with
// the numbers of the installed Go's own declaration.
package gotrace
