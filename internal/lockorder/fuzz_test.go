package lockorder

import (
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// reference finds cycles by trying every chain of dependencies, straight from the
// definition in doc.go, with no index, no component and no early answer.
type reference struct {
	deps     []Dependency[string]
	free     []Dependency[string] // writers that held nothing
	written  map[LockID]bool
	returned map[string]bool
	apart    func(a, b *Dependency[string]) bool
}

func (r *reference) forget(id LockID) {
	r.deps = slices.DeleteFunc(r.deps, func(d Dependency[string]) bool {
		return d.Lock == id || holdsAny(d, id)
	})
	r.free = slices.DeleteFunc(r.free, func(d Dependency[string]) bool { return !r.mentions(d.Lock) })
	for id := range r.written {
		if !r.mentions(id) {
			delete(r.written, id)
		}
	}
}

func (r *reference) mentions(id LockID) bool {
	return slices.ContainsFunc(r.deps, func(d Dependency[string]) bool { return d.Lock == id || holdsAny(d, id) })
}

func holdsAny(d Dependency[string], id LockID) bool {
	return slices.ContainsFunc(d.Held, func(h Held[string]) bool { return h.Lock == id })
}

// add returns the new minimal cycles as sorted sets of records.
func (r *reference) add(d Dependency[string]) []string {
	if holdsAny(d, d.Lock) {
		return nil
	}
	if len(d.Held) > 0 {
		r.deps = append(r.deps, d)
	} else if d.Mode == Exclusive && r.mentions(d.Lock) {
		r.free = append(r.free, d)
	} else {
		return nil
	}
	if d.Mode == Exclusive {
		r.written[d.Lock] = true
	}
	all := make(map[string]bool) // whether writers can be had for all of its readers
	for i := range r.deps {
		r.chains([]Dependency[string]{r.deps[i]}, all)
	}
	var fresh []string
	for set, seated := range all {
		if seated && !r.returned[set] && minimal(set, all) {
			r.returned[set] = true
			fresh = append(fresh, set)
		}
	}
	slices.Sort(fresh)
	return fresh
}

func (r *reference) chains(chain []Dependency[string], all map[string]bool) {
	last := chain[len(chain)-1]
	if len(chain) >= 2 && r.waits(last, chain[0]) {
		set := setOf(chain)
		all[set] = all[set] || r.seat(chain, 0, chain)
	}
	for _, next := range r.deps {
		legal := r.waits(last, next)
		for _, d := range chain {
			legal = legal && d.Goroutine != next.Goroutine && !gated(d, next) && !r.apart(&d, &next)
		}
		if legal {
			r.chains(append(slices.Clip(chain), next), all)
		}
	}
}

// waits reports whether a asks for a lock that b holds, in conflicting modes or
// with a writer of the lock about.
func (r *reference) waits(a, b Dependency[string]) bool {
	return slices.ContainsFunc(b.Held, func(h Held[string]) bool {
		return h.Lock == a.Lock && (h.Mode == Exclusive || a.Mode == Exclusive || r.written[a.Lock])
	})
}

// seat reports whether each pair of readers of the chain, from the i-th on, can
// have a writer of its own, next to those in party.
func (r *reference) seat(chain []Dependency[string], i int, party []Dependency[string]) bool {
	if i == len(chain) {
		return true
	}
	asks, next := chain[i], chain[(i+1)%len(chain)]
	if !slices.Contains(next.Held, Held[string]{Lock: asks.Lock, Mode: Shared}) || asks.Mode == Exclusive {
		return r.seat(chain, i+1, party)
	}
	for _, w := range slices.Concat(r.free, r.deps) {
		legal := w.Lock == asks.Lock && w.Mode == Exclusive
		for _, d := range party {
			legal = legal && d.Goroutine != w.Goroutine && !gated(d, w) && !r.apart(&d, &w)
		}
		if legal && r.seat(chain, i+1, append(slices.Clip(party), w)) {
			return true
		}
	}
	return false
}

// gated reports whether a lock keeps a and b from being held at the same time.
func gated(a, b Dependency[string]) bool {
	for _, x := range a.Held {
		for _, y := range b.Held {
			if x.Lock == y.Lock && (x.Mode == Exclusive || y.Mode == Exclusive) {
				return true
			}
		}
	}
	return false
}

func minimal(set string, all map[string]bool) bool {
	elems := strings.Split(set, ";")
	for other := range all {
		inside := other != set
		for _, e := range strings.Split(other, ";") {
			inside = inside && slices.Contains(elems, e)
		}
		if inside {
			return false
		}
	}
	return true
}

// setOf names the records of a chain: lock, mode and held set, without goroutines.
func setOf(chain []Dependency[string]) string {
	var records []string
	for _, d := range chain {
		var held []string
		for _, h := range d.Held {
			held = append(held, fmt.Sprintf("%d%.1s", h.Lock, h.Mode))
		}
		slices.Sort(held)
		records = append(records, fmt.Sprintf("%d%.1s|%s", d.Lock, d.Mode, strings.Join(held, ",")))
	}
	slices.Sort(records)
	return strings.Join(records, ";")
}

// Few locks and goroutines make cycles likely; three goroutines never saturate.
const fuzzLocks, fuzzGoroutines, fuzzSteps = 5, 3, 16

// run decodes script into Add and Forget calls, four bytes a call, compares the
// graph with the reference after each, and returns the number of cycles, and of
// those that need a writer between readers. Of many pairs of requests luck decides
// whether they are apart, another luck for another seed; with 0 none are.
func run(t *testing.T, script []byte, seed byte) (cycles, written int) {
	g := new(graph)
	ref := &reference{written: make(map[LockID]bool), returned: make(map[string]bool), apart: apartBy(seed)}
	g.SetApart(ref.apart)
	for step := 0; len(script) >= 4 && step < fuzzSteps; step, script = step+1, script[4:] {
		if script[0] >= 240 {
			id := LockID(script[1]%fuzzLocks) + 1
			g.Forget(id)
			ref.forget(id)
			mustCheck(t, g)
			continue
		}
		d := decode(script)
		cycles, known := g.Add(d)
		mustCheck(t, g)
		none := len(d.Held) == 0 && (d.Mode == Shared || !ref.mentions(d.Lock)) || holdsAny(d, d.Lock)
		if (known == KnownForAll) != none {
			t.Fatalf("step %d: %v known %v", step, d, known)
		}
		var got []string
		for _, c := range cycles {
			if c.Writers != nil {
				written++
			}
			mustBeCycle(t, c)
			if c.Apart {
				continue
			}
			mustBeTogether(t, c, ref.apart)
			mustBeKnown(t, slices.Concat(ref.deps, ref.free, []Dependency[string]{d}), c)
			got = append(got, setOf(c.Deps))
		}
		slices.Sort(got)
		if want := ref.add(d); !slices.Equal(got, want) {
			t.Fatalf("step %d, adding %s of goroutine %d: got %q, want %q", step, setOf([]Dependency[string]{d}), d.Goroutine, got, want)
		}
	}
	return int(g.Stats().Cycles), written
}

// decode makes a dependency: goroutine and mode, lock, held set, modes of the set.
func decode(b []byte) Dependency[string] {
	d := Dependency[string]{
		Goroutine: uint64(b[0]%fuzzGoroutines) + 1,
		Mode:      Mode(b[0] / 128),
		Lock:      LockID(b[1]%fuzzLocks) + 1,
	}
	d.Site = fmt.Sprint(b[:4])
	for i := range fuzzLocks {
		if b[2]>>i&1 == 1 {
			d.Held = append(d.Held, Held[string]{Lock: LockID(i) + 1, Mode: Mode(b[3] >> i & 1)})
		}
	}
	if b[2]&128 != 0 { // the order of acquisition must not matter
		slices.Reverse(d.Held)
	}
	return d
}

// mustBeKnown checks that each goroutine of c really had its dependency.
func mustBeKnown(t *testing.T, known []Dependency[string], c Cycle[string]) {
	t.Helper()
	for _, d := range slices.Concat(c.Deps, c.Writers) {
		if d.Lock != 0 && !slices.ContainsFunc(known, func(k Dependency[string]) bool {
			return k.Goroutine == d.Goroutine && setOf([]Dependency[string]{k}) == setOf([]Dependency[string]{d})
		}) {
			t.Errorf("goroutine %d never had %v", d.Goroutine, d)
		}
	}
}

// apartBy keeps one of three pairs of requests apart, always the same ones of two
// goroutines.
func apartBy(seed byte) func(a, b *Dependency[string]) bool {
	return func(a, b *Dependency[string]) bool {
		if seed == 0 {
			return false
		}
		name := func(d *Dependency[string]) string {
			return fmt.Sprint(d.Goroutine, setOf([]Dependency[string]{*d}))
		}
		x, y := name(a), name(b)
		return crc32.ChecksumIEEE(fmt.Append(nil, seed, min(x, y), max(x, y)))%3 == 0
	}
}

// mustBeTogether checks that all goroutines of c can wait at the same time.
func mustBeTogether(t *testing.T, c Cycle[string], apart func(a, b *Dependency[string]) bool) {
	t.Helper()
	all := slices.DeleteFunc(slices.Concat(c.Deps, c.Writers), func(d Dependency[string]) bool { return d.Lock == 0 })
	for i := range all {
		for j := range i {
			if apart(&all[i], &all[j]) {
				t.Errorf("%v and %v are apart", all[i], all[j])
			}
		}
	}
}

func FuzzGraph(f *testing.F) {
	f.Add([]byte{0, 1, 1, 0, 1, 0, 2, 0}, byte(0))                               // AB, BA
	f.Add([]byte{0, 1, 1, 0, 1, 2, 2, 0, 2, 0, 4, 0}, byte(0))                   // ring of three
	f.Add([]byte{0, 1, 5, 0, 1, 0, 6, 0}, byte(0))                               // gate
	f.Add([]byte{0, 1, 5, 4, 1, 0, 6, 4}, byte(0))                               // read gate
	f.Add([]byte{0, 1, 1, 0, 240, 0, 0, 0, 1, 0, 2, 0}, byte(0))                 // forgotten
	f.Add([]byte{0, 1, 1, 0, 0, 0, 2, 0, 1, 1, 1, 0, 128, 1, 1, 1}, byte(0))     // one goroutine, then two
	f.Add([]byte{0, 1, 1, 1, 129, 0, 2, 0, 2, 0, 0, 0}, byte(0))                 // readers, and a writer
	f.Add([]byte{0, 1, 24, 24, 1, 3, 6, 6, 2, 1, 24, 24, 129, 4, 2, 0}, byte(0)) // shared holds and a short cut
	f.Fuzz(func(t *testing.T, script []byte, seed byte) { run(t, script, seed) })
}

// TestRandomAgainstReference is the fuzz target on scripts that are drawn to be
// dense: one or two held locks, mostly.
func TestRandomAgainstReference(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	cycles, written := 0, 0
	for n := range 2500 {
		script := make([]byte, 4*fuzzSteps)
		for i := 0; i < len(script); i += 4 {
			held := byte(1) << rng.IntN(fuzzLocks)
			held |= byte(1) << rng.IntN(fuzzLocks)
			if rng.IntN(5) == 0 {
				held = 0
			}
			script[i], script[i+1], script[i+2] = byte(rng.IntN(250)), byte(rng.IntN(256)), held
			if n%2 == 1 { // a program of readers
				script[i+3] = byte(rng.IntN(32) | rng.IntN(32))
			} else if rng.IntN(3) == 0 {
				script[i+3] = byte(rng.IntN(32))
			}
		}
		c, w := run(t, script, byte(n%4)*byte(n))
		cycles, written = cycles+c, written+w
		if t.Failed() {
			t.Fatalf("script %v, seed %d", script, byte(n%4)*byte(n))
		}
	}
	if cycles < 1000 || written < 100 {
		t.Errorf("the scripts had %d cycles, %d with writers: too few to tell anything", cycles, written)
	}
	t.Logf("%d cycles, %d with writers", cycles, written)
}
