// Command stdtests runs the standard library's own tests as they are, under zero touch,
// and under zero touch with the race detector, compares them test by test, and prints a
// table.
//
//	go run ./testdata/stdtests [-keep DIR] [PACKAGE...]
//
// The sources are GOROOT's. A test that passes plain and does not pass under zero touch is
// run alone three times more in the same way; with the race detector also plain, as that
// alone breaks some. What then still fails has to stand in exceptions.txt with the reason,
// and what stands there has to fail: otherwise the status is 1.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/concdoctor/concdoctor/testdata/internal/sidebyside"
)

// packages are those that are run if none are named.
var packages = []string{
	"sync", "context", "time", "testing/synctest", "os/exec", "database/sql", "net", "net/http", "runtime",
}

func main() {
	if sidebyside.IsClock() {
		os.Exit(sidebyside.Clock())
	}
	keep := flag.String("keep", "", "keep what was printed and reported in this directory")
	timeout := flag.String("timeout", "40m", "of the tests of a package in one way")
	short := flag.Bool("short", false, "with -short")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if args := flag.Args(); len(args) > 0 {
		packages = args
	}
	flags := []string{"-timeout", *timeout}
	if *short {
		flags = append(flags, "-short")
	}
	good, err := compare(ctx, *keep, flags)
	if err != nil {
		fmt.Fprintln(os.Stderr, "stdtests:", err)
	}
	if err != nil || !good {
		os.Exit(1)
	}
}

// compare runs the tests of all packages, and reports whether all is as expected.
func compare(ctx context.Context, keep string, flags []string) (good bool, err error) {
	exceptions, err := readExceptions()
	if err != nil {
		return false, err
	}
	dir, err := os.MkdirTemp("", "stdtests")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)
	if keep == "" {
		keep = dir
	}
	doctor, err := sidebyside.Build(ctx, dir)
	if err != nil {
		return false, err
	}
	good = true
	fmt.Print(head)
	for _, pkg := range packages {
		t := &trial{exceptions: exceptions, tests: sidebyside.Tests{Doctor: doctor, Clock: true, Keep: keep, Flags: flags, Packages: []string{pkg}}}
		if err := t.run(ctx, pkg); err != nil {
			return false, fmt.Errorf("%s: %w", pkg, err)
		}
		fmt.Print(t.row)
		for _, complaint := range t.complaints {
			good = false
			fmt.Fprintln(os.Stderr, complaint)
		}
	}
	return good, nil
}
