package reader

import (
	"os"
	"syscall"
)

// forgetMapped informs the system that the bytes from one offset to the other are not read
// again, so that a long file does not fill the process's memory.
func forgetMapped(data []byte, from, to int64) {
	page := int64(os.Getpagesize())
	if from, to = from/page*page, to/page*page; from < to {
		_ = syscall.Madvise(data[from:to], syscall.MADV_DONTNEED) // a hint
	}
}
