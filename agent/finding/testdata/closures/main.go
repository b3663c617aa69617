// Command closures takes two locks in both orders, again and again, each time in closures
// that the compiler names in another way. What it finds has the same names and the same
// fingerprints whatever compiler built it: see TestToolchains.
package main

import (
	"fmt"
	"maps"
	"slices"

	sync "github.com/concdoctor/concdoctor/agent"
)

// pair is two locks that a shape takes in both orders.
type pair struct{ a, b *sync.Mutex }

func (p pair) other() pair { return pair{p.b, p.a} }

// shapes return a function that takes the locks.
var shapes = map[string]func(pair) func(){
	"own":           func(p pair) func() { return func() { p.a.Lock(); p.b.Lock(); p.b.Unlock(); p.a.Unlock() } },
	"inlined":       func(p pair) func() { return spawn(p) },
	"inlined twice": func(p pair) func() { return spawnDeep(p) },
	"nested":        func(p pair) func() { return nested(p)() },
	"called at once": func(p pair) (f func()) {
		func() { f = func() { p.a.Lock(); p.b.Lock(); p.b.Unlock(); p.a.Unlock() } }()
		return
	},
	"method":         func(p pair) func() { return (&account{p}).move() },
	"value method":   func(p pair) func() { return Value{p}.move() },
	"method value":   func(p pair) func() { return (&account{p}).moveNow },
	"generic":        func(p pair) func() { return generic(p, 1) },
	"generic method": func(p pair) func() { return (&box[string]{p}).move() },
	"loop body":      loopBody,
	"in a loop body": inLoopBody,
}

func spawn(p pair) func()     { return func() { p.a.Lock(); p.b.Lock(); p.b.Unlock(); p.a.Unlock() } }
func spawnDeep(p pair) func() { return spawn(p) }

func nested(p pair) func() func() {
	return func() func() { return func() { p.a.Lock(); p.b.Lock(); p.b.Unlock(); p.a.Unlock() } }
}

type account struct{ p pair }

func (a *account) move() func() {
	return func() { a.p.a.Lock(); a.p.b.Lock(); a.p.b.Unlock(); a.p.a.Unlock() }
}
func (a *account) moveNow() { a.p.a.Lock(); a.p.b.Lock(); a.p.b.Unlock(); a.p.a.Unlock() }

// Value is exported, as types are more often than functions.
type Value struct{ p pair }

func (v Value) move() func() {
	return func() { v.p.a.Lock(); v.p.b.Lock(); v.p.b.Unlock(); v.p.a.Unlock() }
}

func generic[T any](p pair, v T) func() {
	return func() { _ = v; p.a.Lock(); p.b.Lock(); p.b.Unlock(); p.a.Unlock() }
}

type box[T any] struct{ p pair }

func (b *box[T]) move() func() {
	return func() { b.p.a.Lock(); b.p.b.Lock(); b.p.b.Unlock(); b.p.a.Unlock() }
}

func one(yield func(int) bool) { yield(1) }

func loopBody(p pair) func() {
	return func() {
		for range one {
			p.a.Lock()
			p.b.Lock()
			p.b.Unlock()
			p.a.Unlock()
		}
	}
}

func inLoopBody(p pair) func() {
	return func() {
		for range one {
			keep(func() { p.a.Lock(); p.b.Lock(); p.b.Unlock(); p.a.Unlock() })
		}
	}
}

//go:noinline
func keep(f func()) { f() }

// atStart is a closure of package initialisation.
var atStart = func(p pair) { p.a.Lock(); p.b.Lock(); p.b.Unlock(); p.a.Unlock() }

// run runs f in a goroutine of its own and waits for it.
func run(f func()) {
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	<-done
}

func main() {
	for _, name := range slices.Sorted(maps.Keys(shapes)) {
		p := pair{new(sync.Mutex), new(sync.Mutex)}
		run(shapes[name](p))
		run(shapes[name](p.other()))
	}
	p := pair{new(sync.Mutex), new(sync.Mutex)}
	run(func() { atStart(p) })
	run(func() { atStart(p.other()) })
	// Here, and not in functions of their own, they are inlined into main.
	q := pair{new(sync.Mutex), new(sync.Mutex)}
	run(spawn(q))
	run(generic(q.other(), "s"))
	r := pair{new(sync.Mutex), new(sync.Mutex)}
	run(nested(r)())
	run(func() {
		func() {
			keep(func() { r.other().a.Lock(); r.other().b.Lock(); r.other().b.Unlock(); r.other().a.Unlock() })
		}()
	})
	fmt.Println(len(sync.Findings()), "findings")
}
