// Command modules runs the tests of popular modules plain and observed, and prints who
// passed, what it took and what was found: the table of docs/zerotouch-modules.md.
//
//	go run ./testdata/modules [-only NAME,...] [-runs N]
//
// Each module is downloaded in the version that list.go names, copied, and tested in
// four ways: go test, concdoctor test, and both with -race. The packages and flags are
// the same, one package runs at a time, and the ways take turns. What is built is built
// before. Times are those of the test programs and what they start, without the go
// command and without the analysis: this command stands between the go command and each
// of them (-exec) and takes the time.
//
// A finding of the families deadlock, misuse, leak and race at potential or above is
// judged by hand: judgements.txt holds the reasons. A test that passes plain and fails observed is
// repeated by itself, on both sides. It needs Linux.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == timer {
		os.Exit(timed(os.Args[2], os.Args[3:]))
	}
	b := new(bench)
	only := flag.String("only", "", "the `names` of modules, separated by commas; all if empty")
	flag.IntVar(&b.runs, "runs", 1, "runs in each way")
	flag.IntVar(&b.again, "again", 5, "runs of a test that failed only observed")
	flag.DurationVar(&b.limit, "limit", 6*time.Minute, "what takes longer is killed")
	flag.StringVar(&b.keep, "keep", "", "keep the reports and what the tests printed in this `directory`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := b.run(ctx, *only); err != nil {
		fmt.Fprintln(os.Stderr, "modules:", err)
		os.Exit(1)
	}
}

// bench is one call of the command.
type bench struct {
	runs, again  int
	limit        time.Duration
	keep         string
	dir          string // for what is thrown away
	self, doctor string // programs
	judge        judge
}

func (b *bench) run(ctx context.Context, only string) (err error) {
	list, err := chosen(only)
	if err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp("", "modules"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	if err := b.prepare(ctx); err != nil {
		return err
	}
	fmt.Print(head)
	var rows []*row
	for i := range list {
		began := time.Now()
		r := b.row(ctx, &list[i])
		fmt.Println(r)
		fmt.Fprintf(os.Stderr, "modules: %s took %s\n", r.Name, time.Since(began).Round(time.Second))
		rows = append(rows, r)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	fmt.Print(stories(rows))
	return nil
}

// prepare makes the programs and reads the judgements.
func (b *bench) prepare(ctx context.Context) (err error) {
	if b.judge, err = newJudge(); err != nil {
		return err
	}
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	if b.keep != "" {
		if b.keep, err = filepath.Abs(b.keep); err != nil {
			return err
		}
		if err := os.MkdirAll(b.keep, 0o777); err != nil {
			return err
		}
	}
	b.doctor = filepath.Join(b.dir, "concdoctor")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", b.doctor, "github.com/concdoctor/concdoctor/cmd/concdoctor").CombinedOutput()
	if err != nil {
		return fmt.Errorf("building concdoctor: %w\n%s", err, out)
	}
	return nil
}

// chosen are the modules with the names.
func chosen(only string) ([]module, error) {
	if only == "" {
		return list, nil
	}
	var some []module
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(list, func(m module) bool { return m.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("no module %q in the list", name)
		}
		some = append(some, list[i])
	}
	return some, nil
}
