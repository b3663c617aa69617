// Command swap runs the tests of a module twice: as it is, and in a copy in which every import
// of package sync is one of package agent. It prints the wall and the processor time of both.
//
//	go run ./testdata/swap [-race] [-count N] MODULE@VERSION [PACKAGE...]
//
// The module comes from the module cache, or is downloaded. The packages are relative to its
// root, as in ./record; without any, all are tested. Building does not count.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const agentModule = "github.com/concdoctor/concdoctor"

var (
	race    = flag.Bool("race", false, "with the race detector")
	count   = flag.Int("count", 1, "how often each test runs")
	runOnly = flag.String("run", "", "run the tests that match")
)

func main() {
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: go run ./testdata/swap [-race] [-count N] [-run REGEXP] MODULE@VERSION [PACKAGE...]")
		os.Exit(2)
	}
	packages := flag.Args()[1:]
	if len(packages) == 0 {
		packages = []string{"./..."}
	}
	if err := compare(flag.Arg(0), packages); err != nil {
		fmt.Fprintln(os.Stderr, "swap:", err)
		os.Exit(1)
	}
}

func compare(module string, packages []string) error {
	scratch, err := os.MkdirTemp("", "concdoctor-swap-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	from, err := download(module)
	if err != nil {
		return err
	}
	plain, swapped := filepath.Join(scratch, "plain"), filepath.Join(scratch, "swapped")
	for _, dir := range []string{plain, swapped} {
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			return err
		}
	}
	files, err := swap(swapped)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d files swapped\n", module, files)
	for _, one := range []struct{ name, dir string }{{"plain", plain}, {"swapped", swapped}} {
		if err := measure(one.name, one.dir, packages); err != nil {
			return err
		}
	}
	return nil
}

// download returns the directory of the module in the module cache.
func download(module string) (string, error) {
	out, err := exec.Command("go", "mod", "download", "-json", module).Output()
	if err != nil {
		return "", fmt.Errorf("downloading %s: %w", module, err)
	}
	var got struct{ Dir string }
	if err := json.Unmarshal(out, &got); err != nil {
		return "", fmt.Errorf("reading what go mod download says: %w", err)
	}
	return got.Dir, nil
}

// swap replaces the imports of package sync below dir, and has its module find package agent.
// It leaves alone dot imports and imports under another name.
func swap(dir string) (files int, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		with := bytes.ReplaceAll(text, []byte("\n\t\"sync\"\n"), []byte("\n\tsync \""+agentModule+"/agent\"\n"))
		with = bytes.ReplaceAll(with, []byte("\nimport \"sync\"\n"), []byte("\nimport sync \""+agentModule+"/agent\"\n"))
		if bytes.Equal(with, text) {
			return nil
		}
		files++
		return errors.Join(os.Chmod(path, 0o644), os.WriteFile(path, with, 0o644))
	})
	if err != nil {
		return files, fmt.Errorf("swapping imports: %w", err)
	}
	here, err := os.Getwd()
	if err != nil {
		return files, err
	}
	for _, args := range [][]string{
		{"mod", "edit", "-require", agentModule + "@v0.0.0", "-replace", agentModule + "=" + here},
		{"mod", "tidy"},
	} {
		if _, err := output(dir, args...); err != nil {
			return files, err
		}
	}
	return files, nil
}

// measure builds the tests of the packages and runs them one after the other, without what
// building takes.
func measure(name, dir string, packages []string) error {
	list, err := output(dir, append([]string{"list", "-f", "{{if or .TestGoFiles .XTestGoFiles}}{{.Dir}}{{end}}"}, packages...)...)
	if err != nil {
		return err
	}
	var wall, used time.Duration
	result := "passed"
	for _, pkg := range strings.Fields(list) {
		binary := filepath.Join(pkg, "swapped.test")
		build := []string{"test", "-c", "-vet=off", "-o", binary}
		if *race {
			build = append(build, "-race")
		}
		if _, err := output(pkg, append(build, ".")...); err != nil {
			return err
		}
		test := exec.Command(binary, fmt.Sprintf("-test.count=%d", *count), "-test.run="+*runOnly)
		test.Dir = pkg
		start := time.Now()
		out, err := test.CombinedOutput()
		wall += time.Since(start)
		if err != nil {
			result = fmt.Sprintf("%s failed: %v\n%s", pkg, err, tail(out))
		}
		if p := test.ProcessState; p != nil {
			used += p.UserTime() + p.SystemTime()
		}
	}
	fmt.Printf("%-8s %8.1f s wall %8.1f s processor  %s\n", name, wall.Seconds(), used.Seconds(), result)
	return nil
}

// output runs the go command in dir and returns its standard output.
func output(dir string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod")
	var failure bytes.Buffer
	cmd.Stderr = &failure
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", args[0], err, tail(failure.Bytes()))
	}
	return string(out), nil
}

// tail returns the end of an output.
func tail(out []byte) []byte {
	const most = 2000
	return out[max(0, len(out)-most):]
}
