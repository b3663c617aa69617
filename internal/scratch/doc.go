// Package scratch makes directories that one command uses and then throws away.
//
// What a command left behind that was killed would fill the disk, or the memory. A
// directory is therefore locked (flock(2)) as long as its command lives; the next command
// removes those that no process has locked. Programs that still write there go on: their
// files lose their names only.
//
// Tapes (package tape) belong in memory: on a disk the kernel writes their pages back again
// and again, and the observed program waits for that. Their directory is made where memory
// passes for a file system, /dev/shm, if there is ample room, else in the usual place for
// temporary files, else where there is most room.
//
// Limits: nothing is swept where there is no flock; directories are known by their names, in
// the places where this user's commands make them now.
package scratch
