//go:build unix && !concdoctor_off

package detect_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"testing"

	"github.com/concdoctor/concdoctor/agent"
)

func init() { programs["hard times"] = hardTimes }

// hardTimes uses locks while signals come, on locked threads, beside processes
// that start and end, after init.
func hardTimes() {
	nest(stateAtInit)()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	stop := make(chan bool)
	var senders, workers sync.WaitGroup
	senders.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				_ = syscall.Kill(os.Getpid(), syscall.SIGUSR1)
				runtime.Gosched()
			}
		}
	})
	var a, b agent.Mutex
	var rw agent.RWMutex
	count := 0
	for worker := range 8 {
		workers.Go(func() {
			if worker%2 == 0 {
				runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
			}
			for range 2000 {
				a.Lock()
				b.Lock()
				count++
				b.Unlock()
				a.Unlock()
				rw.RLock()
				rw.RUnlock()
			}
		})
	}
	for range 3 {
		a.Lock()
		out, err := exec.Command("echo", "alive").Output()
		a.Unlock()
		if err != nil || string(out) != "alive\n" {
			panic(fmt.Sprint(string(out), err))
		}
	}
	workers.Wait()
	close(stop)
	senders.Wait()
	if found := agent.Findings(); count != 16000 || len(found) > 0 {
		panic(fmt.Sprint(count, found))
	}
	println("the program ends")
}

func TestProcessInHardTimes(t *testing.T) {
	if status, stderr := child(t, "hard times", ""); status != 0 || stderr != "the program ends\n" {
		t.Errorf("status %d:\n%s", status, stderr)
	}
}
