package tests

import (
	"sync"
	"testing"
	"testing/synctest"
)

var a, b sync.Mutex

func both() {
	a.Lock()
	b.Lock()
	b.Unlock()
	a.Unlock()
}

func TestOuter(t *testing.T) {
	t.Run("inner", func(t *testing.T) {
		done := make(chan bool)
		go func() {
			both() // in a goroutine of its own
			done <- true
		}()
		<-done
	})
	t.Run("parallel", func(t *testing.T) {
		t.Parallel()
		t.Fail()
	})
}

func TestBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done := make(chan bool)
		go inside(done)
		synctest.Wait()
		close(done)
	})
}

func inside(done chan bool) { <-done }

func TestBubbleAsleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		go func() { select {} }()
		inside(make(chan bool))
	})
}

func TestMany(t *testing.T) {
	for range 1000 {
		t.Run("sub", func(*testing.T) {})
	}
	for range 500_000 {
		var pair [2]sync.Mutex
		pair[0].Lock()
		pair[1].Lock()
		pair[1].Unlock()
		pair[0].Unlock()
	}
}

func BenchmarkNothing(b *testing.B) {}

func FuzzNothing(f *testing.F) {
	f.Add(1)
	f.Fuzz(func(*testing.T, int) {})
}
