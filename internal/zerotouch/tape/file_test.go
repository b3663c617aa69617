package tape

import (
	"encoding/binary"
	"reflect"
	"strings"
	"testing"
	"time"
)

// sparse is a tape in memory: words at offsets, zero elsewhere, of a size.
type sparse struct {
	words map[int64]uint64
	size  int64
}

func (s *sparse) ReadAt(b []byte, at int64) (int, error) {
	for i := range b {
		if at+int64(i) >= s.size {
			return i, nil
		}
	}
	for off, w := range s.words {
		var eight [8]byte
		binary.NativeEndian.PutUint64(eight[:], w)
		for i, c := range eight {
			if j := off + int64(i) - at; j >= 0 && j < int64(len(b)) {
				b[j] = c
			}
		}
	}
	return len(b), nil
}

// begun is a tape on which nothing was written yet.
func begun() *sparse {
	return &sparse{size: tapeSize, words: map[int64]uint64{
		0:                   binary.NativeEndian.Uint64([]byte(tapeMagic)),
		8:                   binary.NativeEndian.Uint64([]byte(tapeMagic)[8:]),
		8 * tapeWordVersion: tapeVersion,
		8 * tapeWordPID:     42,
		8 * tapeWordBeat:    uint64(time.Now().UnixNano()), // of a clock that began with Unix time
	}}
}

func TestOpen(t *testing.T) {
	if _, err := NewFile("x", &sparse{}); err == nil || !strings.Contains(err.Error(), "is not one") {
		t.Errorf("an empty file: %v", err)
	}
	s := begun()
	delete(s.words, 8*tapeWordVersion)
	if _, err := NewFile("x", s); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("magic alone: %v", err)
	}
	s.words[8*tapeWordVersion] = 99
	if _, err := NewFile("x", s); err == nil || !strings.Contains(err.Error(), "version 99, want 4") {
		t.Errorf("another version: %v", err)
	}
	s.words[8*tapeWordVersion] = tapeVersion << 56
	if _, err := NewFile("x", s); err == nil || !strings.Contains(err.Error(), "another byte order") {
		t.Errorf("another byte order: %v", err)
	}
	if _, err := Open(t.TempDir() + "/none"); err == nil {
		t.Error("opened a file that is not there")
	}
	if !IsTape([]byte(tapeMagic+"more")) || IsTape([]byte("concdoctor")) || IsTape(nil) {
		t.Error("IsTape")
	}
}

func TestReadBegun(t *testing.T) {
	f, err := NewFile("x", begun())
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.Read()
	if err != nil {
		t.Fatal(err)
	}
	got.Now = 0
	if want := (&Tape{File: "x", PID: 42}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

// TestRingLap reads a ring of which the beginning was overwritten, with a record in it
// that was never finished.
func TestRingLap(t *testing.T) {
	s := begun()
	const end = tapeRingSize + tapeRingBlock + 3*72
	put := func(at, goroutine uint64) {
		words := uint64(tapeRecordHeaderWords + tapeRecordUseWords)
		s.words[tapeRing+int64(at%tapeRingSize)] = words | tapeRecordUse<<12 | at/8<<20
		s.words[tapeRing+int64(at%tapeRingSize)+8] = goroutine
	}
	put(0, 1)                                  // overwritten
	put(2*tapeRingBlock, 2)                    // the oldest that may be read
	put(tapeRingSize, 3)                       // in the place of the first
	put(tapeRingSize+tapeRingBlock, 4)         // the newest block
	s.words[tapeRing+tapeRingBlock+48+8] = 999 // unfinished: no header
	put(tapeRingSize+tapeRingBlock+96, 5)
	s.words[tapeFirst] = tapeRecordHeaderWords + tapeRecordUseWords | tapeRecordUse<<12 // stays
	s.words[tapeFirst+8] = 6
	s.words[8*tapeWordFirst] = 48
	s.words[8*tapeWordRing] = end
	s.words[8*tapeWordRecords] = 10
	f, err := NewFile("x", s)
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.Read()
	if err != nil {
		t.Fatal(err)
	}
	var seen []uint64
	for _, u := range got.Uses {
		seen = append(seen, u.Goroutine)
	}
	if !reflect.DeepEqual(seen, []uint64{6, 2, 3, 4, 5}) || got.Dropped != 5 {
		t.Errorf("uses by %d, dropped %d", seen, got.Dropped)
	}
}

// FuzzRead reads tapes with arbitrary words in arbitrary places.
func FuzzRead(f *testing.F) {
	f.Add([]byte{}, int64(tapeSize))
	place := func(off int64, word uint64) []byte {
		return binary.NativeEndian.AppendUint64(binary.NativeEndian.AppendUint64(nil, uint64(off)), word)
	}
	f.Add(append(place(8*tapeWordSlots, 1), place(tapeSlots, tapeControlAlive|tapeControlWait|0xfff)...), int64(tapeSize))
	f.Add(append(place(8*tapeWordRing, 1<<63), place(tapeRing, 1<<62)...), int64(tapeRing+100))
	f.Add(place(8*tapeWordExecutable, tapeStringsSize-1), int64(tapeHeaderSize))
	f.Fuzz(func(t *testing.T, patches []byte, size int64) {
		s := begun()
		s.size = max(min(size, tapeSize), 100)
		for ; len(patches) >= 16; patches = patches[16:] {
			s.words[int64(binary.NativeEndian.Uint64(patches)%tapeSize)] = binary.NativeEndian.Uint64(patches[8:])
		}
		file, err := NewFile("x", s)
		if err != nil {
			return
		}
		if _, err := file.Read(); err != nil {
			t.Skip(err)
		}
	})
}

// TestState agrees with Read about which goroutines wait.
func TestState(t *testing.T) {
	s := begun()
	s.words[8*tapeWordSlots] = 2
	slot := func(i, word int) int64 { return tapeSlots + int64(i)*tapeSlotSize + 8*int64(word) }
	f, err := NewFile("x", s)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, end End, waits bool) {
		t.Helper()
		if e, w := f.State(time.Second); e != end || w != waits {
			t.Errorf("%s: end %d, waits %v", what, e, w)
		}
	}
	check("nobody", Running, false)
	s.words[slot(1, tapeSlotControl)] = tapeControlAlive
	check("one that is awake", Running, false)
	s.words[slot(1, tapeSlotControl)] |= tapeControlWait
	check("one that waits", Running, true)
	now := time.Now().UnixNano()
	s.words[slot(1, tapeSlotSince)] = uint64(now)
	check("one that waits for a moment", Running, false)
	s.words[slot(1, tapeSlotSince)] = 0
	s.words[8*tapeWordEnd] = uint64(Exited)
	check("the end", Exited, false)
}

// TestCut tells a file that lacks its end from a whole one.
func TestCut(t *testing.T) {
	for _, missing := range []int64{0, 1, tapeSize - tapeHeaderSize} {
		s := begun()
		s.size -= missing
		f, err := NewFile("x", s)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := f.Read(); err != nil || got.Cut != (missing > 0) {
			t.Errorf("%d bytes missing: cut %v, %v", missing, got.Cut, err)
		}
	}
}
