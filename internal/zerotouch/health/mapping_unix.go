//go:build unix

package health

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// mapping tries what a recording program does: it makes a file in the directory for
// temporary files, maps it, and what it writes is in the file.
func mapping() Check {
	c := Check{Name: "temp dir", Grade: OK, Text: os.TempDir() + " can be written, and its files mapped"}
	if err := tryMapping(); err != nil {
		c.Grade, c.Text = Failed, err.Error()
		c.Hint = "let TMPDIR name a directory on a local disk, or use --keep DIR"
	}
	return c
}

func tryMapping() (err error) {
	f, err := os.CreateTemp("", "concdoctor-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	const size = 1 << 16
	if err := f.Truncate(size); err != nil {
		return err
	}
	mem, err := syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("mapping a file in %s: %w", os.TempDir(), err)
	}
	mem[size-1] = 'x'
	if err := syscall.Munmap(mem); err != nil {
		return err
	}
	var b [1]byte
	if _, err := f.ReadAt(b[:], size-1); err != nil || b[0] != 'x' {
		return errors.Join(fmt.Errorf("what is written to a mapped file in %s is not in the file", os.TempDir()), err)
	}
	return nil
}
