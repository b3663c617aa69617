package shapes

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// PoolShutdown: the workers wait for jobs until the channel is closed, which their owner
// does after it has waited for them.
//
// rule: deadlock, stuck
// least: potential
func PoolShutdown() {
	jobs := make(chan int)
	var workers sync.WaitGroup
	for range 3 {
		workers.Go(func() {
			for j := range jobs { // waits chan jobs
				fmt.Println("job", j)
			}
		})
	}
	for i := range 6 {
		jobs <- i
	}
	workers.Wait() // waits group workers
	close(jobs)
}

// PoolShutdownHealthy: the pool is idle until the next order comes in.
func PoolShutdownHealthy() {
	jobs := make(chan int)
	var workers sync.WaitGroup
	for range 3 {
		workers.Go(func() {
			for j := range jobs {
				fmt.Println("job", j)
			}
		})
	}
	time.AfterFunc(slow, func() {
		jobs <- 1
		close(jobs)
	})
	workers.Wait()
}

// ResultsUnread: the workers hand their results to who waits for all of them to end.
//
// rule: deadlock, stuck
// least: potential
func ResultsUnread() {
	results := make(chan int)
	var workers sync.WaitGroup
	for i := range 4 {
		workers.Add(1)
		go func() {
			defer workers.Done()
			results <- i * i // waits chan results
		}()
	}
	workers.Wait() // waits group workers
	close(results)
	for r := range results {
		fmt.Println(r)
	}
}

// ResultsUnreadHealthy: the results are read one by one, each of which is printed slowly.
func ResultsUnreadHealthy() {
	results := make(chan int)
	var workers sync.WaitGroup
	for i := range 3 {
		workers.Go(func() { results <- i * i })
	}
	go func() {
		workers.Wait()
		close(results)
	}()
	for r := range results {
		time.Sleep(slow / 3)
		fmt.Println(r)
	}
}

// OwnQueueFull: the workers put follow-up jobs into the queue that they alone empty.
//
// rule: deadlock, stuck
// least: potential
func OwnQueueFull() {
	queue := make(chan int, 2)
	var pending sync.WaitGroup
	pending.Add(2)
	for range 2 {
		go func() {
			for depth := range queue {
				time.Sleep(moment)
				for range 3 {
					if depth < 3 {
						pending.Add(1)
						queue <- depth + 1 // waits chan queue
					}
				}
				pending.Done()
			}
		}()
	}
	queue <- 0
	queue <- 0
	pending.Wait() // victim group pending
	close(queue)
}

// OwnQueueFullHealthy: the queue is full since its only worker is slow.
func OwnQueueFullHealthy() {
	queue := make(chan int, 1)
	var pending sync.WaitGroup
	go func() {
		for range queue {
			time.Sleep(slow / 3)
			pending.Done()
		}
	}()
	for i := range 3 {
		pending.Add(1)
		queue <- i
	}
	pending.Wait()
	close(queue)
}

// ReaderLeft: the reader of a pipeline has seen enough and leaves; the stages before it
// are waited for.
//
// rule: deadlock, stuck, goroutine-leak
// least: potential
func ReaderLeft() {
	lines, words := make(chan string), make(chan string)
	var stages sync.WaitGroup
	stages.Go(func() {
		defer close(lines)
		for range 10 {
			lines <- "so it goes" // victim chan lines
		}
	})
	stages.Go(func() {
		defer close(words)
		for l := range lines {
			words <- l[:2] // waits chan words
		}
	})
	for w := range words {
		fmt.Println(w)
		break
	}
	stages.Wait() // victim group stages
}

// ReaderLeftHealthy: the reader thinks about each word.
func ReaderLeftHealthy() {
	lines, words := make(chan string), make(chan string)
	var stages sync.WaitGroup
	stages.Go(func() {
		defer close(lines)
		for range 3 {
			lines <- "so it goes"
		}
	})
	stages.Go(func() {
		defer close(words)
		for l := range lines {
			words <- l[:2]
		}
	})
	for range words {
		time.Sleep(slow / 3)
	}
	stages.Wait()
}

// StopAfterWait: the workers stop when their context is cancelled, which is deferred in
// the function that waits for them.
//
// rule: deadlock, stuck
// least: potential
func StopAfterWait() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			<-ctx.Done() // waits chan ctx/Done
			fmt.Println(ctx.Err())
		})
	}
	workers.Wait() // waits group workers
}

// StopAfterWaitHealthy: the context ends by itself.
func StopAfterWaitHealthy() {
	ctx, cancel := context.WithTimeout(context.Background(), slow)
	defer cancel()
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			<-ctx.Done()
			fmt.Println(ctx.Err())
		})
	}
	workers.Wait()
}
