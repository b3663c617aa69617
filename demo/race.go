package demo

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// counterSource is the very file that the counter demo runs; it uses the standard
// library alone, so that it builds anywhere.
//
//go:embed counter/counter.go
var counterSource []byte

// raceMain runs the program that is named on the command line. It prints with
// println, since a smaller program builds faster.
const raceMain = `package main

import (
	"os"

	"demo.test/counter"
)

func main() {
	const each = 20_000
	total := map[string]func(int) int64{
		"": counter.Racy, "mutex": counter.Locked, "atomic": counter.Atomic, "cas": counter.CompareAndSwap,
	}[os.Args[1]](each)
	println("lost", each*counter.Workers-total, "of", each*counter.Workers)
}
`

const raceModule = "module demo.test\n\ngo 1.25\n"

// program is what is built; the ending is for Windows and harms nobody else.
const program = "racy.exe"

// ErrNoRaceDetector says that the go command or its race detector is not at hand.
var ErrNoRaceDetector = errors.New("this demo needs the race detector of an installed Go with a C compiler (go build -race)")

// RaceBuild is the counter demo, built under the race detector once and run for
// each variant. The zero value is ready; Close removes the files.
type RaceBuild struct {
	once sync.Once
	dir  string
	err  error
}

// Close removes what was built.
func (b *RaceBuild) Close() error {
	if b.dir == "" {
		return nil
	}
	return os.RemoveAll(b.dir)
}

// detect runs the variant under the race detector and adds what its log says.
func (b *RaceBuild) detect(ctx context.Context, run *Run, dir string) error {
	b.once.Do(func() { b.err = b.build(ctx) })
	if b.err != nil {
		return b.err
	}
	prefix := path(dir, "race")
	cmd := exec.CommandContext(ctx, path(b.dir, program), run.Variant)
	cmd.Env = append(os.Environ(), "GORACE=exitcode=0 log_path="+prefix)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("running it under the race detector: %w\n%s", err, out)
	}
	logs, err := filepath.Glob(prefix + ".*") // the race detector adds its process id
	if err != nil {
		return fmt.Errorf("finding the race detector's log: %w", err)
	}
	report, err := analyze(ctx, logs) // none, if there was no race
	if err != nil {
		return err
	}
	for _, f := range report.Findings {
		run.Sightings = append(run.Sightings, Sighting{By: ByRaceLog, Finding: f})
	}
	return nil
}

// build writes the module and compiles it.
func (b *RaceBuild) build(ctx context.Context) error {
	goTool, err := exec.LookPath("go")
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoRaceDetector, err)
	}
	if b.dir, err = os.MkdirTemp("", "concdoctor-race-"); err != nil {
		return fmt.Errorf("making room for a race build: %w", err)
	}
	if err := os.Mkdir(path(b.dir, "counter"), 0o777); err != nil {
		return fmt.Errorf("making room for a race build: %w", err)
	}
	for name, content := range map[string][]byte{
		"go.mod": []byte(raceModule), "main.go": []byte(raceMain), "counter/counter.go": counterSource,
	} {
		if err := os.WriteFile(path(b.dir, name), content, 0o666); err != nil {
			return fmt.Errorf("writing the race build: %w", err)
		}
	}
	cmd := exec.CommandContext(ctx, goTool, "build", "-race", "-o", program, ".")
	cmd.Dir = b.dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOTOOLCHAIN=local", "CGO_ENABLED=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %w: %s", ErrNoRaceDetector, err, strings.TrimSpace(string(out)))
	}
	return nil
}
