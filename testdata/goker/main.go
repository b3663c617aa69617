// Command goker asks four judges about the real concurrency bugs that the Go
// distribution ships as small programs, and prints which tool saw which bug in how many runs.
//
//	go run ./testdata/goker -runs 20 [NAME...]
//	go run ./testdata/goker -form timeout|hunt [-runs 20] [NAME...]
//
// The programs are read from GOROOT (src/runtime/testdata/testgoroutineleakprofile/goker);
// they come from Yuan et al., "GoBench: A Benchmark Suite of Real-World Go Concurrency
// Bugs" (CGO 2021). Each run is a process of its own. The judges:
//
//   - plain: the program itself fails, that is panics, is found asleep by the runtime,
//     or does not end;
//   - goleak: go.uber.org/goleak after the program's function returned;
//   - profile: the runtime's goroutineleak profile, which the program writes at its end;
//   - ours: a finding of the deadlock, misuse or leak family at potential or above by
//     concdoctor build and concdoctor analyze, of the unchanged program.
//
// With -form the programs are tests that wait for the goroutines that they start: either
// each runs once until its time limit ends it, or it is hunted in, without a limit and
// with what it repeats to be sure of its bug done once.
//
// It needs a Go that knows the goroutineleakprofile experiment, and fetches goleak.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/testdata/internal/standin"
)

func main() {
	if standin.IsOne() {
		os.Exit(standin.Main())
	}
	form := flag.String("form", "judges", "judges, or how the programs are run as tests: timeout, or hunt")
	runs := flag.Int("runs", 20, "runs of each program for each judge")
	limit := flag.Duration("limit", 10*time.Second, "what takes longer does not end")
	keep := flag.String("keep", "", "keep what was built and written in this `directory`, which is made")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, question{*form, *runs, *limit, *keep}, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "goker:", err)
		os.Exit(1)
	}
}

// question is what the command is asked.
type question struct {
	form  string
	runs  int
	limit time.Duration
	keep  string // the directory for what is built and written; "" for one that is removed
}

func run(ctx context.Context, q question, only []string) error {
	dir, err := q.directory()
	if err != nil {
		return err
	}
	if q.keep == "" {
		defer os.RemoveAll(dir)
	}
	b, err := build(ctx, dir)
	if err != nil {
		return err
	}
	if err := b.buildDoctor(ctx); err != nil {
		return err
	}
	names := b.names
	if len(only) > 0 {
		names = slices.DeleteFunc(names, func(name string) bool { return !slices.Contains(only, name) })
	}
	switch q.form {
	case byTimeout, byHunt:
		return b.hanging(ctx, q, names)
	case "judges":
		return b.judged(ctx, q, names)
	}
	return fmt.Errorf("%q is no form", q.form)
}

// directory makes the directory for what is built and written.
func (q *question) directory() (string, error) {
	if q.keep == "" {
		return os.MkdirTemp("", "goker")
	}
	dir, err := filepath.Abs(q.keep)
	if err != nil {
		return "", err
	}
	return dir, os.MkdirAll(dir, 0o777)
}

// judged runs the programs for all judges, and prints who saw what.
func (b *built) judged(ctx context.Context, q question, names []string) error {
	if err := b.compile(ctx); err != nil {
		return err
	}
	fmt.Printf("%d runs each\n\n| program | plain | goleak | leak profile | ours | what ours said |\n| --- | --: | --: | --: | --: | --- |\n", q.runs)
	var sum [len(judges)]int
	for _, name := range names {
		row, said, err := b.row(ctx, name, q.runs, q.limit)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Printf("| %s | %d | %d | %d | %d | %s |\n", name, row[0], row[1], row[2], row[3], said)
		for i, n := range row {
			if n > 0 {
				sum[i]++
			}
		}
	}
	fmt.Printf("| **seen at least once, of %d** | %d | %d | %d | %d | |\n", len(names), sum[0], sum[1], sum[2], sum[3])
	return ctx.Err()
}

// row runs one program for all judges. said is what ours found, the most frequent first.
func (b *built) row(ctx context.Context, name string, runs int, limit time.Duration) (row [len(judges)]int, said string, err error) {
	rules := make(map[string]int)
	for i, judge := range judges {
		for range runs {
			found, err := judge(ctx, b, name, limit)
			if err != nil {
				return row, "", err
			}
			if len(found) > 0 {
				row[i]++
			}
			for _, rule := range found {
				if i == ours {
					rules[rule]++
				}
			}
		}
	}
	var parts []string
	for rule := range rules {
		parts = append(parts, rule)
	}
	slices.SortFunc(parts, func(a, b string) int {
		if d := rules[b] - rules[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return row, strings.Join(parts, ", "), nil
}
