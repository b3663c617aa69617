package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer/render"
	"github.com/concdoctor/concdoctor/demo"
)

// errDemo is explained by the table or the text before it, and once more on standard
// error, for those who look only there.
var errDemo = errors.New("a demo did not do what it should")

// everyLock is the value of --locks that stands for all kinds.
const everyLock = "all"

// demoFlags are the flags of the command and what was asked with them.
type demoFlags struct {
	set   *pflag.FlagSet
	fixed bool
	locks *choice
	color *choice
	keep  string
}

func demoCommand() *command {
	return &command{
		name:  "demo",
		args:  "[NAME]",
		short: "run programs with a disease, and their healthy twins",
		long: `Demo runs a small program that has one of the diseases of concurrent programs, says
what to expect, shows what was detected, and then runs the healthy twin of the
program, which must be silent. Without a name it runs all of them briefly and
prints a table. Each program runs in a process of its own.

The exit status is 0 if every disease was detected and every twin was silent, and
1 if not. Lost-update needs a C compiler, as go build -race does; without one the
table shows that row as not run, with the reason, and does not count it. With the
mutexes of sync or go-deadlock nothing is judged.

` + demoList(),
		words: demoNames,
		setup: func(flags *pflag.FlagSet) action {
			f := &demoFlags{set: flags}
			flags.BoolVar(&f.fixed, "fixed", false, "run only the healthy twins of NAME")
			kinds := []string{string(demo.Agent), string(demo.Sync), string(demo.GoDeadlock), everyLock}
			f.locks = newChoice(flags, "locks", "run the lock demos with this mutex, or with all in turn", kinds...)
			flags.StringVar(&f.keep, "keep", "", "keep the traces and profiles of every run in this `directory`")
			f.color = newChoice(flags, "color", "colour: on a terminal unless NO_COLOR is set, or always, or never", "auto", "always", "never")
			return f.run
		},
	}
}

// run is the driver's side and, in the process that the driver starts, the demo's.
func (f *demoFlags) run(ctx context.Context, io *streams, args []string) (err error) {
	if child, err := demo.Child(); child {
		return err
	}
	d, err := f.demo(args)
	if err != nil {
		return err
	}
	race := new(demo.RaceBuild)
	defer func() { err = errors.Join(err, race.Close()) }()
	v := demoView{
		out:     io.out,
		printer: f.printer(io),
		driver:  demo.Driver{Race: race, Dir: f.keep, Locks: demo.Agent},
	}
	switch {
	case f.comparesLocks(d):
		return v.compareLocks(ctx, f.lockDemos(d), f.kinds())
	case d == nil:
		v.driver.Brief = true
		return asItShouldBe(v.table(ctx))
	case f.locks.value != string(demo.Agent):
		v.driver.Locks = demo.Locks(f.locks.value)
		return v.underLocks(ctx, d, f.fixed)
	case f.fixed:
		return asItShouldBe(v.fixed(ctx, d))
	}
	return asItShouldBe(v.both(ctx, d))
}

func asItShouldBe(good bool) error {
	if good {
		return nil
	}
	return errDemo
}

// demo returns the demo that is asked for, nil for all, or a usage error.
func (f *demoFlags) demo(args []string) (*demo.Demo, error) {
	switch {
	case len(args) > 1:
		return nil, usagef("demo", "want one demo, got %d", len(args))
	case len(args) == 0 && f.fixed:
		return nil, usagef("demo", "--fixed needs the name of a demo")
	case len(args) == 0:
		return nil, nil
	}
	d, ok := demo.Lookup(args[0])
	if !ok {
		text := fmt.Sprintf("unknown demo %q", args[0])
		if near := nearest(args[0], demoNames()); len(near) > 0 {
			text += "; did you mean " + strings.Join(near, " or ") + "?"
		}
		return nil, usagef("demo", "%s", text)
	}
	if f.set.Changed("locks") && !d.UsesLocks {
		return nil, usagef("demo", "%s has no locks to choose: --locks is for %s", d.Name, strings.Join(lockDemoNames(), ", "))
	}
	return d, nil
}

// comparesLocks reports whether a table of kinds of lock is asked for.
func (f *demoFlags) comparesLocks(d *demo.Demo) bool {
	return f.locks.value == everyLock || d == nil && f.set.Changed("locks")
}

func (f *demoFlags) kinds() []demo.Locks {
	if f.locks.value == everyLock {
		return demo.AllLocks()
	}
	return []demo.Locks{demo.Locks(f.locks.value)}
}

func (f *demoFlags) lockDemos(d *demo.Demo) []*demo.Demo {
	if d != nil {
		return []*demo.Demo{d}
	}
	return demosWithLocks()
}

func (f *demoFlags) printer(io *streams) finding.Printer {
	p := finding.Printer{Source: render.SourceLines("")}
	if useColor(f.color.value, io.out, io.getenv) {
		p.Strong = func(s string) string { return "\x1b[1m" + s + "\x1b[0m" }
		p.Faint = func(s string) string { return "\x1b[2m" + s + "\x1b[0m" }
	}
	return p
}

func demosWithLocks() []*demo.Demo {
	var list []*demo.Demo
	for _, d := range demo.Catalogue() {
		if d.UsesLocks {
			list = append(list, d)
		}
	}
	return list
}

func lockDemoNames() []string {
	var names []string
	for _, d := range demosWithLocks() {
		names = append(names, d.Name)
	}
	return names
}

func demoNames() []string {
	var names []string
	for _, d := range demo.Catalogue() {
		names = append(names, d.Name)
	}
	return names
}

func demoList() string {
	var b strings.Builder
	for _, d := range demo.Catalogue() {
		fmt.Fprintf(&b, "  %-23s %s\n", d.Name, d.Title)
	}
	return strings.TrimRight(b.String(), "\n")
}
