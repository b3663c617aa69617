package loop_test

import (
	"net"
	"sync"
	"syscall"
	"time"
)

// slow is how long the bad handlers keep the loop: half as much again as is slow.
const slow = 15 * time.Millisecond

// event is one of few that take long, or one of many that do not.
type event struct{ slow bool }

// events is how many are sent to a loop, every 32nd of them slow.
const events = 160

// feed sends events, one a millisecond if the loop takes them.
func feed(queue chan event) {
	for i := range events {
		time.Sleep(time.Millisecond)
		queue <- event{slow: i%32 == 4}
	}
	close(queue)
}

// selectLoop runs an event loop until there are no more events; room is its queue's.
func selectLoop(room int, handle func()) {
	queue, other := make(chan event, room), make(chan int)
	go feed(queue)
	for {
		select {
		case e, ok := <-queue:
			if !ok {
				return
			}
			if e.slow {
				handle()
			}
		case <-other:
		}
	}
}

func handleSleep() { time.Sleep(slow) }

// handleMutex waits for a lock that another goroutine holds for long.
func handleMutex() {
	var mu sync.Mutex
	held := make(chan int)
	go func() {
		mu.Lock()
		held <- 1
		time.Sleep(slow)
		mu.Unlock()
	}()
	<-held
	mu.Lock()
	mu.Unlock()
}

// handleNetwork asks a slow service.
func handleNetwork() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			panic(err)
		}
		time.Sleep(slow)
		conn.Write([]byte{1})
		conn.Close()
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	conn.Read(make([]byte, 1))
}

// handleSyscall blocks its thread, as fsync on a busy disk does.
func handleSyscall() {
	ts := syscall.NsecToTimespec(int64(slow))
	syscall.Nanosleep(&ts, nil)
}

// handleCall waits for another goroutine's reply.
func handleCall() {
	reply := make(chan int)
	go func() {
		time.Sleep(slow)
		reply <- 1
	}()
	<-reply
}

// handleGroup waits for helpers.
func handleGroup() {
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { time.Sleep(slow) })
	}
	wg.Wait()
}

// handleCompute needs nothing but the processor, for so long that the scheduler
// interrupts it, which tells where it is.
//
//go:noinline
func handleCompute() {
	for end := time.Now().Add(2 * slow); time.Now().Before(end); {
	}
}

// rangeLoop has a queue with room for all: no sender is ever blocked.
func rangeLoop() {
	queue := make(chan event, events)
	go feed(queue)
	for e := range queue {
		if e.slow {
			handleSleep()
		}
	}
}

// longLoop has one handler that takes very long.
func longLoop() {
	queue := make(chan event)
	go feed(queue)
	n := 0
	for range queue {
		if n++; n == events/2 {
			time.Sleep(120 * time.Millisecond)
		}
	}
}

// condLoop waits with a condition variable.
func condLoop() {
	var mu sync.Mutex
	come := sync.NewCond(&mu)
	var queue []event
	go func() {
		for i := range events {
			time.Sleep(time.Millisecond)
			mu.Lock()
			queue = append(queue, event{slow: i%32 == 4})
			mu.Unlock()
			come.Signal()
		}
	}()
	for range events {
		mu.Lock()
		for len(queue) == 0 {
			come.Wait()
		}
		e := queue[0]
		queue = queue[1:]
		mu.Unlock()
		if e.slow {
			handleSleep()
		}
	}
}

// packetLoop takes its events from the network.
func packetLoop() {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		to, err := net.Dial("udp", conn.LocalAddr().String())
		if err != nil {
			panic(err)
		}
		for i := range byte(events) {
			time.Sleep(time.Millisecond)
			to.Write([]byte{i % 32})
		}
	}()
	var packet [1]byte
	for range events {
		if _, _, err := conn.ReadFrom(packet[:]); err != nil {
			panic(err)
		}
		if packet[0] == 4 {
			handleSleep()
		}
	}
}

// saturatedLoop is never idle: it takes from blocked senders, and parks nowhere but
// in its handlers.
func saturatedLoop() {
	queue := make(chan event)
	var senders sync.WaitGroup
	for range 4 {
		senders.Go(func() {
			for i := range events / 2 {
				queue <- event{slow: i%32 == 4}
			}
		})
	}
	go func() { senders.Wait(); close(queue) }()
	for e := range queue {
		if e.slow {
			handleSleep()
		}
	}
}
