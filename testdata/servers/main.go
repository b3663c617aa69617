// Command servers measures what the agent costs in servers: it builds program serve with
// detection, without, and with go-deadlock in place of package agent, runs all of them by
// turns, and prints a table.
//
//	go run ./testdata/servers                                  # all servers, 1,000 to 20,000 goroutines
//	go run ./testdata/servers -servers accounts -goroutines 1000 -peer ../older
//	go run ./testdata/servers -servers accounts -goroutines 1000 -minutes 30
//
// A peer is another checkout, whose agent is measured besides.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

func main() {
	var m measuring
	servers := flag.String("servers", "accounts,pubsub,pool,pipeline,pairs,locks", "the programs to measure")
	goroutines := flag.String("goroutines", "1000,5000,20000", "connections that are open at the same time")
	flag.IntVar(&m.requests, "requests", 50000, "requests in a run; pairs and locks make twice as many")
	flag.DurationVar(&m.over, "over", 10*time.Second, "time over which the requests are spread")
	flag.DurationVar(&m.idle, "idle", 15*time.Second, "idle time at the end")
	flag.IntVar(&m.runs, "runs", 3, "runs of each program; the table has medians")
	flag.IntVar(&m.most, "deadlock-most", 1000, "goroutines up to which go-deadlock is measured: it looks at each lock that is held")
	flag.StringVar(&m.peer, "peer", "", "directory of another checkout")
	minutes := flag.Int("minutes", 0, "print the heap of each minute over so many, with detection, instead of the table")
	flag.Parse()
	err := m.build()
	defer os.RemoveAll(m.dir)
	if err == nil {
		for _, n := range strings.Split(*goroutines, ",") {
			if _, err = fmt.Sscan(n, &m.goroutines); err != nil {
				break
			}
			if *minutes > 0 {
				err = m.soak(strings.Split(*servers, ","), *minutes)
			} else {
				err = m.table(strings.Split(*servers, ","))
			}
			if err != nil {
				break
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "servers:", err)
		os.RemoveAll(m.dir)
		os.Exit(1)
	}
}
