package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer/render"
)

// output is the flags of every command that writes a report.
type output struct {
	format, color, failOn *choice
	charts                *choice
	file, root            string
	top                   int
	verbose               bool
	// flag is the name of the flag for the file.
	flag string
}

func newOutput(flags *pflag.FlagSet) *output { return newOutputTo(flags, "output", "o") }

// newOutputTo is newOutput with another name, and a letter or none, for the flag of the
// file.
func newOutputTo(flags *pflag.FlagSet, flag, letter string) *output {
	o := &output{
		format: newChoice(flags, "format", "how to write the report", render.Formats()...),
		flag:   flag,
	}
	flags.StringVarP(&o.file, flag, letter, "", "write the report to this `file`, which appears only when it is complete")
	o.failOn = newChoice(flags, "fail-on", "exit with status 3 if there is a finding of at least this severity", "error", "warning", "info")
	flags.StringVar(&o.root, "source-root", "", "the repository: the `directory` that SARIF names files relative to and in which source is looked up; default: the repository of the current directory")
	o.color = newChoice(flags, "color", "colours: auto uses them on a terminal unless NO_COLOR is set", "auto", "always", "never")
	o.charts = newChoice(flags, "charts", "small charts in text: auto draws them on a terminal", "auto", "always", "never")
	flags.IntVar(&o.top, "top", render.DefaultTop, "show at most this many findings and places; 0 shows all")
	flags.BoolVar(&o.verbose, "verbose", false, "show in text the evidence for each of the four Coffman conditions")
	return o
}

// check refuses meaningless flags before any work is done.
func (o *output) check(std *streams) error {
	if o.format.value == "pprof" && o.file == "" && isTerminal(std.out) {
		return &usageError{text: "the pprof format is binary: name a file with --" + o.flag + " FILE"}
	}
	return nil
}

// write writes the report as the flags say and returns errFindings if it holds
// findings at or above --fail-on.
func (o *output) write(std *streams, rep *finding.Report) error {
	if err := o.check(std); err != nil {
		return err
	}
	root := o.root
	if root == "" {
		root = repository()
	}
	opts := render.Options{Format: o.format.value, Top: o.top, Verbose: o.verbose, Source: render.SourceLines(root), SourceRoot: root}
	if o.top <= 0 {
		opts.Top = -1
	}
	var err error
	if o.file == "" || o.file == "-" {
		opts.Color = useColor(o.color.value, std.out, std.getenv)
		opts.Charts = useCharts(o.charts.value, std.out, std.getenv)
		err = render.Write(std.out, rep, opts)
	} else {
		opts.Color = o.color.value == "always"
		opts.Charts = useCharts(o.charts.value, nil, std.getenv)
		err = writeWhole(o.file, func(w io.Writer) error { return render.Write(w, rep, opts) })
	}
	if err != nil {
		return err
	}
	return judge(rep, o.severity())
}

func (o *output) severity() finding.Severity {
	var s finding.Severity
	if err := s.UnmarshalText([]byte(o.failOn.value)); err != nil {
		panic("concdoctor: --fail-on allows a word that is no severity: " + err.Error())
	}
	return s
}

// writeWhole lets write fill a file that appears under its name only when it is
// complete: a reader never sees half a report, and a failure keeps the old one.
// What is no regular file (a pipe, /dev/null) is written to directly: a rename
// would put a file in its place.
func writeWhole(name string, write func(io.Writer) error) error {
	target := name
	if real, err := filepath.EvalSymlinks(name); err == nil {
		target = real
	}
	var err error
	if info, statErr := os.Stat(target); statErr == nil && !info.Mode().IsRegular() {
		err = writeDirectly(target, write)
	} else {
		err = writeAndRename(target, write)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

func writeDirectly(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

func writeAndRename(name string, write func(io.Writer) error) error {
	partial := filepath.Join(filepath.Dir(name), fmt.Sprintf(".%s.%d", filepath.Base(name), os.Getpid()))
	f, err := os.OpenFile(partial, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) // less the umask
	if err != nil {
		return err
	}
	err = errors.Join(write(f), f.Close())
	if err == nil {
		err = os.Rename(partial, name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(partial))
	}
	return nil
}
