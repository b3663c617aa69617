//go:build unix

package reader

import (
	"math"
	"os"
	"syscall"
)

// mapFile maps a file into memory, to be read only.
func mapFile(f *os.File, size int64) ([]byte, error) {
	if size > math.MaxInt {
		return nil, syscall.EFBIG
	}
	conn, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	var data []byte
	var failed error
	err = conn.Control(func(fd uintptr) {
		data, failed = syscall.Mmap(int(fd), 0, int(size), syscall.PROT_READ, syscall.MAP_PRIVATE)
	})
	if err == nil {
		err = failed
	}
	return data, err
}

func unmapFile(data []byte) { _ = syscall.Munmap(data) } // fails for what was not mapped only
