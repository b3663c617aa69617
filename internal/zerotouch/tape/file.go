package tape

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// IsTape reports whether a file that begins so is a tape. It needs 16 bytes.
func IsTape(head []byte) bool { return bytes.HasPrefix(head, []byte(tapeMagic)) }

// File is an open tape. It can be read while its process runs, again and again: what
// does not change, such as stacks, is remembered. It is for one goroutine at a time.
type File struct {
	name    string
	from    io.ReaderAt
	close   func() error
	page    page  // to ask the process
	gone    int64 // when it was found to be there no longer; see MarkGone
	asked   uint32
	stacks  map[uint32]finding.Stack // of what is called, without the recorder's frames
	starts  map[uint32]created
	strings map[uint32]string
}

// created is a stack that a goroutine was created at.
type created struct {
	by    finding.Stack
	start finding.Frame
}

// Open opens the tape of a process, which may still write it.
func Open(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening tape: %w", err)
	}
	f, err := NewFile(path, file)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	f.close = file.Close
	return f, nil
}

// NewFile returns the tape that stands in from; its errors call it name. It need not be
// closed.
func NewFile(name string, from io.ReaderAt) (*File, error) {
	f := &File{
		name: name, from: from, close: func() error { return nil },
		stacks: make(map[uint32]finding.Stack), starts: make(map[uint32]created), strings: make(map[uint32]string),
	}
	head := f.section(0, tapeHeaderSize)
	if !IsTape(head) {
		return nil, fmt.Errorf("reading tape: %s is not one, or its process has only begun", name)
	}
	v := word(head, tapeWordVersion)
	if v == 0 {
		return nil, fmt.Errorf("reading tape: %s is cut off after its first bytes: copy it again, as a whole", name)
	}
	if bits.ReverseBytes64(v) == tapeVersion {
		return nil, fmt.Errorf("reading tape: %s is in another byte order than this machine's: read it on one like where it was written", name)
	}
	if v != tapeVersion {
		return nil, fmt.Errorf("reading tape: %s has version %d, want %d: use the concdoctor that built the program", name, v, tapeVersion)
	}
	return f, nil
}

// Close closes the file. What was read stays valid.
func (f *File) Close() error { return errors.Join(f.page.unmap(), f.close()) }

// Executable returns the path of the program that writes the tape, "" if that is not
// known. It reads little else.
func (f *File) Executable() string {
	return f.executable(f.section(0, tapeHeaderSize))
}

func (f *File) executable(head []byte) string {
	return strings.TrimSuffix(f.text(uint32(word(head, tapeWordExecutable))), " (deleted)")
}

// hasEnd reports whether the file is as long as a tape, which it is from its beginning.
func (f *File) hasEnd() bool {
	n, _ := f.from.ReadAt(make([]byte, 1), tapeSize-1)
	return n == 1
}

// section returns n bytes from an offset. What the file does not have is zero, as if it
// had not been written.
func (f *File) section(offset int64, n int) []byte {
	b := make([]byte, n)
	f.fill(b, offset)
	return b
}

func (f *File) fill(b []byte, offset int64) {
	got, _ := f.from.ReadAt(b, offset)
	clear(b[max(got, 0):])
}

func word(b []byte, n int) uint64 { return binary.NativeEndian.Uint64(b[8*n:]) }
func half(b []byte, n int) uint32 { return binary.NativeEndian.Uint32(b[4*n:]) }

