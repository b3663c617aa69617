//go:build !concdoctor_off

package detect

import (
	"math/rand/v2"
	"testing"
)

// event is a request of a lone goroutine state, as depend makes it.
func event(g *Goroutine) *moment {
	m := g.moment()
	return &m
}

func concurrent(a, b *moment) bool { return !a.before(b) && !b.before(a) }

func TestTimeline(t *testing.T) {
	a, b, c := &Goroutine{id: 1}, &Goroutine{id: 2}, &Goroutine{id: 3}
	if s := a.publish(); s != nil {
		t.Errorf("a goroutine without requests releases %v", s)
	}
	a1 := event(a)
	if a2 := event(a); *a2 != *a1 {
		t.Errorf("a tick that nobody knows is not kept: %v, %v", a1, a2)
	}
	b.observe(a.publish())
	a3 := event(a)
	b1 := event(b)
	if !a1.before(b1) || b1.before(a1) {
		t.Error("what was before the release is not before what is after the acquire")
	}
	if !concurrent(a3, b1) {
		t.Error("what came after the release is ordered")
	}
	// c makes no request of its own: it only passes on.
	relay := &Goroutine{id: 4}
	relay.observe(b.publish())
	c.observe(relay.publish())
	c1 := event(c)
	if !a1.before(c1) || !b1.before(c1) || !concurrent(a3, c1) {
		t.Error("what was passed on got lost, or more came of it")
	}
}

func TestMeeting(t *testing.T) {
	var m syncPoint
	var before []*moment
	for id := range uint64(5) {
		g := &Goroutine{id: id + 1}
		before = append(before, event(g))
		m.publish(g.publish())
		m.publish((&Goroutine{id: 100}).publish()) // says nothing
	}
	last := &Goroutine{id: 9}
	last.observe(m.observe())
	now := event(last)
	for i, b := range before {
		if !b.before(now) {
			t.Errorf("event %d is not before the last one", i)
		}
	}
	if !concurrent(before[0], before[1]) {
		t.Error("those who only left something are ordered")
	}
}

// TestSteadyTimelines: goroutines that meet again and again without news pay no memory.
func TestSteadyTimelines(t *testing.T) {
	empty, a, b := &Goroutine{id: 1}, &Goroutine{id: 2}, &Goroutine{id: 3}
	event(a)
	event(b)
	var m syncPoint
	for name, meet := range map[string]func(){
		"empty":  func() { empty.observe(empty.publish()) },
		"steady": func() { a.observe(b.publish()); b.observe(a.publish()) },
		"meeting": func() {
			m.publish(a.publish())
			b.observe(m.observe())
		},
	} {
		for range 3 {
			meet()
		}
		if n := testing.AllocsPerRun(100, meet); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// history is what a few goroutines do, with all that was before each event: the
// reference for timelines.
type history struct {
	states  []*Goroutine
	past    []map[*moment]bool // of each goroutine
	stamps  []*stamp
	known   []map[*moment]bool // of each stamp
	meeting syncPoint
	met     map[*moment]bool
	events  []*moment
	before  []map[*moment]bool // of each event
}

func newHistory(n int) *history {
	h := &history{met: make(map[*moment]bool)}
	for i := range n {
		h.states = append(h.states, &Goroutine{id: uint64(i + 1)})
		h.past = append(h.past, make(map[*moment]bool))
	}
	return h
}

func add(to, from map[*moment]bool) {
	for m := range from {
		to[m] = true
	}
}

func (h *history) request(i int) {
	m := event(h.states[i])
	before := make(map[*moment]bool)
	add(before, h.past[i])
	h.events, h.before = append(h.events, m), append(h.before, before)
	h.past[i][m] = true
}

func (h *history) release(i int) {
	known := make(map[*moment]bool)
	add(known, h.past[i])
	h.stamps, h.known = append(h.stamps, h.states[i].publish()), append(h.known, known)
}

// TestTimelinesAgainstReference compares all pairs of requests of random histories.
// Two of one goroutine with no message between them have one date; what
// matters is how they stand to those of others.
func TestTimelinesAgainstReference(t *testing.T) {
	const goroutines, steps = 6, 120
	rng := rand.New(rand.NewPCG(3, 4))
	ordered, unordered := 0, 0
	for range 150 {
		h := newHistory(goroutines)
		for range steps {
			i := rng.IntN(goroutines)
			switch rng.IntN(5) {
			case 0, 1:
				h.request(i)
			case 2:
				h.release(i)
			case 3:
				if n := len(h.stamps); n > 0 {
					s := rng.IntN(n)
					h.states[i].observe(h.stamps[s])
					add(h.past[i], h.known[s])
				}
			case 4:
				if rng.IntN(2) == 0 {
					h.meeting.publish(h.states[i].publish())
					add(h.met, h.past[i])
				} else {
					h.states[i].observe(h.meeting.observe())
					add(h.past[i], h.met)
				}
			}
		}
		for i, a := range h.events {
			for j, b := range h.events {
				if a.Goroutine == b.Goroutine {
					continue
				}
				if got, want := a.before(b), h.before[j][a]; got != want {
					t.Fatalf("event %d of %d before event %d of %d: %v, want %v", i, a.Goroutine, j, b.Goroutine, got, want)
				}
				if h.before[j][a] {
					ordered++
				} else {
					unordered++
				}
			}
		}
	}
	if ordered < 1000 || unordered < 1000 {
		t.Errorf("%d ordered pairs, %d unordered: too few to tell anything", ordered, unordered)
	}
}
