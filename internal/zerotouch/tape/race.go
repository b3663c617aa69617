package tape

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// Race is two accesses to one address that nothing orders, of which one is a write at least.
type Race struct {
	Time int64
	// Addr is where both accessed memory, Block where the block of the heap begins that it lies
	// in, and Size how large that is; both are 0 for a global variable.
	Addr, Block, Size uint64
	// Later met what Earlier had done.
	Later, Earlier Access
	// Count is how often these two stacks met, as far as it is known.
	Count int64
}

// Access is one of the accesses of a race.
type Access struct {
	// Goroutine is 0 if it is not known any more, as are Test and Created then.
	Goroutine uint64
	Test      string
	Created   finding.Stack
	Stack     finding.Stack
	Write     bool
	Atomic    bool
	// Held is which locks the goroutine held, the first of them, and More how many others;
	// HeldKnown says that this is known.
	Held      []Hold
	More      int
	HeldKnown bool
}

// readAccess returns an access from what a race says of it.
func readAccess(what uint64) Access {
	return Access{
		Write: what&tapeRaceWrite != 0, Atomic: what&tapeRaceAtomic != 0,
		HeldKnown: what&tapeRaceHeldUnknown == 0,
	}
}

// race reads a race, whose header is read.
func (r *ringReader) race(b []byte, goroutine uint64, now int64, test string) {
	what, held, calls := word(b, tapeRaceWhat), word(b, tapeRaceHeld), word(b, tapeRaceCalls)
	race := Race{
		Time: now, Addr: word(b, tapeRaceAddress), Block: word(b, tapeRaceBlock), Size: word(b, tapeRaceBlock+1),
		Later: readAccess(what), Earlier: readAccess(what >> 16), Count: int64(word(b, tapeRaceCount)),
	}
	race.Later.Goroutine, race.Later.Test = goroutine, test
	race.Earlier.Goroutine = word(b, tapeRaceEarlier)
	race.Earlier.Test, _ = r.f.test(uint32(word(b, tapeRaceTest)))
	l := raceLists{f: r.f, b: b, at: 8 * tapeRaceLists}
	race.Later.Held, race.Later.More = l.holds(held&0xff, held>>16&0xff)
	race.Earlier.Held, race.Earlier.More = l.holds(held>>8&0xff, held>>24&0xff)
	for i, to := range []*finding.Stack{&race.Later.Stack, &race.Earlier.Stack, &race.Later.Created, &race.Earlier.Created} {
		*to = l.stack(calls >> (16 * i) & 0xffff)
	}
	if !l.short {
		r.t.Races = append(r.t.Races, race)
	}
}

// raceLists reads the lists of a race, one after the other.
type raceLists struct {
	f     *File
	b     []byte
	at    int // bytes
	short bool
}

func (l *raceLists) take(bytes int) []byte {
	if l.short = l.short || l.at+bytes > len(l.b); l.short {
		return make([]byte, bytes)
	}
	l.at += bytes
	return l.b[l.at-bytes : l.at]
}

func (l *raceLists) holds(n, all uint64) (held []Hold, more int) {
	for range n {
		b := l.take(16)
		what, how := word(b, 0), word(b, 1)
		held = append(held, Hold{Object: objectOf(what, how>>32), Mode: lockorder.Mode(what & tapeModeShared), Stack: l.f.stack(uint32(how))})
	}
	return held, int(max(all, n) - n)
}

// stack returns a list of calls as the stack of a program's functions.
func (l *raceLists) stack(n uint64) finding.Stack {
	var calls [][]finding.Frame
	for range min(n, tapeRaceDepth) {
		ref := half(l.take(4), 0)
		calls = append(calls, l.f.frames(ref>>6, ref&0x3f))
	}
	return program(calls)
}
