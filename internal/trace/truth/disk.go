package truth

import (
	"os"
	"syscall"
	"time"
)

func timespec(d time.Duration) syscall.Timespec { return syscall.NsecToTimespec(int64(d)) }

// syncFile writes and waits in system calls for as long as a slow disk would.
func syncFile(j *Journal, f *os.File, disk syscall.Timespec) {
	f.Write([]byte("data"))
	slowPart(j, func() { f.Sync() })
	slowPart(j, func() { syscall.Nanosleep(&disk, nil) })
}
