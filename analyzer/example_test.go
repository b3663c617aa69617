package analyzer_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer"
)

const raceLog = `
==================
WARNING: DATA RACE
Write at 0x00c000010000 by goroutine 7:
  main.(*store).put()
      /src/app/store.go:10 +0x1

Previous read at 0x00c000010000 by goroutine 8:
  main.(*store).size()
      /src/app/store.go:20 +0x1
==================
`

// What a command wrote is read from standard input, which can be any reader.
func ExampleAnalyze() {
	rep, err := analyzer.Analyze(context.Background(), []string{"-"}, analyzer.Options{
		Stdin: strings.NewReader(raceLog),
	})
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(rep.Summary.Verdict)
	for _, f := range rep.Findings {
		fmt.Println(f.Rule, f.Certainty)
	}
	// Output:
	// 1 error: the program has a data race (main.(*store).put)
	// data-race observed
}

// An input that cannot be read does not stop the others.
func ExampleAnalyze_missing() {
	rep, err := analyzer.Analyze(context.Background(), []string{"missing.out", "-"}, analyzer.Options{
		Stdin: strings.NewReader(raceLog),
	})
	fmt.Println(err)
	fmt.Println(len(rep.Findings), "finding")
	// Output:
	// opening missing.out: no such file; check the path (it is relative to the current directory)
	// 1 finding
}

// With the report of an earlier run as the base, each finding says what has changed.
func ExampleAnalyze_base() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	base := filepath.Join(dir, "before.log")
	if err := os.WriteFile(base, []byte(raceLog), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	rep, err := analyzer.Analyze(context.Background(), []string{"-"}, analyzer.Options{
		Base:  []string{base},
		Stdin: strings.NewReader(strings.ReplaceAll(raceLog, "size", "clear")),
	})
	if err != nil {
		fmt.Println(err)
	}
	for _, f := range rep.Findings {
		fmt.Println(f.Change, f.Title)
	}
	for _, f := range rep.Gone {
		fmt.Println("gone", f.Title)
	}
	// Output:
	// new main.(*store).put store.go:10 writes what main.(*store).clear store.go:20 read, without synchronization
	// gone main.(*store).put store.go:10 writes what main.(*store).size store.go:20 read, without synchronization
}

func ExampleFormats() {
	for _, f := range analyzer.Formats() {
		fmt.Println(f.Name)
	}
	// Output:
	// execution trace
	// profile
	// saved report
	// agent log
	// goroutine dump
	// race detector log
	// go-deadlock log
}

// A report that a program composed has a verdict too.
func ExampleVerdict() {
	rep := finding.NewReport(finding.Tool{Name: "example"})
	rep.Inputs = []finding.Input{{Name: "trace.out", Kind: "execution trace"}, {Name: "mutex.out", Kind: "mutex profile"}}
	fmt.Println(analyzer.Verdict(rep))
	// Output: nothing found in an execution trace and a mutex profile
}
