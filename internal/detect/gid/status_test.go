//go:build (amd64 || arm64) && !concdoctor_portable

package gid

import (
	"runtime"
	"testing"
)

func TestEnded(t *testing.T) {
	if statusOffset == 0 {
		t.Fatal("the search for the status found no offset on this toolchain")
	}
	type who struct {
		g  uintptr
		id uint64
	}
	here, goOn := make(chan who), make(chan bool)
	var waiting []who
	for range 50 {
		go func() {
			here <- who{Pointer(), ID(Pointer())}
			<-goOn
		}()
		waiting = append(waiting, <-here)
	}
	for _, w := range waiting {
		if Ended(w.g, w.id) {
			t.Errorf("goroutine %d waits and is called ended", w.id)
		}
		for !IsWaiting(w.g, w.id) { // the test's time-out ends this if it never does
			runtime.Gosched()
		}
		if !Ended(w.g, w.id+1) {
			t.Errorf("goroutine %d passes for another one", w.id)
		}
	}
	if me := Pointer(); Ended(me, ID(me)) {
		t.Error("the running goroutine is called ended")
	}
	if me := Pointer(); IsWaiting(me, ID(me)) {
		t.Error("the running goroutine is said to wait")
	}
	close(goOn)
	for _, w := range waiting {
		for !Ended(w.g, w.id) { // the test's time-out ends this if it never is
			runtime.Gosched()
		}
	}
}
