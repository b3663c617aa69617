package tape

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// page is the first page of a tape, mapped as the process has it: what is written there it
// sees. The zero value is not mapped yet.
type page struct{ memory []byte }

// futexWake wakes the threads that wait for a word, in all processes that map the file.
const futexWake = 1

func (p *page) open(name string) error {
	if p.memory != nil {
		return nil
	}
	file, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("asking a process: %w", err)
	}
	memory, err := syscall.Mmap(int(file.Fd()), 0, tapeHeaderSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("asking a process: mapping %s: %w", name, err)
	}
	p.memory = memory
	return nil
}

func (p *page) unmap() error {
	if p.memory == nil {
		return nil
	}
	memory := p.memory
	p.memory = nil
	return syscall.Munmap(memory)
}

// ask writes a new request and wakes the thread that waits for one.
func (p *page) ask(name string, flags uint32) (request uint32, err error) {
	if err := p.open(name); err != nil {
		return 0, err
	}
	word := (*uint32)(unsafe.Pointer(&p.memory[8*tapeWordAsk]))
	for {
		before := atomic.LoadUint32(word)
		request = before&^tapeAskInsist + 2 | flags
		if atomic.CompareAndSwapUint32(word, before, request) {
			break
		}
	}
	if _, _, errno := syscall.Syscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWake, 1, 0, 0, 0); errno != 0 {
		return 0, fmt.Errorf("asking a process: futex: %w", errno)
	}
	return request, nil
}

// write writes a word that is 0. It is no harm if that is not possible.
func (p *page) write(name string, n int, value uint64) {
	if p.open(name) == nil {
		atomic.CompareAndSwapUint64((*uint64)(unsafe.Pointer(&p.memory[8*n])), 0, value)
	}
}
