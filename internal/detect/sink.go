package detect

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/policy"
)

// maxFindings bounds what the sink keeps: a program with more distinct findings
// has been told enough.
const maxFindings = 1000

// sink decides what becomes of findings. The process's own standard error and
// files are written by the goroutine that found something, before it goes on (or
// blocks for ever); what runs user code (callbacks, loggers, writers) gets them
// from a goroutine that lives only as long as there is something to deliver, so
// that user code never runs inside somebody's critical section.
type sink struct {
	options  atomic.Pointer[policy.Options]
	unwanted atomic.Pointer[finding.Suppressor]

	// mu protects what follows. It is a leaf, and no I/O happens under it.
	mu         sync.Mutex
	byPrint    map[string]*finding.Finding
	watchers   map[int]func(finding.Finding)
	watcherID  int
	queue      []func()
	delivering bool

	// writing orders whole findings on the output. No other lock is taken under it.
	writing sync.Mutex
}

func (s *sink) configure(o policy.Options) {
	o = o.WithDefaults()
	files := finding.BaselineFiles(o.Baseline, o.WriteBaseline)
	if o.SuppressFile != "" {
		files = append(files, o.SuppressFile)
	}
	u, err := finding.NewSuppressor(o.Suppress, files)
	if err != nil {
		fmt.Fprintf(os.Stderr, "concdoctor: %v\n", err)
	}
	s.unwanted.Store(u)
	s.options.Store(&o)
}

func (s *sink) config() *policy.Options { return s.options.Load() }

// report takes a new finding. The caller holds no lock of ours.
func (s *sink) report(f finding.Finding) {
	o := s.config()
	f.Fingerprint = f.ComputeFingerprint()
	if f.Certainty < o.MinCertainty {
		return
	}
	if _, _, unwanted := s.unwanted.Load().Suppresses(&f); unwanted {
		return
	}
	f.Count, f.First = 1, time.Now()
	f.Last = f.First
	for i := range f.Goroutines {
		f.Goroutines[i].Name = std.names.of(f.Goroutines[i].ID)
	}
	watchers, isNew := s.keep(f)
	if !isNew {
		return
	}
	s.emit(o, f)
	if o.WriteBaseline != "" {
		s.addToBaseline(o.WriteBaseline, &f)
	}
	for _, watch := range watchers {
		s.deliver(func() { watch(clone(f)) })
	}
	if o.HaltCode != 0 && f.Severity >= finding.Error {
		os.Exit(o.HaltCode)
	}
}

// keep stores f or counts it, and returns who wants to know of a new one. What was
// expected and now has happened is news: the surer finding takes the place.
func (s *sink) keep(f finding.Finding) (watchers []func(finding.Finding), isNew bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.byPrint[f.Fingerprint]; old != nil {
		if f.Certainty <= old.Certainty {
			old.Count++
			old.Last = f.Last
			return nil, false
		}
		f.Count, f.First = old.Count+1, old.First
	} else if len(s.byPrint) >= maxFindings {
		return nil, false
	}
	if s.byPrint == nil {
		s.byPrint = make(map[string]*finding.Finding)
	}
	kept := clone(f)
	s.byPrint[f.Fingerprint] = &kept
	for id := range s.watcherID {
		if w := s.watchers[id]; w != nil {
			watchers = append(watchers, w)
		}
	}
	return watchers, true
}

// again counts a finding that was reported before. It was not kept if it was
// suppressed.
func (s *sink) again(print string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.byPrint[print]; old != nil {
		old.Count++
		old.Last = time.Now()
	}
}

// clone copies what a user might change of a finding that we keep.
func clone(f finding.Finding) finding.Finding {
	f.Resources = slices.Clone(f.Resources)
	f.Goroutines = slices.Clone(f.Goroutines)
	f.Measures = slices.Clone(f.Measures)
	return f
}

func (s *sink) emit(o *policy.Options, f finding.Finding) {
	switch {
	case o.Logger != nil:
		s.deliver(func() { logFinding(o.Logger, &f) })
	case o.Output == nil:
		s.write(os.Stderr, o.JSON, &f)
	case o.Output == io.Discard:
	default:
		if file, ok := o.Output.(*os.File); ok {
			s.write(file, o.JSON, &f)
			return
		}
		s.deliver(func() { s.write(o.Output, o.JSON, &f) })
	}
}

// write puts one finding on w in a single call. An error has nowhere to go.
func (s *sink) write(w io.Writer, asJSON bool, f *finding.Finding) {
	var text strings.Builder
	if asJSON {
		enc := json.NewEncoder(&text)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(f); err != nil {
			return
		}
	} else {
		text.WriteString("concdoctor: ")
		_ = finding.Printer{}.Print(&text, f)
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	_, _ = io.WriteString(w, text.String())
}

// addToBaseline says once a finding that the baseline cannot be written.
func (s *sink) addToBaseline(name string, f *finding.Finding) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := finding.AppendBaseline(name, *f); err != nil {
		fmt.Fprintf(os.Stderr, "concdoctor: %v\n", err)
	}
}

func logFinding(log *slog.Logger, f *finding.Finding) {
	level := map[finding.Severity]slog.Level{finding.Info: slog.LevelInfo, finding.Warning: slog.LevelWarn}
	l, ok := level[f.Severity]
	if !ok {
		l = slog.LevelError
	}
	log.Log(nil, l, f.Headline(), "rule", f.Rule, "certainty", f.Certainty.String(), //nolint:staticcheck // no context here
		"severity", f.Severity.String(), "fingerprint", f.Fingerprint, "fix", f.Fix)
}

// deliver runs f on the delivery goroutine, after all that was queued before.
func (s *sink) deliver(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = append(s.queue, f)
	if !s.delivering {
		s.delivering = true
		go s.drain()
	}
}

func (s *sink) drain() {
	for {
		s.mu.Lock()
		if len(s.queue) == 0 {
			s.delivering = false
			s.mu.Unlock()
			return
		}
		next := s.queue[0]
		s.queue = s.queue[1:]
		s.mu.Unlock()
		callUser(next)
	}
}

// callUser contains a panic of user code: it is said, and the program goes on.
func callUser(f func()) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(os.Stderr, "concdoctor: a callback for findings panicked: %v\n", r)
		}
	}()
	f()
}

// findings returns all that was found, in the order of reports.
func (s *sink) findings() []finding.Finding {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []finding.Finding
	for _, f := range s.byPrint {
		all = append(all, clone(*f))
	}
	slices.SortFunc(all, finding.Compare)
	return all
}

// watch registers f; the returned function takes it back.
func (s *sink) watch(f func(finding.Finding)) (stop func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.watchers == nil {
		s.watchers = make(map[int]func(finding.Finding))
	}
	id := s.watcherID
	s.watcherID++
	s.watchers[id] = f
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers, id)
	}
}
