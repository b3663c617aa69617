// Command serve is a server with its clients, and measures what it costs: command servers,
// in the directory above, builds it with and without detection and compares.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent"
)

// server is one of the programs. Its methods are called by many goroutines.
type server interface {
	// serve answers one request of a connection.
	serve(c *connection) error
	// connect and disconnect begin and end a connection.
	connect(c *connection)
	disconnect(c *connection)
	// shutdown ends the server's own goroutines, after the last request.
	shutdown()
}

// servers are the programs by name.
var servers = map[string]func() server{
	"accounts": newAccounts,
	"pubsub":   newPubsub,
	"pool":     newPool,
	"pipeline": newPipeline,
}

// Result is what one run costs. It is printed as one line of JSON.
type Result struct {
	Processor time.Duration // user and system, of the load
	Wall      time.Duration
	P50, P99  time.Duration // of a request
	Heap      []uint64      // bytes in use after a collection, while all connections are open
	System    uint64        // bytes taken from the system
	Idle      time.Duration // processor time in the idle time
	// Goroutines is how many were alive with all connections open.
	Goroutines int
	Findings   int
}

func main() {
	name := flag.String("server", "accounts", "accounts, pubsub, pool, pipeline, pairs or locks")
	var l load
	flag.IntVar(&l.connections, "goroutines", 1000, "connections that are open at the same time, one goroutine each")
	flag.IntVar(&l.requests, "requests", 50000, "requests of all connections together")
	flag.DurationVar(&l.over, "over", 10*time.Second, "time over which the requests are spread")
	flag.IntVar(&l.rounds, "rounds", 1, "rounds of so many requests; the heap is measured after each")
	flag.DurationVar(&l.idle, "idle", 5*time.Second, "idle time at the end, with all connections open")
	flag.Parse()
	var r Result
	switch start := servers[*name]; {
	case start != nil:
		r = l.run(start())
	case *name == "pairs":
		r = pairs(l.requests)
	case *name == "locks":
		r = locks(l.requests)
	default:
		fmt.Fprintf(os.Stderr, "serve: no server %q: want one of %v, pairs, locks\n", *name, slices.Sorted(maps.Keys(servers)))
		os.Exit(2)
	}
	r.Findings = len(agent.Findings())
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}
