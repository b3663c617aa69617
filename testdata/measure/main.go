// Command measure runs one way of reading a trace and prints what it cost, so that
// two ways can be compared in processes of their own:
//
//	go run ./testdata/gentrace -o trace.out -size 100MB
//	go build -o measure ./testdata/measure
//	./measure reader trace.out    # the bare loop of golang.org/x/exp/trace
//	./measure analyze trace.out   # all passes and the report
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"syscall"
	"time"

	"golang.org/x/exp/trace"

	"github.com/concdoctor/concdoctor/analyzer"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: measure reader|analyze FILE")
		os.Exit(2)
	}
	ways := map[string]func(string) error{"reader": readBare, "analyze": analyze}
	way, ok := ways[os.Args[1]]
	if !ok {
		fmt.Fprintf(os.Stderr, "measure: no way %q: want reader or analyze\n", os.Args[1])
		os.Exit(2)
	}
	if profile := os.Getenv("CPUPROFILE"); profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			panic(err)
		}
		pprof.StartCPUProfile(f)
		defer pprof.StopCPUProfile()
	}
	start := time.Now()
	if err := way(os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
	wall := time.Since(start)
	var use syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &use)
	cpu := time.Duration(use.Utime.Nano() + use.Stime.Nano())
	fmt.Printf("%s: %v wall, %v cpu, %d MB peak\n", os.Args[1], wall.Round(time.Millisecond), cpu.Round(time.Millisecond), use.Maxrss/1024)
}

func readBare(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := trace.NewReader(bufio.NewReaderSize(f, 1<<16))
	if err != nil {
		return err
	}
	for {
		if _, err := r.ReadEvent(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func analyze(name string) error {
	_, err := analyzer.Analyze(context.Background(), []string{name}, analyzer.Options{})
	return err
}
