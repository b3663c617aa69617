package loop_test

import (
	"io"
	"net"
	"sync"
	"time"
)

// offloaded hands slow work to workers and takes their answers as events.
func offloaded() {
	queue, answers := make(chan event), make(chan int, events)
	go feed(queue)
	for open := queue; open != nil; {
		select {
		case e, ok := <-open:
			switch {
			case !ok:
				open = nil
			case e.slow:
				go func() { time.Sleep(slow); answers <- 1 }()
			}
		case <-answers:
		}
	}
}

// workers may block: there are others.
func workers() {
	queue := make(chan event)
	go feed(queue)
	var pool sync.WaitGroup
	for range 4 {
		pool.Go(func() {
			for e := range queue {
				if e.slow {
					time.Sleep(slow)
				}
			}
		})
	}
	pool.Wait()
}

// batchWorker is alone, but slow work is all that it does.
func batchWorker() {
	jobs := make(chan int, events)
	go func() {
		for i := range 30 {
			time.Sleep(time.Millisecond)
			jobs <- i
		}
		close(jobs)
	}()
	for range jobs {
		time.Sleep(slow)
	}
}

// pacing is a producer that sends, and sleeps now and then.
func pacing() {
	out, quit := make(chan int), make(chan int)
	go func() {
		for range out {
		}
	}()
	for i := range events {
		select {
		case out <- i:
		case <-quit:
		}
		time.Sleep(time.Millisecond)
		if i%32 == 4 {
			time.Sleep(slow)
		}
	}
}

// periodic does its work when a timer says so, and at times it takes longer.
func periodic() {
	tick := time.NewTicker(2 * time.Millisecond)
	for i := range events {
		<-tick.C
		if i%32 == 4 {
			time.Sleep(slow)
		}
	}
}

// pipeline has a stage that waits for the last one, which alone is slow.
func pipeline() {
	in, out := make(chan event), make(chan event)
	go feed(in)
	go pass(in, out)
	lastStage(out)
}

func pass(in, out chan event) {
	defer close(out)
	for e := range in {
		out <- e
	}
}

// cancellable is the same with a way out.
func cancellable() {
	in, out := make(chan event), make(chan event)
	go feed(in)
	go passOrQuit(in, out, make(chan int))
	lastStage(out)
}

func passOrQuit(in, out chan event, quit chan int) {
	defer close(out)
	for e := range in {
		select {
		case out <- e:
		case <-quit:
			return
		}
	}
}

func lastStage(out chan event) {
	for e := range out {
		if e.slow {
			handleSleep()
		}
	}
}

// quick handles every event at once.
func quick() {
	queue := make(chan event)
	go feed(queue)
	for range queue {
	}
}

// idle waits for events that hardly come.
func idle() {
	queue := make(chan event)
	go func() {
		for range 5 {
			time.Sleep(20 * time.Millisecond)
			queue <- event{}
		}
		close(queue)
	}()
	for range queue {
	}
}

// server has a goroutine for a connection, which may take its time.
func server() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		panic(err)
	}
	var b [1]byte
	for i := range byte(160) {
		b[0] = i % 32
		conn.Write(b[:])
		if _, err := io.ReadFull(conn, b[:]); err != nil {
			panic(err)
		}
	}
	conn.Close()
	l.Close()
}

func serve(conn net.Conn) {
	defer conn.Close()
	var b [1]byte
	for {
		if _, err := io.ReadFull(conn, b[:]); err != nil {
			return
		}
		if b[0] == 4 {
			time.Sleep(slow)
		}
		conn.Write(b[:])
	}
}
