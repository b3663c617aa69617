// Command least measures operations of package agent and of package sync on a busy
// machine: it runs them in turns, in batches of some microseconds, and prints the time of
// the fastest batch of each. Such a batch was not interrupted.
//
//	go run ./testdata/least
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 3000, "number of batches of each operation")
	only := flag.String("op", "", "run this operation alone")
	side := flag.String("side", "", "run this side alone, count times: plain or agent")
	count := flag.Int("count", 0, "for an instruction counter: run the operation that often, and print nothing")
	flag.Parse()
	for _, op := range operations {
		if *only != "" && op.name != *only {
			continue
		}
		if *count > 0 {
			run := op.plain
			if *side == "agent" {
				run = op.agent
			}
			run(*count)
			return
		}
		op.measure(os.Stdout, *rounds)
	}
}

// operation is one that both have.
type operation struct {
	name         string
	plain, agent func(n int)
}

// batch is the number of operations that are timed as one.
const batch = 200

func (op *operation) measure(to *os.File, rounds int) {
	var least [2]time.Duration
	for range rounds {
		for i, run := range []func(int){op.plain, op.agent} {
			start := time.Now()
			run(batch)
			if d := time.Since(start); least[i] == 0 || d < least[i] {
				least[i] = d
			}
		}
	}
	plain, agent := nanos(least[0]), nanos(least[1])
	fmt.Fprintf(to, "%-24s %8.1f ns %8.1f ns  %+7.1f ns %6.2f ×\n", op.name, plain, agent, agent-plain, agent/plain)
}

func nanos(d time.Duration) float64 { return float64(d.Nanoseconds()) / batch }
