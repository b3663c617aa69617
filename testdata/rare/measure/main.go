// Command measure tells how many runs the strategies of package hunt need for the bugs
// of testdata/rare, and how often go test shows them by itself.
//
//	go run ./testdata/rare/measure -plain 200 -hunts 10 -runs 60
//
// A hunt begins with an undisturbed run, as concdoctor test --runs does. The table has
// the median of the runs that hunts needed, and how many of them found the bug.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/internal/zerotouch/hunt"
)

const pkg = "github.com/concdoctor/concdoctor/testdata/rare"

type measurement struct {
	dir                 string
	plain, hunts, runs  int
	bugs                string
	tests               []string
	test, observed, own string
}

func main() {
	m := new(measurement)
	flag.IntVar(&m.plain, "plain", 200, "undisturbed runs of each test as go test makes it")
	flag.IntVar(&m.hunts, "hunts", 10, "hunts for each bug with each strategy")
	flag.StringVar(&m.bugs, "bugs", ".", "the bugs to take, as go test -run selects tests")
	flag.IntVar(&m.runs, "runs", 60, "runs of a hunt at most")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := m.measure(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func (m *measurement) measure(ctx context.Context) (err error) {
	if m.dir, err = os.MkdirTemp("", "rare"); err != nil {
		return err
	}
	defer os.RemoveAll(m.dir)
	if err := m.build(ctx); err != nil {
		return err
	}
	fmt.Printf("| bug | go test, of %d", m.plain)
	for _, s := range hunt.All {
		fmt.Printf(" | %s", s)
	}
	fmt.Printf(" | all |\n| --- | --: | --: | --: | --: | --: |\n")
	for _, test := range m.tests {
		shown, err := m.shown(ctx, test)
		if err != nil {
			return err
		}
		fmt.Printf("| %s | %d", test, shown)
		for _, strategies := range append(eachAlone(), hunt.All) {
			text, err := m.needed(ctx, test, strategies)
			if err != nil {
				return err
			}
			fmt.Printf(" | %s", text)
		}
		fmt.Println(" |")
	}
	return nil
}

func eachAlone() (list [][]hunt.Strategy) {
	for _, s := range hunt.All {
		list = append(list, []hunt.Strategy{s})
	}
	return list
}

// build compiles the tests in both ways, and finds their names.
func (m *measurement) build(ctx context.Context) error {
	m.test, m.observed, m.own = filepath.Join(m.dir, "rare.test"), filepath.Join(m.dir, "observed.test"), filepath.Join(m.dir, "concdoctor")
	for _, args := range [][]string{
		{"go", "build", "-o", m.own, "github.com/concdoctor/concdoctor/cmd/concdoctor"},
		{"go", "test", "-c", "-o", m.test, pkg},
		{m.own, "test", "--", "-c", "-o", m.observed, pkg},
	} {
		if out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w\n%s", args, err, out)
		}
	}
	out, err := exec.CommandContext(ctx, m.test, "-test.list="+m.bugs).Output()
	if err != nil {
		return err
	}
	m.tests = strings.Fields(string(bytes.TrimSpace(out)))
	return nil
}

// shown is in how many runs the test fails or hangs as go test makes it.
func (m *measurement) shown(ctx context.Context, test string) (n int, err error) {
	for range m.plain {
		err := exec.CommandContext(ctx, m.test, "-test.run=^"+test+"$", "-test.timeout=2s").Run()
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
			return n, err
		}
		if err != nil {
			n++
		}
	}
	return n, ctx.Err()
}

// needed is how many runs hunts need, and how many find something.
func (m *measurement) needed(ctx context.Context, test string, strategies []hunt.Strategy) (string, error) {
	var needed []int
	for i := range m.hunts {
		runs, err := m.hunt(ctx, test, hunt.Plan{Strategies: strategies, Seed: uint64(1000*i + 1)})
		if err != nil {
			return "", err
		}
		if runs > 0 {
			needed = append(needed, runs)
		}
	}
	if len(needed) == 0 {
		return fmt.Sprintf("none of %d", m.hunts), nil
	}
	slices.Sort(needed)
	return fmt.Sprintf("%d (%d of %d)", needed[len(needed)/2], len(needed), m.hunts), nil
}

// hunt returns after how many runs the bug showed, 0 if it did not.
func (m *measurement) hunt(ctx context.Context, test string, plan hunt.Plan) (runs int, err error) {
	dir, err := os.MkdirTemp(m.dir, "hunt")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	config := &hunt.Config{Runs: m.runs, Plan: plan, Dir: dir}
	if _, err := hunt.Exec(ctx, config, hunt.Streams{}, []string{m.observed, "-test.run=^" + test + "$", "-test.timeout=" + (2 * time.Second).String()}); err != nil {
		return 0, err
	}
	results, err := hunt.Results(dir)
	if err != nil || len(results) != 1 {
		return 0, errors.Join(err, fmt.Errorf("%d results", len(results)))
	}
	r := results[0]
	if r.Runs == m.runs && r.Failed == 0 && !hunt.DoesHarm(r.Report.Findings) {
		return 0, nil
	}
	return r.Runs, nil
}
