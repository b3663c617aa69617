//go:build (amd64 || arm64) && !concdoctor_portable

package gid

import (
	"runtime"
	"unsafe"
)

// Pointer returns the address of the running goroutine's g.
func Pointer() uintptr

// searchBytes is how far into the g the search looks. The runtime's g is larger
// than this in every release since 1.22, and the two fields lie within it.
const searchBytes = 400

const wordBytes = unsafe.Sizeof(uintptr(0))

// offsets are where a g keeps what we read of it; they are found once, before
// main, and constant from then on.
type offsets struct {
	id, creator, parent uintptr // 0: not found; none can be the first word
}

var found = search()

// Fast reports whether Pointer, ID and Creator work. It does not change.
var Fast = found.id != 0

// ID returns the id of the goroutine that g serves. g must be the running
// goroutine's own, from Pointer.
func ID(g uintptr) uint64 { return uint64(word(g, found.id)) }

// Creator returns the program counter of the go statement that created the
// goroutine of g, 0 if unknown. g must be the running goroutine's own.
func Creator(g uintptr) uintptr {
	if found.creator == 0 {
		return 0
	}
	return word(g, found.creator)
}

// Parent returns the id of the goroutine that created the one of g, 0 if unknown. g
// must be the running goroutine's own.
func Parent(g uintptr) uint64 {
	if found.parent == 0 {
		return 0
	}
	return uint64(word(g, found.parent))
}

// word reads one word of the g. A g is never freed nor moved, and no other goroutine
// writes the two fields while its goroutine runs.
//
//go:norace
func word(g, offset uintptr) uintptr {
	return *(*uintptr)(*(*unsafe.Pointer)(unsafe.Pointer(&[1]uintptr{g + offset})))
}

// sample is what one goroutine knows of itself: the words of its g, its id by
// the slow way, and the function and the goroutine that created it.
type sample struct {
	words      [searchBytes / wordBytes]uintptr
	id, parent uint64
	creator    string
}

// search takes samples in goroutines that two different functions created and
// keeps an offset only if it is the single one that fits all of them.
func search() offsets {
	samples := make(chan sample, 4)
	for range 2 {
		go createHere(samples)
		go createThere(samples)
	}
	all := []sample{<-samples, <-samples, <-samples, <-samples}
	return offsets{
		id:      single(all, func(s *sample, w uintptr) bool { return s.id != 0 && uint64(w) == s.id }),
		creator: single(all, func(s *sample, w uintptr) bool { return functionAt(w) == s.creator }),
		parent:  single(all, func(s *sample, w uintptr) bool { return s.parent != 0 && uint64(w) == s.parent }),
	}
}

//go:noinline
func createHere(to chan<- sample) {
	const name = "github.com/concdoctor/concdoctor/internal/detect/gid.createHere"
	parent := Slow()
	go func() { to <- take(name, parent) }()
}

//go:noinline
func createThere(to chan<- sample) {
	const name = "github.com/concdoctor/concdoctor/internal/detect/gid.createThere"
	parent := Slow()
	go func() { to <- take(name, parent) }()
}

func take(creator string, parent uint64) sample {
	s := sample{id: Slow(), parent: parent, creator: creator}
	g := Pointer()
	for i := range s.words {
		s.words[i] = word(g, uintptr(i)*wordBytes)
	}
	return s
}

// single returns the one offset at which fits holds for every sample, else 0.
func single(all []sample, fits func(*sample, uintptr) bool) uintptr {
	offset := uintptr(0)
	for i := range all[0].words {
		matches := 0
		for j := range all {
			if fits(&all[j], all[j].words[i]) {
				matches++
			}
		}
		if matches < len(all) {
			continue
		}
		if offset != 0 {
			return 0
		}
		offset = uintptr(i) * wordBytes
	}
	return offset
}

func functionAt(pc uintptr) string {
	if f := runtime.FuncForPC(pc); f != nil {
		return f.Name()
	}
	return ""
}
