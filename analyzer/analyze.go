package analyzer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer/internal/load"
	"github.com/concdoctor/concdoctor/analyzer/internal/profile"
)

// Options are the choices of one analysis. The zero value is ready to use.
type Options struct {
	// Base are profiles from before; each is compared with the inputs of its kind.
	Base []string
	// Suppress are patterns of findings not to report; see finding.ParseSuppression.
	Suppress []string
	// SuppressFiles are files of such patterns, suppressions and baselines alike; see
	// finding.ReadSuppressions.
	SuppressFiles []string
	// Regions are user regions and tasks of which the critical path is told.
	Regions []string
	// Stdin is what the file name "-" reads; nil reads as empty.
	Stdin io.Reader
	// Progress, if not nil, is called a few times a second while an input is read,
	// from one goroutine, never after Analyze returned. Total is 0 if not known.
	Progress func(name string, done, total int64)
	// Version is the tool's, for the report.
	Version string
}

// progressInterval is short enough for a progress line to look alive.
const progressInterval = 250 * time.Millisecond

// analysis is one call of Analyze.
type analysis struct {
	opts  Options
	rep   *finding.Report
	bases []*profile.Profile
	// profiles wait to be judged until all traces were read.
	profiles []compared
	// later are findings that become evidence where an earlier source tells more.
	later []finding.Finding
}

// Analyze reads the files, "-" for standard input, and returns what they show.
// The report is never nil and always complete for what could be read; the error
// joins one error for each input that could not, each naming its file. A
// cancelled ctx ends the analysis with its error.
func Analyze(ctx context.Context, files []string, opts Options) (*finding.Report, error) {
	a := &analysis{opts: opts, rep: finding.NewReport(finding.Tool{Name: "concdoctor", Version: opts.Version})}
	if a.opts.Stdin == nil {
		a.opts.Stdin = strings.NewReader("")
	}
	var errs []error
	unwanted, err := suppressions(&opts)
	errs = append(errs, err)
	for _, name := range opts.Base {
		errs = append(errs, a.failed(name, a.readBase(name)))
	}
	for _, name := range files {
		if ctx.Err() != nil {
			errs = append(errs, ctx.Err())
			break
		}
		errs = append(errs, a.failed(name, a.file(ctx, name)))
	}
	a.unusedBases()
	corroborate(a.rep, append(a.judgeProfiles(), a.later...))
	suppress(a.rep, unwanted)
	a.rep.Normalize()
	a.rep.Summary.Verdict = Verdict(a.rep)
	return a.rep, errors.Join(errs...)
}

// failed leaves a word in the report about an input that could not be read: the
// report may be saved, and the error is gone by then.
func (a *analysis) failed(name string, err error) error {
	if err == nil {
		return nil
	}
	// The error names the input, and so does the warning.
	text := strings.TrimPrefix(err.Error(), name+": ")
	a.rep.Warn(name, "not analyzed: %s", text)
	return err
}

func (a *analysis) file(ctx context.Context, name string) error {
	in, err := load.Open(name, a.opts.Stdin)
	if err != nil {
		return err
	}
	before := len(a.rep.Inputs)
	stop := a.watch(in)
	err = a.dispatch(ctx, in)
	stop()
	if err == nil && len(a.rep.Inputs) == before {
		a.rep.Inputs = append(a.rep.Inputs, finding.Input{Name: in.Name, Kind: in.Kind.String(), Bytes: in.Bytes()})
	}
	return errors.Join(err, in.Close())
}

// dispatch gives the input to the analysis of its kind.
func (a *analysis) dispatch(ctx context.Context, in *load.Input) error {
	switch in.Kind {
	case load.Trace:
		return analyzeTrace(ctx, in, a.rep, a.opts.Regions)
	case load.Profile, load.TextProfile:
		return a.profile(in)
	case load.Log:
		return a.log(in)
	case load.Report:
		return &load.UnknownError{Name: in.Name, Looks: "a report that concdoctor saved", Next: "show it with: concdoctor render " + in.Name}
	}
	return fmt.Errorf("analyzing %s: no analysis for a %s", in.Name, in.Kind)
}

// watch reports the progress of the input until the returned function is called.
func (a *analysis) watch(in *load.Input) (stop func()) {
	if a.opts.Progress == nil {
		return func() {}
	}
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(progressInterval)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
				done, total := in.Progress()
				a.opts.Progress(in.Name, done, total)
			}
		}
	}()
	return func() {
		close(quit)
		<-ended
	}
}
