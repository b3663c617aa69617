package health

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/internal/zerotouch/gocmd"
	"github.com/concdoctor/concdoctor/internal/zerotouch/goroot"
	"github.com/concdoctor/concdoctor/internal/zerotouch/inject"
	"github.com/concdoctor/concdoctor/internal/zerotouch/patch"
)

// Grade says what a check means for zero touch.
type Grade int

const (
	OK      Grade = iota + 1
	Missing       // an addition does not work; all else does
	Failed        // zero touch does not work
)

func (g Grade) String() string {
	return []string{"?", "ok", "missing", "failed"}[g]
}

// Check is what was found about one thing.
type Check struct {
	Name  string
	Grade Grade
	// Text is what was found, Hint what to do about it; Hint may be empty.
	Text, Hint string
}

// Options are what the checks need to know.
type Options struct {
	Program string // the path of concdoctor
	List    *patch.List
	// Quick leaves out the program that is built and run, which takes as long as a
	// build of the standard library the first time.
	Quick bool
}

// Examine makes all checks in their order and hands each to tell as soon as it is made.
// It reports whether zero touch works: none has failed.
func Examine(ctx context.Context, opts Options, tell func(Check)) bool {
	works := true
	report := func(c Check) {
		works = works && c.Grade != Failed
		tell(c)
	}
	settings, err := gocmd.ReadSettings(ctx, "", nil)
	if err != nil {
		report(Check{Name: "go", Grade: Failed, Text: err.Error()})
		report(mapping())
		return works
	}
	for _, check := range []func(context.Context, Options, *gocmd.Settings) []Check{
		goCommand, patches, toolchains, recording, race, leakProfile,
	} {
		for _, c := range check(ctx, opts, settings) {
			report(c)
		}
	}
	report(mapping())
	if works && !opts.Quick {
		report(program(ctx, opts))
	}
	return works
}

func goCommand(_ context.Context, _ Options, s *gocmd.Settings) []Check {
	c := Check{Name: "go", Grade: OK, Text: fmt.Sprintf("%s in %s, for %s/%s", s.GOVERSION, s.GOROOT, s.GOOS, s.GOARCH)}
	if err := patch.CheckVersion(s.GOVERSION); err != nil {
		c.Grade, c.Text, c.Hint = Failed, err.Error(), "install a newer Go, or let go.mod ask for one: go get toolchain@latest"
	}
	return []Check{c}
}

// patches tries the list on the tree in use for each target.
func patches(_ context.Context, opts Options, s *gocmd.Settings) []Check {
	if patch.CheckVersion(s.GOVERSION) != nil {
		return nil // reported above
	}
	var fits []string
	var checks []Check
	for _, target := range targets(s) {
		name := target.GOOS + "/" + target.GOARCH
		err := goroot.Check(opts.List, s.GOROOT, target)
		if err == nil {
			fits = append(fits, name)
			continue
		}
		c := Check{Name: "patches", Grade: Missing, Text: name + ": " + oneLine(err)}
		if name == s.GOOS+"/"+s.GOARCH {
			c.Grade = Failed
		}
		var patched *patch.PatchedError
		if errors.As(err, &patched) {
			c.Hint = "unset GOROOT"
		}
		checks = append(checks, c)
	}
	if len(fits) > 0 {
		checks = append([]Check{{Name: "patches", Grade: OK, Text: "fit for " + strings.Join(fits, ", ")}}, checks...)
	}
	return checks
}

// targets are those that are always tried, and the one in use.
func targets(s *gocmd.Settings) []patch.Target {
	all := goroot.Targets(s.GOVERSION)
	own := s.Target()
	if !slices.ContainsFunc(all, func(t patch.Target) bool { return t.GOOS == own.GOOS && t.GOARCH == own.GOARCH }) {
		all = append(all, own)
	}
	return all
}

