// Package shelf makes directories for tapes (package tape) that one command reads and
// then throws away.
//
// A tape belongs in memory: on a disk the kernel writes its pages back again and again,
// and the observed program waits for that. So a directory is made where memory passes
// for a file system, /dev/shm, if there is ample room, else in the usual place for
// temporary files, else where there is most room.
//
// What a command left behind that was killed would fill the memory. A directory is
// therefore locked (flock(2)) as long as its command lives; the next command removes
// those that no process has locked. Programs that still write there go on: their files lose
// their names only.
package shelf
