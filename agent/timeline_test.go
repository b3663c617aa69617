//go:build !concdoctor_off

package agent

import "testing"

// event is a request of a lone goroutine state, as depend makes it.
func event(g *goroutine) *moment {
	m := g.moment()
	return &m
}

func concurrent(a, b *moment) bool { return !a.before(b) && !b.before(a) }

func TestTimeline(t *testing.T) {
	a, b, c := &goroutine{id: 1}, &goroutine{id: 2}, &goroutine{id: 3}
	if s := a.release(); s != nil {
		t.Errorf("a goroutine without requests releases %v", s)
	}
	a1 := event(a)
	if a2 := event(a); *a2 != *a1 {
		t.Errorf("a tick that nobody knows is not kept: %v, %v", a1, a2)
	}
	b.acquire(a.release())
	a3 := event(a)
	b1 := event(b)
	if !a1.before(b1) || b1.before(a1) {
		t.Error("what was before the release is not before what is after the acquire")
	}
	if !concurrent(a3, b1) {
		t.Error("what came after the release is ordered")
	}
	// c makes no request of its own: it only passes on.
	relay := &goroutine{id: 4}
	relay.acquire(b.release())
	c.acquire(relay.release())
	c1 := event(c)
	if !a1.before(c1) || !b1.before(c1) || !concurrent(a3, c1) {
		t.Error("what was passed on got lost, or more came of it")
	}
}

func TestMeeting(t *testing.T) {
	var m meeting
	var before []*moment
	for id := range uint64(5) {
		g := &goroutine{id: id + 1}
		before = append(before, event(g))
		m.leave(g.release())
		m.leave((&goroutine{id: 100}).release()) // says nothing
	}
	last := &goroutine{id: 9}
	last.acquire(m.all())
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
	empty, a, b := &goroutine{id: 1}, &goroutine{id: 2}, &goroutine{id: 3}
	event(a)
	event(b)
	var m meeting
	for name, meet := range map[string]func(){
		"empty":  func() { empty.acquire(empty.release()) },
		"steady": func() { a.acquire(b.release()); b.acquire(a.release()) },
		"meeting": func() {
			m.leave(a.release())
			b.acquire(m.all())
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

func TestGoPassesTheTimelineOn(t *testing.T) {
	before := event(current())
	done := make(chan *moment)
	Go(func() { done <- event(current()) })
	after := event(current())
	child := <-done
	if !before.before(child) || !concurrent(after, child) {
		t.Errorf("before the go statement %v, after it %v, child %v", before, after, child)
	}
	go func() { done <- event(current()) }()
	if plain := <-done; !concurrent(before, plain) {
		t.Error("a plain go statement is ordered: who told?")
	}
}
