package analyzer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/format"
	"github.com/concdoctor/concdoctor/internal/input"
	"github.com/concdoctor/concdoctor/internal/memory"
	"github.com/concdoctor/concdoctor/internal/progress"
)

// Options are the choices of one analysis. The zero value is ready to use.
type Options struct {
	// Base are inputs of an earlier run, or a report that was saved. The findings are
	// compared with theirs, and each profile and dump with the first of its kind.
	Base []string
	// Suppress are patterns of findings not to report; see finding.ParseSuppression.
	Suppress []string
	// SuppressFiles are files of such patterns, suppressions and baselines alike; see
	// finding.ReadSuppressions.
	SuppressFiles []string
	// Regions are user regions and tasks whose critical path is reported.
	Regions []string
	// Stdin is what the file name "-" reads; nil reads as empty.
	Stdin io.Reader
	// Timeout is how long the server of a URL may take to answer in full, beyond the
	// seconds that the URL asks for; 0 is a minute.
	Timeout time.Duration
	// MaxMemory is how many bytes of memory the inputs may take, beyond what the program
	// has at the call. Readers that take an input as a whole (profiles, saved reports,
	// traces of Go 1.21 and older) refuse one that would not fit; the others stop where
	// the memory is used up, and the report says so. 0 is 2 GB, or half of what the machine
	// or the control group has, whichever is less; a negative number is no limit.
	MaxMemory int64
	// Names, if not nil, says what to call a file in the report, for files that are
	// gone when the report is read.
	Names map[string]string
	// Progress, if not nil, is called a few times a second while an input is read,
	// from one goroutine, never after Analyze returned. Total is 0 if not known.
	Progress func(name string, done, total int64)
	// Formats are read beside those of this package; see [Formats].
	Formats []Format
	// Version is the tool's, for the report.
	Version string
}

// analysis is one call of Analyze.
type analysis struct {
	opts    Options
	formats format.Table
	rep     *finding.Report
	base    base
	// counts are the profiles and dumps, to be judged when all inputs were read.
	counts []compared
	// unread are inputs of which nothing could be read, though their format is known.
	unread []error
	// watches are the processes that were watched.
	watches []*format.Watch
	limit   *memory.Limit
}

func newAnalysis(opts Options, limit *memory.Limit) *analysis {
	return &analysis{
		limit:   limit,
		opts:    opts,
		formats: formats(opts.Regions, opts.Formats),
		rep:     finding.NewReport(finding.Tool{Name: "concdoctor", Version: opts.Version}),
	}
}

// Analyze reads the files, "-" for standard input, and http URLs, and returns what they show.
// The report is never nil and always complete for what could be read; the error
// joins one error for each input that could not, each naming its file. A
// cancelled ctx ends the analysis with its error.
func Analyze(ctx context.Context, files []string, opts Options) (*finding.Report, error) {
	a := newAnalysis(opts, newLimit(opts.MaxMemory))
	var errs []error
	unwanted, err := finding.NewSuppressor(opts.Suppress, opts.SuppressFiles)
	errs = append(errs, err)
	for _, name := range opts.Base {
		errs = append(errs, a.failed(name, a.readBase(ctx, name)))
	}
	for _, name := range files {
		if ctx.Err() != nil {
			errs = append(errs, ctx.Err())
			break
		}
		errs = append(errs, a.failed(name, a.file(ctx, name)))
	}
	corroborate(a.rep, a.judgeCounts())
	support(a.rep, a.counts)
	absorb(a.rep)
	errs = append(errs, a.unread...)
	a.rep.Suppress(unwanted)
	a.rep.Normalize()
	a.compare()
	a.rep.Summary.Verdict = Verdict(a.rep)
	return a.rep, errors.Join(errs...)
}

func newLimit(bytes int64) *memory.Limit {
	if bytes < 0 {
		return nil
	}
	return memory.NewLimit(cmp.Or(bytes, memory.Default()))
}

// failed leaves a word in the report about an input that could not be read: the
// report may be saved, and the error is gone by then.
func (a *analysis) failed(name string, err error) error {
	if err == nil {
		return nil
	}
	// The error names the input, and so does the warning.
	text := strings.TrimPrefix(err.Error(), name+": ")
	a.rep.WarnUnread(name, "not analyzed: %s", text)
	return err
}

func (a *analysis) open(ctx context.Context, name string) (*format.Input, error) {
	in, err := a.formats.Open(ctx, name, input.Options{Stdin: a.opts.Stdin, Timeout: a.opts.Timeout, Limit: a.limit})
	if shown := a.opts.Names[name]; err == nil && shown != "" {
		in.Name = shown
	}
	return in, err
}

func (a *analysis) file(ctx context.Context, name string) error {
	stop := func() {}
	if input.IsURL(name) { // a server may work for long before it answers
		stop = a.watch(func() (string, int64, int64) { return name, 0, 0 })
	}
	in, err := a.open(ctx, name)
	stop()
	if err != nil {
		return err
	}
	stop = a.watch(func() (string, int64, int64) {
		done, total := in.Progress()
		return in.Name, done, total
	})
	err = a.read(ctx, in)
	stop()
	return errors.Join(err, in.Close())
}

// read adds what the input shows.
func (a *analysis) read(ctx context.Context, in *format.Input) error {
	before, warned := len(a.rep.Inputs), len(a.rep.Warnings)
	found := format.Result{Report: a.rep}
	err := in.Read(ctx, &found)
	for _, c := range found.Counts {
		a.addCounts(c)
	}
	for _, c := range a.rep.Warnings[warned:] {
		if c.Unread {
			a.unread = append(a.unread, fmt.Errorf("reading %s: %s", in.Name, c.Text))
		}
	}
	a.watches = append(a.watches, found.Watches...)
	if err == nil && len(a.rep.Inputs) == before {
		found.AddInput(finding.Input{Name: in.Name, Kind: in.Kind, Bytes: in.Bytes()})
	}
	return err
}

// watch reports the progress that at returns until the returned function is called.
func (a *analysis) watch(at func() (name string, done, total int64)) (stop func()) {
	if a.opts.Progress == nil {
		return func() {}
	}
	return progress.Watch(func() { a.opts.Progress(at()) })
}
