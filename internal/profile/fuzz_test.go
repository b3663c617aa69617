package profile

import (
	"bytes"
	"encoding/json"
	"runtime/pprof"
	"strings"
	"testing"
)

// maxErrorBytes is longer than any text of ours about a damaged profile may be.
const maxErrorBytes = 1000

// FuzzRead feeds both readers with damage. Whatever comes of it, it must be an error
// of a bearable length or a profile that can be judged, compared and saved.
func FuzzRead(f *testing.F) {
	for _, types := range [][]string{lockTypes, goroutineTypes, leakTypes, {"tickets/count"}, {"alloc_space/bytes"}} {
		f.Add(false, encode(f, 1e9, types, stack{"sync.(*Mutex).Unlock main.f:1 main.g:2", make([]int64, len(types))}))
	}
	f.Add(false, encode(f, 0, lockTypes, mutexStacks...))
	f.Add(false, []byte("\n\x0400\x10\x02\x12\x06\b000002\x002\r00000000000002\x05count")) // a location that is not there
	for _, name := range []string{"goroutine", "mutex", "block", "threadcreate"} {
		var b bytes.Buffer
		if err := pprof.Lookup(name).WriteTo(&b, 1); err != nil {
			f.Fatal(err)
		}
		f.Add(true, b.Bytes())
	}
	for _, text := range []string{
		"--- mutex:\ncycles/second=1000000000\nsampling period=7\n500000000 50 @ 0x1\n#\t0x1\tsync.(*Mutex).Unlock+0x12\t/s/mutex.go:65\n#\t0x2\tmain.f+0x84\t\t/s/m.go:10\n",
		"--- contention:\ncycles/second=1\n9223372036854775807 1 @ 0x1\n9223372036854775807 9223372036854775807 @ 0x1\n",
		"--- contention:\n1 1 @\n", "--- contention:\ncycles/second=1\n10000000000 1 @", strings.Repeat("\xed", 300),
		"goroutineleak profile: total 2\n2 @ 0x1\n#\t0x1\tmain.f+0x12\t/s/m.go:99999999999999999999\n",
		"tickets profile: total 1\n9223372036854775807 @ 0x1\n9223372036854775807 @ 0x2\n",
	} {
		f.Add(true, []byte(text))
	}
	f.Fuzz(func(t *testing.T, text bool, data []byte) {
		p, err := decode("input", data, text)
		if err != nil {
			if len(err.Error()) > maxErrorBytes || strings.Contains(err.Error(), "\n") {
				t.Errorf("an error of %d bytes: %.200s…", len(err.Error()), err)
			}
			return
		}
		checkUsable(t, p)
	})
}

// checkUsable holds that nothing in p breaks what is done with every profile.
func checkUsable(t *testing.T, p *Profile) {
	t.Helper()
	if p.Kind == "" || len(p.Kind) > maxErrorBytes || p.Fraction < 0 {
		t.Errorf("kind %.100q, fraction %d", p.Kind, p.Fraction)
	}
	spots, internal, _ := p.Spots()
	n := int64(0)
	for _, s := range append(spots, internal...) {
		if s.Role == "" {
			t.Errorf("a spot without a role: %+v", s)
		}
		n++
	}
	if n > int64(len(p.Samples)) {
		t.Errorf("%d spots of %d samples", n, len(p.Samples))
	}
	for _, base := range []*Profile{nil, p} {
		found := p.Findings(base)
		for i := range found {
			if found[i].Rule == "" || found[i].Title == "" || len(found[i].Evidence) != 1 {
				t.Errorf("finding %+v", found[i])
			}
		}
		if _, err := json.Marshal(found); err != nil { // NaN and infinity cannot be written
			t.Errorf("encoding the findings: %v", err)
		}
	}
	pairs, _ := Diff(p, p)
	for _, pair := range pairs {
		if pair.Change != Same && pair.Now.weight() >= 0 {
			t.Errorf("compared with itself: %s", pair.Change)
		}
	}
}
