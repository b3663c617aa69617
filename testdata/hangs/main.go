// Command hangs runs programs that hang, and healthy ones that look alike, in the forms in
// which people meet hangs, and prints what concdoctor said of each: the table of
// docs/hangs.md.
//
//	go run ./testdata/hangs [-shapes NAME,...] [-forms NAME,...] [-wait 10s] [-jobs 32]
//	go run ./testdata/hangs -soak 30m
//
// The programs are in package shapes, which tells how they are written and marked. One
// module with all of them is built as it is, for zero touch, and with the agent in place
// of package sync; so that nothing is linked again for each run, this command stands in
// for the go command that concdoctor calls and starts what was built. A program is looked
// at for as long as -wait says, a hanging one only until concdoctor has said so. A verdict
// on a program that hangs is
//
//   - ✓: a finding with a right rule, the least certainty or more, all lines, and the
//     names of all resources, as far as the form can know them;
//   - weaker: a finding about it that lacks one of these;
//   - facts: none, but the report lists its goroutines as blocked, at all lines;
//   - missed: neither;
//   - –: the form cannot know of it.
//
// Besides counts reports that have a serious finding about other lines as well: the same
// hang reported twice, or something that is not true.
//
// A goroutine profile and a shape of which no rule can be sure need facts only.
//
// Of a healthy one nothing of the families deadlock, leak and misuse must be said at
// potential or above, live or in the report. With -soak all healthy ones run at once, in one
// server. It needs Linux.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/concdoctor/concdoctor/testdata/internal/standin"
)

func main() {
	if standin.IsOne() {
		os.Exit(standin.Main())
	}
	var r runner
	flag.StringVar(&r.onlyShapes, "shapes", "", "the `names` of shapes, separated by commas; all if empty")
	flag.StringVar(&r.onlyForms, "forms", "", "the `names` of forms, separated by commas; all if empty")
	flag.DurationVar(&r.wait, "wait", 10*time.Second, "how long a program is looked at")
	flag.IntVar(&r.jobs, "jobs", 32, "how many programs run at a time")
	flag.StringVar(&r.keep, "keep", "", "keep what was built and written in this `directory`, which is made")
	flag.StringVar(&r.twins, "twins", "also", "run healthy twins: also, only, or not")
	flag.DurationVar(&r.soak, "soak", 0, "run all healthy twins at once in one server for this long, and print what is said of it")
	flag.BoolVar(&r.strict, "strict", false, "fail unless all is right: every hang, and every healthy twin")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := r.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "hangs:", err)
		os.Exit(1)
	}
}

// runner is one call of the command.
type runner struct {
	onlyShapes, onlyForms string
	wait                  time.Duration
	jobs                  int
	keep, twins           string
	strict                bool
	soak                  time.Duration

	built *built
	// mu protects the verdicts of the table.
	mu    sync.Mutex
	table table
}

func (r *runner) run(ctx context.Context) (err error) {
	shapes, err := readShapes()
	if err != nil {
		return err
	}
	if r.table.shapes, err = chosen(shapes, r.onlyShapes, func(s shape) string { return s.name }); err != nil {
		return err
	}
	if r.table.forms, err = chosen(forms, r.onlyForms, func(f form) string { return f.name }); err != nil {
		return err
	}
	r.table.ill, r.table.twins = make(map[string]verdict), make(map[string]verdict)
	dir := r.keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "hangs"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	var needed program
	for i := range r.table.forms {
		needed |= r.table.forms[i].needs
	}
	if r.soak > 0 {
		needed = observedMain
	}
	if r.built, err = build(ctx, dir, shapes, needed); err != nil {
		return err
	}
	if err := standin.Install(r.built.bin()); err != nil {
		return err
	}
	if r.soak > 0 {
		return r.soakAll(ctx)
	}
	r.runAll(ctx)
	r.table.write(os.Stdout)
	if wrong := r.table.wrong(); r.strict && wrong > 0 {
		return fmt.Errorf("%d trials are not right", wrong)
	}
	return ctx.Err()
}

// chosen returns what the names choose.
func chosen[T any](all []T, names string, nameOf func(T) string) (some []T, err error) {
	if names == "" {
		return all, nil
	}
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(all, func(x T) bool { return nameOf(x) == name })
		if i < 0 {
			return nil, fmt.Errorf("%q is unknown", name)
		}
		some = append(some, all[i])
	}
	return some, nil
}

// runAll runs each shape in each form, some at a time.
func (r *runner) runAll(ctx context.Context) {
	var wg sync.WaitGroup
	room := make(chan struct{}, r.jobs)
	for i := range r.table.forms {
		for j := range r.table.shapes {
			f, s := &r.table.forms[i], &r.table.shapes[j]
			for _, healthy := range []bool{false, true} {
				if healthy && r.twins == "not" || !healthy && r.twins == "only" || f.onlyHangs && s.ends {
					continue
				}
				room <- struct{}{}
				wg.Go(func() {
					defer func() { <-room }()
					r.try(ctx, s, f, healthy)
				})
			}
		}
	}
	wg.Wait()
}

// shortly is how long a healthy program keeps others waiting that is to come to its end:
// longer than a goroutine must wait to be looked at.
const shortly = 2500 * time.Millisecond

// errEnded says that a program did not hang.
var errEnded = errors.New("it ended by itself")

// once runs a program once.
func (r *runner) once(ctx context.Context, s *shape, f *form, healthy bool) (*trial, error) {
	t := &trial{built: r.built, shape: s, healthy: healthy, wait: r.wait, slow: r.wait + time.Minute}
	if f.toEnd {
		t.slow = shortly
	}
	if r.strict {
		t.patience = startLimit
	}
	t.at = filepath.Join(r.built.dir, "trials", t.function()+"-"+f.name)
	err := errors.Join(os.RemoveAll(t.at), os.MkdirAll(t.at, 0o777))
	if err == nil {
		err = f.run(ctx, t)
	}
	if err == nil && t.early && !s.ends {
		err = errEnded
	}
	return t, err
}

// try judges a program in one form.
func (r *runner) try(ctx context.Context, s *shape, f *form, healthy bool) {
	t, err := r.once(ctx, s, f, healthy)
	for again := 0; errors.Is(err, errEnded) && again < 2; again++ { // a busy machine may have kept the goroutines apart
		t, err = r.once(ctx, s, f, healthy)
	}
	v := t.judge(f)
	if err != nil {
		v = verdict{worth: broken, err: err}
	}
	if r.keep != "" {
		_ = os.WriteFile(t.path("text"), []byte(t.text), 0o600)
	} else {
		os.RemoveAll(t.at)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if healthy {
		r.table.twins[r.table.key(s, f)] = v
	} else {
		r.table.ill[r.table.key(s, f)] = v
	}
}
