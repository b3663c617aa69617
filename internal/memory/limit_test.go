package memory

import (
	"errors"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestLimit(t *testing.T) {
	runtime.GC()
	limit := NewLimit(100 << 20)
	held := make([]byte, 30<<20)
	runtime.GC()
	if err := limit.Check(0); err != nil {
		t.Errorf("30 of 100 MB: %v", err)
	}
	var exceeded *ExceededError
	if err := limit.Check(40 << 20); !errors.As(err, &exceeded) || exceeded.Limit != 100<<20 {
		t.Errorf("70 of 100 MB with a mapping: %v", err)
	}
	more := make([]byte, 60<<20)
	runtime.GC()
	if err := limit.Check(0); !errors.As(err, &exceeded) {
		t.Errorf("90 of 100 MB: %v", err)
	}
	runtime.KeepAlive(held)
	runtime.KeepAlive(more)
	if err := (*Limit)(nil).Check(1 << 40); err != nil {
		t.Errorf("no limit: %v", err)
	}
}

func TestWatch(t *testing.T) {
	debug.FreeOSMemory() // else the memory below was there before
	called := make(chan *ExceededError, 1)
	stop := Watch(Used()+programBytes+(16<<20), func(e *ExceededError) { called <- e })
	defer stop()
	held := make([]byte, 32<<20)
	select {
	case <-called:
	case <-time.After(10 * time.Second):
		t.Error("32 MB too much were not seen")
	}
	runtime.KeepAlive(held)
	stop()
	stop = Watch(1<<40, func(*ExceededError) { t.Error("called within the limit") })
	stop()
}
