package shapes

import (
	"fmt"
	"sync"
	"time"
)

type query struct {
	n     int
	reply chan int
}

// LostReply: the server leaves a request without an answer, and waits for the next one.
//
// rule: deadlock, stuck
// least: potential
func LostReply() {
	queries := make(chan query)
	go func() {
		for q := range queries { // waits chan queries
			if q.n == 0 {
				fmt.Println("cannot divide by zero")
				continue
			}
			q.reply <- 100 / q.n
		}
	}()
	for n := 2; n >= 0; n-- {
		q := query{n, make(chan int)}
		queries <- q
		fmt.Println(<-q.reply) // waits chan reply
	}
}

// LostReplyHealthy: the server takes long for the last request.
func LostReplyHealthy() {
	queries := make(chan query)
	go func() {
		for q := range queries {
			if q.n == 0 {
				time.Sleep(slow)
			}
			q.reply <- q.n
		}
	}()
	for n := 2; n >= 0; n-- {
		q := query{n, make(chan int)}
		queries <- q
		fmt.Println(<-q.reply)
	}
	close(queries)
}

// NeverClosed: a reader ranges over a channel that its writer leaves open.
//
// rule: stuck, deadlock
// least: potential
func NeverClosed() {
	rows := make(chan int)
	go func() {
		for i := range 3 {
			rows <- i
		}
	}()
	sum := 0
	for r := range rows { // waits chan rows
		sum += r
	}
	fmt.Println(sum)
}

// NeverClosedHealthy: the writer's last row comes late.
func NeverClosedHealthy() {
	rows := make(chan int)
	go func() {
		defer close(rows)
		rows <- 1
		time.Sleep(slow)
		rows <- 2
	}()
	sum := 0
	for r := range rows {
		sum += r
	}
	fmt.Println(sum)
}

// ChannelRing: each of three nodes passes a token on before it takes one.
//
// rule: deadlock, stuck
// least: potential
func ChannelRing() {
	var ring [3]chan int
	for i := range ring {
		ring[i] = make(chan int)
	}
	var nodes sync.WaitGroup
	for i := range ring {
		nodes.Go(func() {
			ring[(i+1)%3] <- i // waits chan ring[]
			fmt.Println(<-ring[i])
		})
	}
	nodes.Wait() // victim group nodes
}

// ChannelRingHealthy: one token goes round, and each node keeps it for a while.
func ChannelRingHealthy() {
	var ring [3]chan int
	for i := range ring {
		ring[i] = make(chan int)
	}
	var nodes sync.WaitGroup
	for i := range ring {
		nodes.Go(func() {
			token := <-ring[i]
			time.Sleep(slow / 3)
			if i < 2 {
				ring[i+1] <- token
			}
		})
	}
	ring[0] <- 1
	nodes.Wait()
}

// CrossedSends: two goroutines send to each other before either receives.
//
// rule: deadlock, stuck
// least: potential
func CrossedSends() {
	toLeft, toRight := make(chan string), make(chan string)
	done := make(chan bool)
	go func() {
		toRight <- "left is here" // waits chan toRight
		fmt.Println(<-toLeft)
		done <- true
	}()
	go func() {
		toLeft <- "right is here" // waits chan toLeft
		fmt.Println(<-toRight)
		done <- true
	}()
	<-done // victim chan done
	<-done
}

// CrossedSendsHealthy: one receives first, but later.
func CrossedSendsHealthy() {
	toLeft, toRight := make(chan string), make(chan string)
	done := make(chan bool)
	go func() {
		toRight <- "left is here"
		fmt.Println(<-toLeft)
		done <- true
	}()
	go func() {
		time.Sleep(slow)
		fmt.Println(<-toRight)
		toLeft <- "right is here"
		done <- true
	}()
	<-done
	<-done
}

type monitor struct {
	stop chan struct{}
	n    int
}

// NilChannel: the field was never set by a call to make.
//
// rule: stuck, nil-channel, deadlock
// least: potential
func NilChannel() {
	m := new(monitor)
	var wg sync.WaitGroup
	wg.Go(func() {
		<-m.stop // waits chan stop
		fmt.Println("stopped")
	})
	m.n++
	wg.Wait() // victim group wg
}

// NilChannelHealthy: a nil channel in a select switches the case off; the other one comes.
func NilChannelHealthy() {
	m := new(monitor)
	var wg sync.WaitGroup
	wg.Go(func() {
		select {
		case <-m.stop:
		case <-time.After(slow):
		}
	})
	wg.Wait()
}

// EmptySelect: a goroutine that is waited for stays for ever.
//
// rule: stuck, deadlock
// least: potential
func EmptySelect() {
	var wg sync.WaitGroup
	wg.Go(func() {
		fmt.Println("serving")
		select {} // waits chan -
	})
	wg.Wait() // victim group wg
}

// EmptySelectHealthy: the goroutine stays until its time is over.
func EmptySelectHealthy() {
	var wg sync.WaitGroup
	wg.Go(func() {
		fmt.Println("serving")
		select {
		case <-time.After(slow):
		}
	})
	wg.Wait()
}

// DeadCases: a select waits for a message of a goroutine that has ended, and for a stop that no goroutine
// sends.
//
// rule: stuck, deadlock
// least: potential
func DeadCases() {
	news, stop := make(chan string), make(chan struct{})
	go func() {
		news <- "one"
		news <- "two"
	}()
	for {
		select { // waits chan news
		case n := <-news:
			fmt.Println(n)
		case <-stop:
			return
		}
	}
}

// DeadCasesHealthy: a timer stops the loop.
func DeadCasesHealthy() {
	news, stop := make(chan string), make(chan struct{})
	go func() {
		news <- "one"
		time.AfterFunc(slow, func() { close(stop) })
	}()
	for {
		select {
		case n := <-news:
			fmt.Println(n)
		case <-stop:
			return
		}
	}
}
