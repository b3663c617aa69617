//go:build !race

package agent_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/concdoctor/concdoctor/agent"
)

// The model test runs one script against Go's channels and against the agent's, in
// a bubble each, and compares after every step which operations have ended with what
// result. In a bubble a test can wait until all goroutines are blocked, so even the order in
// which waiting goroutines are served is compared.

const modelChannels = 3

// world is channels of one kind.
type world interface {
	send(c, v int)
	receive(c int) (v int, ok bool)
	try(c, v int, send bool) string
	// choose is a select with one case of each channel, all of one direction, or of
	// the first channel to receive and of the others to send.
	choose(v int, mixed bool) string
	close(c int)
	state(c int) string
}

type goWorld [modelChannels]chan int

func (w goWorld) send(c, v int)             { w[c] <- v }
func (w goWorld) receive(c int) (int, bool) { v, ok := <-w[c]; return v, ok }
func (w goWorld) close(c int)               { close(w[c]) }
func (w goWorld) state(c int) string        { return fmt.Sprint(len(w[c]), cap(w[c])) }

func (w goWorld) try(c, v int, send bool) string {
	if send {
		select {
		case w[c] <- v:
			return "sent"
		default:
			return "full"
		}
	}
	select {
	case v, ok := <-w[c]:
		return fmt.Sprint(v, ok)
	default:
		return "empty"
	}
}

func (w goWorld) choose(v int, mixed bool) string {
	if mixed {
		select {
		case got, ok := <-w[0]:
			return fmt.Sprint(0, got, ok)
		case w[1] <- v:
			return "1 sent"
		case w[2] <- v:
			return "2 sent"
		}
	}
	select {
	case got, ok := <-w[0]:
		return fmt.Sprint(0, got, ok)
	case got, ok := <-w[1]:
		return fmt.Sprint(1, got, ok)
	case got, ok := <-w[2]:
		return fmt.Sprint(2, got, ok)
	}
}

type agentWorld [modelChannels]agent.Chan[int]

func (w agentWorld) send(c, v int)             { w[c].Send(v) }
func (w agentWorld) receive(c int) (int, bool) { return w[c].RecvOK() }
func (w agentWorld) close(c int)               { w[c].Close() }
func (w agentWorld) state(c int) string        { return fmt.Sprint(w[c].Len(), w[c].Cap()) }

func (w agentWorld) try(c, v int, send bool) string {
	if send {
		if w[c].TrySend(v) {
			return "sent"
		}
		return "full"
	}
	if v, ok, ready := w[c].TryRecv(); ready {
		return fmt.Sprint(v, ok)
	}
	return "empty"
}

func (w agentWorld) choose(v int, mixed bool) string {
	var got int
	var ok bool
	if mixed {
		switch i := agent.Select(w[0].OnRecvOK(&got, &ok), w[1].OnSend(&v), w[2].OnSend(&v)); i {
		case 0:
			return fmt.Sprint(0, got, ok)
		default:
			return fmt.Sprintf("%d sent", i)
		}
	}
	i := agent.Select(w[0].OnRecvOK(&got, &ok), w[1].OnRecvOK(&got, &ok), w[2].OnRecvOK(&got, &ok))
	return fmt.Sprint(i, got, ok)
}

// step is one operation of a script.
type step struct{ op, channel byte }

const modelOps = 7

// runScript runs the script and returns what had ended after each step.
func runScript(t *testing.T, script []step, rooms [modelChannels]int, make func(rooms [modelChannels]int) world) (log []string) {
	synctest.Test(t, func(*testing.T) {
		w := make(rooms)
		var mu sync.Mutex // protects the next two
		ended, pending := []string{}, 0
		for n, s := range script {
			c := int(s.channel) % modelChannels
			do := func() string {
				switch s.op % modelOps {
				case 0, 1:
					w.send(c, n)
					return "sent"
				case 2:
					return fmt.Sprint(w.receive(c))
				case 3:
					return w.try(c, n, true)
				case 4:
					return w.try(c, n, false)
				case 5:
					return w.choose(n, s.channel >= 128)
				default:
					w.close(c)
					return "closed"
				}
			}
			mu.Lock()
			pending++
			mu.Unlock()
			go func() {
				result := ""
				defer func() {
					if r := recover(); r != nil {
						result = fmt.Sprint(r)
					}
					mu.Lock()
					defer mu.Unlock()
					ended = append(ended, fmt.Sprint(n, ": ", result))
					pending--
				}()
				result = do()
			}()
			synctest.Wait()
			slices.Sort(ended) // which of several comes first after a close is the scheduler's choice
			log = append(log, fmt.Sprint(ended, w.state(0), w.state(1), w.state(2)))
		}
		for round := 0; pending > 0; round++ { // let all goroutines end
			for c := range modelChannels {
				func() {
					defer func() { _ = recover() }()
					w.close(c)
				}()
			}
			synctest.Wait()
			if round > 1 {
				panic("somebody waits for closed channels")
			}
		}
	})
	return log
}

func compareWorlds(t *testing.T, script []step, rooms [modelChannels]int) {
	t.Helper()
	want := runScript(t, script, rooms, func(rooms [modelChannels]int) world {
		return goWorld{make(chan int, rooms[0]), make(chan int, rooms[1]), make(chan int, rooms[2])}
	})
	got := runScript(t, script, rooms, func(rooms [modelChannels]int) world {
		return agentWorld{agent.MakeChan[int](rooms[0]), agent.MakeChan[int](rooms[1]), agent.MakeChan[int](rooms[2])}
	})
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("rooms %v, script %v: after step %d\n Go:    %s\n agent: %s", rooms, script[:i+1], i, want[i], got[i])
		}
	}
}

func TestChanAgainstGo(t *testing.T) {
	quiet(t)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		script := make([]step, 14)
		for i := range script {
			script[i] = step{byte(rng.IntN(5)), byte(rng.IntN(modelChannels))}
			if rng.IntN(10) == 0 {
				script[i].op = 6 // closes are rare
			}
		}
		// Selects are at the beginning and of one direction: they wait in all their
		// channels and are served in turn, so that there is one right result.
		rooms := [modelChannels]int{rng.IntN(3), rng.IntN(2), 0}
		direction := byte(0)
		if rng.IntN(2) == 0 {
			direction = 128
			rooms[1] = 0
		}
		for i := range rng.IntN(5) {
			script[i] = step{5, direction}
		}
		compareWorlds(t, script, rooms)
	}
}