// Read returns what is on the tape now. A tape that is damaged or cut off gives what can
// still be read of it.
func (f *File) Read() (*Tape, error) {
	head := f.section(0, tapeHeaderSize)
	if !IsTape(head) {
		return nil, fmt.Errorf("reading tape: %s is no longer a tape", f.name)
	}
	t := &Tape{
		File: f.name, PID: int(word(head, tapeWordPID)),
		Executable: f.executable(head),
		GoVersion:  f.text(uint32(word(head, tapeWordGoVersion))),
		Start:      int64(word(head, tapeWordStart)), StartMono: int64(word(head, tapeWordStartMono)),
		Looks:  looksOf(head),
		Unseen: int64(word(head, tapeWordUnseen)),
		Full:   word(head, tapeWordFull) != 0,
		Cut:    !f.hasEnd(),
	}
	f.readEnd(t, head)
	objects := f.objects(t, word(head, tapeWordRing) > tapeRingSize)
	if !t.Full {
		f.readSlots(t, objects, word(head, tapeWordSlots))
	}
	f.readPast(t, head)
	if t.End == Killed && !f.sawGone(head) {
		t.Now = max(t.Now, lastSign(t)) // the last beat is a while ago
	}
	f.readSums(t)
	t.Dropped += int64(word(head, tapeWordLost))
	t.DroppedSums = int64(word(head, tapeWordLostSums))
	return t, nil
}

// object is an entry of the table of objects.
type object struct {
	id    uint64
	flags uint32
}

// objects returns the objects that are alive by their addresses, and reads what is kept
// with them: the first uses. lapped says that records have been overwritten.
func (f *File) objects(t *Tape, lapped bool) map[uint64]object {
	all := make(map[uint64]object)
	for b := f.section(tapeObjects, tapeObjectSize*tapeObjectCount); len(b) > 0; b = b[tapeObjectSize:] {
		what := word(b, tapeObjectWhat)
		if what>>16 == 0 {
			continue
		}
		o := object{id: word(b, tapeObjectID) & 0xffffffff, flags: uint32(what & 0xff)}
		if lapped && o.flags&tapeObjectSpilled != 0 {
			o.flags |= tapeObjectMore
		}
		it := objectOf(what, o.id)
		all[it.Addr] = o
		for i := range tapeObjectUses {
			use := word(b, tapeObjectUse+i)
			if use == 0 {
				break
			}
			t.Uses = append(t.Uses, Use{
				Goroutine: use >> tapeUseID, Object: it, Side: Side(use & (1<<tapeUseStack - 1)),
				Stack: f.stack(uint32(use >> tapeUseStack & tapeUseStacks)),
			})
		}
		for side := Send; side <= Signal; side++ {
			if word(b, tapeObjectOther)>>tapeObjectByTimer&(1<<side) != 0 {
				t.Uses = append(t.Uses, Use{Object: it, Side: side})
			}
		}
	}
	return all
}

// readSums reads the tables of waits and holds.
func (f *File) readSums(t *Tape) {
	b := f.section(tapeBlockings, tapeBlockingSize*tapeBlockingCount)
	for ; len(b) > 0; b = b[tapeBlockingSize:] {
		if word(b, tapeSumCount) == 0 {
			continue
		}
		stack, kind := word(b, tapeSumStack), word(b, tapeSumKind)
		test, _ := f.test(uint32(kind >> 32))
		t.Blockings = append(t.Blockings, Blocking{
			Kind: Kind(kind), Stack: f.stack(uint32(stack)), Under: f.stack(uint32(stack >> 32)), Test: test,
			Count: int64(word(b, tapeSumCount)), Nanos: int64(word(b, tapeSumNanos)), Max: int64(word(b, tapeSumMax)),
		})
	}
	b = f.section(tapeHoldings, tapeHoldingSize*tapeHoldingCount)
	for ; len(b) > 0; b = b[tapeHoldingSize:] {
		if word(b, tapeSumCount) == 0 {
			continue
		}
		kind := word(b, tapeSumKind)
		t.Holdings = append(t.Holdings, Holding{
			Kind: Kind(kind), Mode: lockorder.Mode(kind >> 8 & tapeModeShared), Stack: f.stack(uint32(word(b, tapeSumStack))),
			Count: int64(word(b, tapeSumCount)), Measured: int64(word(b, tapeSumMeasured)),
			Nanos: int64(word(b, tapeSumNanos)), Max: int64(word(b, tapeSumMax)),
		})
	}
}
