// Package toolexec stands between the go command and its tools: the go command calls
// concdoctor, by its flag -toolexec, with each command line that it would run itself.
//
// Every call goes through as it is, but three:
//
//   - The compiler of a package that the patch list changes gets changed copies of the
//     source files in the build's own temporary directory, and the added files. Its flag
//     -trimpath is extended so that stacks and debuggers show the paths of the originals.
//   - The question -V=full to compiler and linker is answered with the list's hash at the
//     end. The go command takes the answer into the keys of its build cache: programs
//     with and without zero touch share one cache and never each other's packages.
//   - What the linker has made is searched for the list's stamp: a program without it
//     would be watched in vain, and the build fails.
//
// The command line is
//
//	concdoctor __toolexec MARKS N [WORD...N] TOOL [ARGUMENT...]
//
// where MARKS is a directory in which each question of the go command and each program
// that carries the stamp leave a file, or "-", and the N words are the -toolexec of the
// user, which runs the tool in turn.
//
// A call of the compiler has no state but its arguments, so that any number may run at
// once. Whatever is not as expected ends the build: a Go release that moved what is
// patched, an added file that imports what the package does not, a package patched
// already.
package toolexec
