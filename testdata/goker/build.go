package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
)

// The programs in their three forms.
type built struct {
	dir                 string
	plain, goleak, seen string
	doctor              string
	tests               string // the programs as tests, for zero touch
	names               []string
}

// mainWithLeakCheck replaces the programs' main function: it knows the same names, and
// asks goleak after the program's function.
//
//go:embed main.go.txt
var mainWithLeakCheck []byte

var registration = regexp.MustCompile(`register\("(\w+)"`)

// build copies the programs to dir and builds concdoctor.
func build(ctx context.Context, dir string) (*built, error) {
	goroot, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("asking for GOROOT: %w", err)
	}
	b := &built{
		dir: dir, plain: filepath.Join(dir, "plain"), goleak: filepath.Join(dir, "goleak"),
		seen: filepath.Join(dir, "seen"), doctor: filepath.Join(dir, "concdoctor"),
	}
	from := filepath.Join(string(bytes.TrimSpace(goroot)), "src/runtime/testdata/testgoroutineleakprofile/goker")
	for _, source := range [...]string{"original", "checked"} {
		if err := os.CopyFS(filepath.Join(dir, source), os.DirFS(from)); err != nil {
			return nil, fmt.Errorf("copying the programs: %w", err)
		}
		if err := os.WriteFile(filepath.Join(dir, source, "go.mod"), []byte("module goker\n\ngo 1.26\n"), 0o600); err != nil {
			return nil, err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "checked", "main.go"), mainWithLeakCheck, 0o600); err != nil {
		return nil, err
	}
	if b.names, err = names(filepath.Join(dir, "original")); err != nil {
		return nil, err
	}
	return b, nil
}

// command is one that runs in a directory, with the experiment that the programs need.
func command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	if dir != "" {
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOEXPERIMENT=goroutineleakprofile")
	}
	return cmd
}

// buildDoctor builds concdoctor.
func (b *built) buildDoctor(ctx context.Context) error {
	out, err := command(ctx, "", "go", "build", "-o", b.doctor, "github.com/concdoctor/concdoctor/cmd/concdoctor").CombinedOutput()
	if err != nil {
		return fmt.Errorf("building concdoctor: %w\n%s", err, out)
	}
	return nil
}

// compile builds the programs.
func (b *built) compile(ctx context.Context) error {
	for _, c := range []struct {
		in   string
		args []string
	}{
		{"original", []string{"go", "build", "-o", b.plain}},
		{"original", []string{b.doctor, "build", "--", "-o", b.seen}},
		{"checked", []string{"go", "get", "go.uber.org/goleak@v1.3.0"}},
		{"checked", []string{"go", "build", "-o", b.goleak}},
	} {
		cmd := command(ctx, filepath.Join(b.dir, c.in), c.args...)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w\n%s", c.args, err, out)
		}
	}
	return nil
}

// names are those under which the programs register.
func names(dir string) (all []string, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, m := range registration.FindAllSubmatch(data, -1) {
			all = append(all, string(m[1]))
		}
	}
	slices.Sort(all)
	if len(all) == 0 {
		return nil, fmt.Errorf("no programs in %s", dir)
	}
	return all, nil
}
