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

	"github.com/concdoctor/concdoctor/internal/scratch"
)

// counterSource is the very file that the counter demo runs; it uses the standard
// library alone, so that it builds anywhere.
//
//go:embed internal/counter/counter.go
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

// program is what is built; the ending is for Windows and harmless elsewhere.
const program = "racy.exe"

// ErrNoRaceDetector says that this machine cannot build a program with -race: the go
// command or a C compiler is missing, or the platform has no race detector.
var ErrNoRaceDetector = errors.New("this demo needs Go's race detector (go build -race)")

// RaceBuild is the counter demo, built under the race detector once and run for
// each variant. The zero value is ready; Close removes the files.
type RaceBuild struct {
	once sync.Once
	made *scratch.Dir
	dir  string
	err  error
}

// Close removes what was built.
func (b *RaceBuild) Close() error {
	if b.dir == "" {
		return nil
	}
	return b.made.Remove()
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
	if b.made, err = scratch.Make("race"); err != nil {
		return err
	}
	b.dir = b.made.Path
	if err := os.Mkdir(path(b.dir, "counter"), 0o777); err != nil {
		return fmt.Errorf("creating a directory for a race build: %w", err)
	}
	for name, content := range map[string][]byte{
		"go.mod": []byte(raceModule), "main.go": []byte(raceMain), "counter/counter.go": counterSource,
	} {
		if err := os.WriteFile(path(b.dir, name), content, 0o666); err != nil {
			return fmt.Errorf("writing the race build: %w", err)
		}
	}
	out, err := b.goBuild(ctx, goTool, "-o", program, ".")
	if err == nil {
		return nil
	}
	// Only a machine that cannot build the detector's own runtime lacks it: any other
	// failure is a fault of the demo.
	if probe, err := b.goBuild(ctx, goTool, "runtime/cgo", "runtime/race"); err != nil {
		return fmt.Errorf("%w: %s", ErrNoRaceDetector, firstComplaint(probe))
	}
	return fmt.Errorf("building the demo with -race: %w\n%s", err, out)
}

func (b *RaceBuild) goBuild(ctx context.Context, goTool string, args ...string) (out string, err error) {
	cmd := exec.CommandContext(ctx, goTool, append([]string{"build", "-race"}, args...)...)
	cmd.Dir = b.dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOTOOLCHAIN=local", "CGO_ENABLED=1")
	text, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(text)), err
}

// firstComplaint returns the first line of the go command's output that is not the
// name of a package.
func firstComplaint(out string) string {
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "#") {
			return strings.TrimSpace(line)
		}
	}
	return out
}
