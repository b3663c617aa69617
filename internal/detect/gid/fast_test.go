//go:build (amd64 || arm64) && !concdoctor_portable

package gid

import (
	"runtime"
	"strings"
	"sync"
	"testing"
)

func TestIDAgreesWithStack(t *testing.T) {
	if !Fast {
		t.Fatal("the search for the id found no offset on this toolchain")
	}
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() {
			for range 10 {
				if got, want := ID(Pointer()), Slow(); got != want || want == 0 {
					t.Errorf("ID = %d, runtime.Stack says %d", got, want)
				}
				runtime.Gosched()
			}
		})
	}
	group.Wait()
}

func TestCreatorIsTheGoStatement(t *testing.T) {
	pcs := make(chan uintptr)
	go func() { pcs <- Creator(Pointer()) }()
	if got := functionAt(<-pcs); !strings.HasSuffix(got, "gid.TestCreatorIsTheGoStatement") {
		t.Errorf("creator %q, want this test", got)
	}
}

func TestParentIsWhoCreated(t *testing.T) {
	for range 8 {
		ids := make(chan [2]uint64)
		go func() {
			self := Slow()
			go func() { ids <- [2]uint64{Parent(Pointer()), self} }()
		}()
		if got := <-ids; got[0] != got[1] || got[1] == 0 {
			t.Errorf("parent %d, was created by %d", got[0], got[1])
		}
	}
}

func TestSingleRefusesDoubt(t *testing.T) {
	one := func(at ...int) []sample {
		var s sample
		s.id = 7
		for _, i := range at {
			s.words[i] = 7
		}
		return []sample{s, s}
	}
	fits := func(s *sample, w uintptr) bool { return uint64(w) == s.id }
	if got := single(one(5), fits); got != 5*wordBytes {
		t.Errorf("one match: %d", got)
	}
	if got := single(one(5, 6), fits); got != 0 {
		t.Errorf("two matches: %d, want 0", got)
	}
	if got := single(one(), fits); got != 0 {
		t.Errorf("no match: %d, want 0", got)
	}
}

func BenchmarkID(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ID(Pointer())
	}
}
