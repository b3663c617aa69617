// Command modules runs the tests of popular modules plain and observed, and prints which
// passed, what it took and what was found: the table of docs/zerotouch-modules.md.
//
//	go run ./testdata/modules [-only NAME,...] [-runs N] [-race=false]
//
// Each module is downloaded in the version that list.go names, copied, and tested in
// four ways: go test, concdoctor test, and both with -race. The packages and flags are
// the same, one package runs at a time, and the ways take turns. What is built is built
// before. Times are those of the test programs and what they start, without the go
// command and without the analysis: this command stands between the go command and each
// of them (-exec) and takes the time.
//
// A person judged each serious finding: judgements.txt holds the reasons. A test that
// passes plain and not observed is repeated alone. It needs Linux.
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

	"github.com/concdoctor/concdoctor/testdata/internal/sidebyside"
)

func main() {
	if sidebyside.IsClock() {
		os.Exit(sidebyside.Clock())
	}
	b := new(bench)
	only := flag.String("only", "", "the `names` of modules, separated by commas; all if empty")
	flag.IntVar(&b.runs, "runs", 1, "runs in each way")
	flag.BoolVar(&b.race, "race", true, "also with -race, plain and observed")
	flag.DurationVar(&b.limit, "limit", 6*time.Minute, "what takes longer is killed")
	flag.StringVar(&b.keep, "keep", "", "keep what the runs wrote in this `directory`, which is made")
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
	runs   int
	race   bool
	limit  time.Duration
	keep   string
	dir    string // for what is thrown away
	doctor string
	judge  judge
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
		if ctx.Err() != nil {
			return ctx.Err()
		}
		fmt.Println(r)
		fmt.Fprintf(os.Stderr, "modules: %s took %s\n", r.Name, time.Since(began).Round(time.Second))
		rows = append(rows, r)
	}
	fmt.Print(stories(rows))
	return nil
}

// prepare builds concdoctor and reads the judgements.
func (b *bench) prepare(ctx context.Context) (err error) {
	if b.judge, err = newJudge(); err != nil {
		return err
	}
	if b.keep == "" {
		b.keep = filepath.Join(b.dir, "runs")
	}
	if b.keep, err = filepath.Abs(b.keep); err != nil {
		return err
	}
	if b.doctor, err = sidebyside.Build(ctx, b.dir); err != nil {
		return err
	}
	return os.MkdirAll(b.keep, 0o777)
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