// toolchains tries the list on the toolchains that go.mod could switch to without a
// download.
func toolchains(ctx context.Context, opts Options, s *gocmd.Settings) []Check {
	host := s.GOHOSTOS + "-" + s.GOHOSTARCH
	dirs, _ := filepath.Glob(filepath.Join(s.GOMODCACHE, "golang.org", "toolchain@v*."+host)) // the pattern is right
	var fits, old []string
	var checks []Check
	for _, dir := range dirs {
		version, err := goroot.Version(dir)
		switch {
		case err != nil:
			continue // half unpacked
		case patch.CheckVersion(version) != nil:
			old = append(old, version)
			continue
		}
		target := s.Target()
		target.GoVersion = version
		if err := goroot.Check(opts.List, dir, target); err != nil {
			checks = append(checks, Check{Name: "toolchains", Grade: Missing, Text: oneLine(err)})
			continue
		}
		fits = append(fits, version)
	}
	text := "GOTOOLCHAIN=" + s.GOTOOLCHAIN + "; "
	switch {
	case len(fits) > 0:
		text += "of those in the module cache " + strings.Join(fits, ", ") + " fit"
	case len(checks)+len(old) > 0:
		text += "of those in the module cache none fits"
	default:
		text += "none in the module cache"
	}
	if len(old) > 0 {
		text += "; too old: " + strings.Join(old, ", ")
	}
	return append([]Check{{Name: "toolchains", Grade: OK, Text: text}}, checks...)
}

// recording reports whether programs for this machine write anything down.
func recording(_ context.Context, _ Options, s *gocmd.Settings) []Check {
	name := s.GOOS + "/" + s.GOARCH
	if !inject.Available(s.GOOS, s.GOARCH) {
		return []Check{{Name: "recording", Grade: Failed, Text: "programs for " + name + " build, and do not record yet",
			Hint: "linux/amd64 and linux/arm64 do: use a machine or a container of these"}}
	}
	return []Check{{Name: "recording", Grade: OK, Text: "programs for " + name + " record"}}
}

func race(ctx context.Context, _ Options, s *gocmd.Settings) []Check {
	c := Check{Name: "race", Grade: Missing}
	if out, err := goQuietly(ctx, nil, "list", "-race", "-f", "{{.ImportPath}}", "runtime/race"); err != nil {
		c.Text = "-race does not work: " + out
	} else if cc := strings.Fields(s.CC); len(cc) > 0 && s.GOOS == s.GOHOSTOS && s.GOOS != "darwin" && missing(cc[0]) {
		c.Text, c.Hint = "-race does not work: there is no C compiler "+cc[0], "install one, such as gcc or clang"
	} else {
		c.Grade, c.Text = OK, "-race works"
	}
	return []Check{c}
}

func missing(program string) bool {
	_, err := exec.LookPath(program)
	return err != nil
}

// leakProfile reports whether the runtime can prove that a goroutine is unreachable.
func leakProfile(ctx context.Context, _ Options, s *gocmd.Settings) []Check {
	const experiment = "goroutineleakprofile"
	c := Check{Name: "goroutineleak", Grade: OK}
	experiments := strings.Trim(s.GOEXPERIMENT+","+experiment, ",")
	switch _, err := goQuietly(ctx, []string{"GOEXPERIMENT=" + experiments}, "env", "GOEXPERIMENT"); {
	case slices.Contains(strings.Split(s.GOEXPERIMENT, ","), experiment):
		c.Text = "the leak profile is switched on"
	case err == nil:
		c.Text = "the leak profile can be had with GOEXPERIMENT=" + experiment
	case builtInLeakProfile(s.GOROOT):
		c.Text = "the leak profile is part of this Go"
	default:
		c.Grade, c.Text = Missing, s.GOVERSION+" has no leak profile; leaks are judged without it"
	}
	return []Check{c}
}

// builtInLeakProfile looks for the profile where there is no experiment of that name.
func builtInLeakProfile(root string) bool {
	text, err := os.ReadFile(filepath.Join(root, "src", "runtime", "pprof", "pprof.go"))
	return err == nil && strings.Contains(string(text), `"goroutineleak"`)
}

func goQuietly(ctx context.Context, env []string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(cmd.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return oneLineOf(string(out)), err
}

func oneLine(err error) string { return oneLineOf(err.Error()) }

func oneLineOf(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' }), "; ")
}
