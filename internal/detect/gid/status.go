//go:build (amd64 || arm64) && !concdoctor_portable

package gid

import (
	"runtime"
	"unsafe"
)

// The values of a g's status that the search looks for; see runtime2.go of the
// runtime. A collection in progress adds scanBit.
const (
	statusRunning = 2
	statusSyscall = 3
	statusWaiting = 4
	statusDead    = 6
	statusLeaked  = 10
	scanBit       = 0x1000
)

// statusOffset is where a g keeps its status, 0 if it was not found.
var statusOffset = searchStatus()

// Ended reports whether the goroutine with this id, whose g is g, is known to have
// ended: its g is free or serves another one. It may be asked of any goroutine at
// any time; the answer false may be out of date as soon as it is given.
func Ended(g uintptr, id uint64) bool {
	if g == 0 || found.id == 0 {
		return false
	}
	if uint64(word(g, found.id)) != id {
		return true
	}
	return statusOffset != 0 && status(g, statusOffset) == statusDead
}

// IsWaiting reports whether the goroutine with this id, whose g is g, waits or is in a system
// call: it does not run and needs more than a processor to. It returns true where that is
// not known. As with Ended the answer may be out of date.
func IsWaiting(g uintptr, id uint64) bool {
	if g == 0 || found.id == 0 || statusOffset == 0 || uint64(word(g, found.id)) != id {
		return true
	}
	s := status(g, statusOffset)
	return s == statusWaiting || s == statusSyscall || s == statusLeaked
}

// status reads the status of any g, which others change meanwhile: a word is read
// whole.
//
//go:norace
func status(g, offset uintptr) uint32 {
	return *(*uint32)(*(*unsafe.Pointer)(unsafe.Pointer(&[1]uintptr{g + offset}))) &^ scanBit
}

// searchStatus looks for the one place in a g that says running while its
// goroutine runs, waiting while it waits, and dead after it has ended.
func searchStatus() uintptr {
	if found.id == 0 {
		return 0
	}
	started, goOn := make(chan [2]uintptr), make(chan struct{})
	go func() {
		g := Pointer()
		started <- [2]uintptr{g, 0}
		<-goOn
	}()
	g := (<-started)[0]
	candidates := keep(statusPlaces(), Pointer(), statusRunning)
	waiting := settle(candidates, g, statusWaiting)
	close(goOn)
	if dead := settle(waiting, g, statusDead); len(dead) == 1 {
		return dead[0]
	}
	return 0
}

// statusPlaces are the aligned places of a 32-bit word in the part of a g that is
// searched, without the first word.
func statusPlaces() (places []uintptr) {
	for at := wordBytes; at < searchBytes; at += unsafe.Sizeof(uint32(0)) {
		places = append(places, at)
	}
	return places
}

func keep(places []uintptr, g uintptr, want uint32) (kept []uintptr) {
	for _, at := range places {
		if status(g, at) == want {
			kept = append(kept, at)
		}
	}
	return kept
}

// patience is how often the search yields to a goroutine that is about to wait or
// to end: some milliseconds at most.
const patience = 10000

// settle waits until the status must have changed and keeps the places that say so.
func settle(places []uintptr, g uintptr, want uint32) []uintptr {
	for range patience {
		if kept := keep(places, g, want); len(kept) > 0 {
			return kept
		}
		runtime.Gosched()
	}
	return nil
}
