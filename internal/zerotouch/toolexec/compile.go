package toolexec

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/internal/zerotouch/patch"
)

// compile runs the compiler on the changed copy of a package.
func (c *call) compile(list *patch.List) error {
	first := len(c.args)
	for first > 0 && strings.HasSuffix(c.args[first-1], ".go") && !strings.HasPrefix(c.args[first-1], "-") {
		first--
	}
	pkg := c.value("-p")
	target, err := c.target()
	if err != nil {
		return err
	}
	names, err := absolute(c.args[first:])
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return errors.New("compiling package " + pkg + ": the go command names no source files")
	}
	sources, err := read(names)
	if err != nil {
		return err
	}
	res, err := list.Apply(pkg, target, sources)
	if err != nil {
		return err
	}
	if err := c.checkImports(pkg, target, res.Imports); err != nil {
		return err
	}
	flags := slices.Clone(c.args[:first])
	if res.Bodyless {
		flags = slices.DeleteFunc(flags, func(a string) bool { return a == "-complete" })
	}
	files, rewrites, err := c.write(names, res)
	if err != nil {
		return err
	}
	err = run(command(c.words(append(withTrimpath(flags, rewrites), files...))))
	var exit *ExitError
	if errors.As(err, &exit) {
		unknown := &patch.UnknownError{GoVersion: target.GoVersion, Package: pkg, Reasons: []string{"its changed source does not compile, see above"}}
		fmt.Fprintln(os.Stderr, "concdoctor:", unknown)
	}
	return err
}

// target is what the package is compiled for. The go command puts its settings into the
// environment of its tools.
func (c *call) target() (patch.Target, error) {
	t := patch.Target{GOOS: os.Getenv("GOOS"), GOARCH: os.Getenv("GOARCH"), GoVersion: c.value("-goversion")}
	if t.GOOS == "" {
		t.GOOS = runtime.GOOS
	}
	if t.GOARCH == "" {
		t.GOARCH = runtime.GOARCH
	}
	for _, mode := range []string{"race", "msan", "asan"} {
		if slices.Contains(c.args, "-"+mode) {
			t.Tags = append(t.Tags, mode)
		}
	}
	for name := range strings.SplitSeq(os.Getenv("GOEXPERIMENT"), ",") {
		if name != "" && !strings.HasPrefix(name, "no") {
			t.Tags = append(t.Tags, "goexperiment."+name)
		}
	}
	if t.GoVersion == "" { // the go command leaves it out for a toolchain of its own build
		var answer bytes.Buffer
		cmd := command(c.words([]string{"-V=full"}))
		cmd.Stdout = &answer
		if err := run(cmd); err != nil {
			return t, err
		}
		_, version, _ := strings.Cut(strings.TrimSpace(answer.String()), " version ")
		t.GoVersion, _, _ = strings.Cut(version, " buildID=")
	}
	return t, nil
}

// absolute returns the full paths of files.
func absolute(names []string) ([]string, error) {
	var paths []string
	for _, name := range names {
		path, err := filepath.Abs(name)
		if err != nil {
			return nil, fmt.Errorf("reading a source to patch: %w", err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func read(names []string) ([]patch.Source, error) {
	var sources []patch.Source
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading a source to patch: %w", err)
		}
		sources = append(sources, patch.Source{Name: name, Text: text})
	}
	return sources, nil
}

// checkImports refuses added files that import what the go command has not prepared for
// this package.
func (c *call) checkImports(pkg string, target patch.Target, imports []string) error {
	config, err := os.ReadFile(c.value("-importcfg"))
	if err != nil {
		return fmt.Errorf("reading what a package imports: %w", err)
	}
	unknown := &patch.UnknownError{GoVersion: target.GoVersion, Package: pkg}
	for _, path := range imports {
		if !bytes.Contains(append([]byte("\n"), config...), []byte("\npackagefile "+path+"=")) {
			unknown.Reasons = append(unknown.Reasons, "it does not import "+path)
		}
	}
	if len(unknown.Reasons) > 0 {
		return unknown
	}
	return nil
}

// write puts the changed and the added files into the build's directory for this package
// and returns the files to compile, and how to name what is not at its own place.
func (c *call) write(names []string, res *patch.Result) (files, rewrites []string, err error) {
	dir := filepath.Join(filepath.Dir(c.value("-o")), "concdoctor")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, nil, fmt.Errorf("writing patched source: %w", err)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, nil, fmt.Errorf("writing patched source: %w", err)
	}
	put := func(original string, text []byte) error {
		name := filepath.Join(dir, filepath.Base(original))
		files = append(files, name)
		rewrites = append(rewrites, name+"=>"+c.shown(original))
		if err := os.WriteFile(name, text, 0o666); err != nil {
			return fmt.Errorf("writing patched source: %w", err)
		}
		return nil
	}
	for _, name := range names {
		if slices.Contains(res.Omitted, name) {
			continue
		}
		text, changed := res.Changed[name]
		if !changed {
			files = append(files, name)
			continue
		}
		if err := put(name, text); err != nil {
			return nil, nil, err
		}
	}
	for _, f := range res.Added {
		if err := put(filepath.Join(c.home(names), f.Name), []byte(f.Text)); err != nil {
			return nil, nil, err
		}
	}
	return files, rewrites, nil
}

// home is the directory of the originals, where a reader of a stack looks for what is
// beside them. Where coverage is measured the files are copies in the build's directory.
func (c *call) home(names []string) string {
	dir := filepath.Dir(names[0])
	if dir == filepath.Dir(c.value("-o")) {
		return filepath.Join(os.Getenv("GOROOT"), "src", filepath.FromSlash(c.value("-p")))
	}
	return dir
}

// shown is what the compiler would have recorded for a file with that full path; see AbsFile in
// cmd/internal/objabi/line.go.
func (c *call) shown(name string) string {
	for rewrite := range strings.SplitSeq(c.value("-trimpath"), ";") {
		prefix, replacement := rewrite, ""
		if i := strings.LastIndex(rewrite, "=>"); i >= 0 {
			prefix, replacement = rewrite[:i], rewrite[i+len("=>"):]
		}
		if rest, ok := cutPath(name, prefix); ok {
			if replacement == "" {
				return strings.TrimPrefix(rest, "/")
			}
			return replacement + rest
		}
	}
	if rest, ok := cutPath(name, os.Getenv("GOROOT")); ok {
		return "$GOROOT" + rest // the linker puts the path there
	}
	return name
}

// cutPath cuts leading elements from a path.
func cutPath(path, prefix string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(path, prefix)
	if prefix == "" || !ok || rest != "" && !os.IsPathSeparator(rest[0]) {
		return path, false
	}
	return filepath.ToSlash(rest), true
}

// withTrimpath puts rewrites before those that the flag -trimpath has.
func withTrimpath(flags, rewrites []string) []string {
	text := strings.Join(rewrites, ";")
	for i, a := range flags {
		if a == "-trimpath" && i+1 < len(flags) {
			flags[i+1] = text + ";" + flags[i+1]
			return flags
		}
		if old, ok := strings.CutPrefix(a, "-trimpath="); ok {
			flags[i] = "-trimpath=" + text + ";" + old
			return flags
		}
	}
	return append(flags, "-trimpath", text)
}
