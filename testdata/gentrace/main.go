// Command gentrace writes an execution trace of a busy program, as large as asked
// for: input for benchmarks and for measuring the analyzer.
//
//	go run ./testdata/gentrace -o trace.out -size 100MB
//
// The program is a small service that serves itself: clients call it over loopback
// connections, its handlers use locks, a worker pool, timers and short goroutines.
// It traces itself until the file has the size. The trace differs from run to run
// in its times, not in its nature.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/trace"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

func main() {
	out := flag.String("o", "trace.out", "file to write")
	size := flag.String("size", "100MB", "size to reach: a number with kB, MB or GB")
	clients := flag.Int("clients", 32, "connections that are served at the same time")
	flag.Parse()
	if err := run(*out, *size, *clients); err != nil {
		fmt.Fprintln(os.Stderr, "gentrace:", err)
		os.Exit(1)
	}
}

// pollInterval is how often the size is looked at.
const pollInterval = 10 * time.Millisecond

func run(out, size string, clients int) error {
	want, err := parseSize(size)
	if err != nil {
		return err
	}
	file, err := os.Create(out)
	if err != nil {
		return err
	}
	counted := &counter{w: file}
	svc, err := newService(clients)
	if err != nil {
		return err
	}
	if err := trace.Start(counted); err != nil {
		return err
	}
	start := time.Now()
	svc.start()
	for counted.n.Load() < want {
		time.Sleep(pollInterval)
	}
	svc.stop()
	trace.Stop()
	fmt.Fprintf(os.Stderr, "gentrace: %s: %d bytes, %v, %d requests\n", out, counted.n.Load(), time.Since(start).Round(time.Millisecond), svc.requests.Load())
	return file.Close()
}

// counter counts what the tracer has written.
type counter struct {
	w io.Writer
	n atomic.Int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n.Add(int64(n))
	return n, err
}

func parseSize(s string) (int64, error) {
	for _, unit := range []struct {
		suffix string
		bytes  int64
	}{{"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"", 1}} {
		number, ok := strings.CutSuffix(s, unit.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil || n <= 0 {
			return 0, fmt.Errorf("size %q: want a number with kB, MB or GB, as in 100MB", s)
		}
		return n * unit.bytes, nil
	}
	return 0, fmt.Errorf("size %q: want a number with kB, MB or GB", s)
}
