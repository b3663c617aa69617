package agent_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent"
)

func TestSelectIsFair(t *testing.T) {
	for _, n := range []int{2, 3, 8, 20} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			cases, counts := make([]agent.Case, n), make([]int, n)
			for i := range cases {
				c := agent.MakeChan[int](0)
				if i%3 != 1 { // some are never ready
					c.Close()
				}
				cases[i] = c.OnRecv(nil)
			}
			const rounds = 3000
			ready := n - (n+1)/3
			for range rounds {
				counts[agent.Select(cases...)]++
			}
			for i, count := range counts {
				// Eight standard deviations of a fair choice: never seen by chance.
				fair := rounds / ready
				if i%3 == 1 && count > 0 || i%3 != 1 && (count < fair-8*sqrt(fair) || count > fair+8*sqrt(fair)) {
					t.Errorf("case %d of %d: chosen %d times, about %d are fair", i, n, count, fair)
				}
			}
		})
	}
}

func sqrt(n int) int {
	i := 0
	for i*i < n {
		i++
	}
	return i
}

func TestSelectDefault(t *testing.T) {
	c, v := agent.MakeChan[int](1), 3
	var none agent.Chan[int]
	if got := agent.Select(agent.Default(), c.OnRecv(&v), none.OnSend(&v), agent.Case{}, agent.Default()); got != 0 {
		t.Errorf("chosen %d, want the default", got)
	}
	if got := agent.Select(agent.Default(), c.OnSend(&v)); got != 1 {
		t.Errorf("chosen %d, want the case that is ready", got)
	}
	v = 0
	if got := agent.Select(c.OnRecv(&v), agent.Default()); got != 0 || v != 3 {
		t.Errorf("chosen %d, received %d", got, v)
	}
}

// Each kind of case is chosen when it becomes ready while Select waits, with few
// cases and with more than there are arms.
func TestSelectWaits(t *testing.T) {
	for _, extra := range []int{0, 1, 12} {
		t.Run(fmt.Sprint(extra), func(t *testing.T) {
			idle := make([]agent.Case, 0, extra)
			for i := range extra {
				idle = append(idle, agent.MakeChan[int](0).OnRecv(nil))
				if i%2 == 1 {
					idle[i] = agent.OnRecv(make(chan string), nil) // no arm for this one
				}
			}
			testSelectWaits(t, idle)
		})
	}
}

func testSelectWaits(t *testing.T, idle []agent.Case) {
	in, out := agent.MakeChan[string](0), agent.MakeChan[int](0)
	done, timer := make(chan struct{}), make(chan time.Time)
	plainIn, plainOut := make(chan string), make(chan int)
	var got, gotPlain string
	var at time.Time
	ok, sent := false, 5
	cases := []agent.Case{
		in.OnRecvOK(&got, &ok), out.OnSend(&sent), agent.OnRecv(done, nil), agent.OnRecvOK(timer, &at, &ok),
		agent.OnRecvOK(plainIn, &gotPlain, &ok), agent.OnSend(plainOut, &sent),
	}
	now := time.Now()
	for i, ready := range []func(){
		func() { in.Send("hello") },
		func() {
			if v := out.Recv(); v != 5 {
				t.Errorf("received %d", v)
			}
		},
		func() { done <- struct{}{} },
		func() { timer <- now },
		func() { plainIn <- "plain" },
		func() {
			if v := <-plainOut; v != 5 {
				t.Errorf("received %d", v)
			}
		},
	} {
		for _, set := range [][]agent.Case{append(cases[:4:4], idle...), append(cases[:6:6], idle...)} {
			if i >= 4 && len(set) == 4+len(idle) {
				continue
			}
			var other sync.WaitGroup
			other.Go(ready)
			if chosen := agent.Select(set...); chosen != i {
				t.Errorf("chosen %d, want %d", chosen, i)
			}
			other.Wait()
		}
	}
	if got != "hello" || gotPlain != "plain" || !at.Equal(now) || !ok {
		t.Errorf("received %q, %q, %v, %t", got, gotPlain, at, ok)
	}
	in.Close()
	close(timer)
	for _, set := range [][]agent.Case{cases[:1], cases[3:4]} {
		ok = true
		if agent.Select(append(set[:1:1], idle...)...) != 0 || ok || got != "" && len(set) == 1 && &set[0] == &cases[0] {
			t.Errorf("of closed: received %q, %v, %t", got, at, ok)
		}
	}
}

// Two selects meet each other, whichever is first.
func TestSelectMeetsSelect(t *testing.T) {
	quiet(t)
	a, b := agent.MakeChan[int](0), agent.MakeChan[int](0)
	const rounds = 2000
	var group sync.WaitGroup
	sum := 0
	group.Go(func() {
		for i := range rounds {
			agent.Select(a.OnSend(&i), b.OnSend(&i))
		}
	})
	group.Go(func() {
		for range rounds {
			var v int
			agent.Select(b.OnRecv(&v), a.OnRecv(&v))
			sum += v
		}
	})
	group.Wait()
	if want := rounds * (rounds - 1) / 2; sum != want {
		t.Errorf("sum %d, want %d", sum, want)
	}
}
