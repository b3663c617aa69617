package bench

import (
	"testing"

	"github.com/concdoctor/concdoctor/agent"
)

// BenchmarkChan sends b.N elements through a channel: within one goroutine, and
// from one goroutine to another without and with room.
func BenchmarkChan(b *testing.B) {
	for _, bm := range []struct {
		name string
		room int
		run  func(b *testing.B, send func(int), receive func())
	}{
		{"one-goroutine", 1, alternate},
		{"unbuffered", 0, transfer},
		{"buffered", 128, transfer},
	} {
		b.Run(bm.name+"/native", func(b *testing.B) {
			c := make(chan int, bm.room)
			bm.run(b, func(i int) { c <- i }, func() { <-c })
		})
		b.Run(bm.name+"/agent", func(b *testing.B) {
			c := agent.MakeChan[int](bm.room)
			bm.run(b, func(i int) { c.Send(i) }, func() { c.Recv() })
		})
		b.Run(bm.name+"/agent-dated", func(b *testing.B) { // the sender has nested locks before
			var m [2]agent.Mutex
			m[0].Lock()
			m[1].Lock()
			m[1].Unlock()
			m[0].Unlock()
			c := agent.MakeChan[int](bm.room)
			bm.run(b, func(i int) { c.Send(i) }, func() { c.Recv() })
		})
	}
}

func alternate(b *testing.B, send func(int), receive func()) {
	b.ReportAllocs()
	for i := range b.N {
		send(i)
		receive()
	}
}

func transfer(b *testing.B, send func(int), receive func()) {
	b.ReportAllocs()
	done := make(chan bool)
	go func() {
		defer close(done)
		for range b.N {
			receive()
		}
	}()
	for i := range b.N {
		send(i)
	}
	<-done
}

// BenchmarkSelect receives from one of several channels: all always ready, and
// unbuffered ones with one sender for all.
func BenchmarkSelect(b *testing.B) {
	for _, bm := range []struct {
		name   string
		n      int
		native func([]chan int)
		agent  func([]agent.Chan[int])
	}{
		{"2", 2, native2, agent2},
		{"8", 8, native8, agent8},
	} {
		b.Run(bm.name+"/ready/native", func(b *testing.B) {
			c := make([]chan int, bm.n)
			for i := range c {
				c[i] = make(chan int)
				close(c[i])
			}
			b.ReportAllocs()
			for b.Loop() {
				bm.native(c)
			}
		})
		b.Run(bm.name+"/ready/agent", func(b *testing.B) {
			c := make([]agent.Chan[int], bm.n)
			for i := range c {
				c[i] = agent.MakeChan[int](0)
				c[i].Close()
			}
			b.ReportAllocs()
			for b.Loop() {
				bm.agent(c)
			}
		})
		b.Run(bm.name+"/waiting/native", func(b *testing.B) {
			c := make([]chan int, bm.n)
			for i := range c {
				c[i] = make(chan int)
			}
			transfer(b, func(i int) { c[i%bm.n] <- i }, func() { bm.native(c) })
		})
		b.Run(bm.name+"/waiting/agent", func(b *testing.B) {
			c := make([]agent.Chan[int], bm.n)
			for i := range c {
				c[i] = agent.MakeChan[int](0)
			}
			transfer(b, func(i int) { c[i%bm.n].Send(i) }, func() { bm.agent(c) })
		})
	}
}

func native2(c []chan int) {
	select {
	case <-c[0]:
	case <-c[1]:
	}
}

func native8(c []chan int) {
	select {
	case <-c[0]:
	case <-c[1]:
	case <-c[2]:
	case <-c[3]:
	case <-c[4]:
	case <-c[5]:
	case <-c[6]:
	case <-c[7]:
	}
}

func agent2(c []agent.Chan[int]) {
	var v int
	agent.Select(c[0].OnRecv(&v), c[1].OnRecv(&v))
}

func agent8(c []agent.Chan[int]) {
	var v int
	agent.Select(c[0].OnRecv(&v), c[1].OnRecv(&v), c[2].OnRecv(&v), c[3].OnRecv(&v),
		c[4].OnRecv(&v), c[5].OnRecv(&v), c[6].OnRecv(&v), c[7].OnRecv(&v))
}
