// Package sidebyside runs the same tests as they are and under zero touch, and compares
// them one by one. It is for programs that try concdoctor on foreign code: a test that
// passes in one way and not in the other is one that the recorder broke, or one whose
// result hangs on time.
//
// A way is run through the go command with -json. A program that can run itself as a
// clock (see [IsClock]) between the go command and the test programs gets their wall time
// and the processor time of each with all that it started. Without a clock wall time is
// what the test programs say of themselves, and processor time that of the whole command.
//
// It does not see what a test prints, nor tests of which only the parent is reported.
package sidebyside
