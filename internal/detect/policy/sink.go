package policy

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/untrusted"
)

// maxFindings bounds the findings that the sink keeps: people do not read more.
const maxFindings = 1000

// Sink decides what becomes of findings. The goroutine that reports one writes it to
// standard error or a file itself, before it goes on or blocks for ever. User code
// (callbacks, loggers, writers) runs on a goroutine that lives only as long as there is
// something to deliver, so that it never runs inside a critical section of the program.
type Sink struct {
	options  atomic.Pointer[Options]
	unwanted atomic.Pointer[finding.Suppressor]

	// mu protects what follows. It is a leaf, and held during no I/O.
	mu          sync.Mutex
	byPrint     map[string]*finding.Finding
	subscribers map[int]func(finding.Finding)
	nextID      int
	queue       []func()
	delivering  bool

	// writing serializes writes of whole findings. It is a leaf.
	writing sync.Mutex
}

// Configure replaces the options.
func (s *Sink) Configure(o Options) {
	o = o.WithDefaults()
	files := finding.BaselineFiles(o.Baseline, o.WriteBaseline)
	if o.SuppressFile != "" {
		files = append(files, o.SuppressFile)
	}
	u, err := finding.NewSuppressor(o.Suppress, files)
	if err != nil {
		fmt.Fprintf(os.Stderr, "concdoctor: %s\n", untrusted.Text(err.Error()))
	}
	s.unwanted.Store(u)
	s.options.Store(&o)
}

// Options returns the current options, which the caller must not change.
func (s *Sink) Options() *Options { return s.options.Load() }

// Report takes a new finding. The caller must not hold a lock of ours.
func (s *Sink) Report(f finding.Finding) {
	o := s.Options()
	f = untrusted.Clean(f)
	f.Fingerprint = f.ComputeFingerprint()
	if f.Certainty < o.MinCertainty {
		return
	}
	if _, _, unwanted := s.unwanted.Load().Suppresses(&f); unwanted {
		return
	}
	f.Count, f.First = 1, time.Now()
	f.Last = f.First
	subscribers, isNew := s.keep(f)
	if !isNew {
		return
	}
	s.emit(o, f)
	if o.WriteBaseline != "" {
		s.addToBaseline(o.WriteBaseline, &f)
	}
	for _, call := range subscribers {
		s.deliver(func() { call(clone(f)) })
	}
	if o.HaltCode != 0 && f.Severity >= finding.Error && !isOfTime(f.Rule) {
		os.Exit(o.HaltCode)
	}
}

// isOfTime reports whether a rule is about what takes long. The program may go on, so that
// it is not ended.
func isOfTime(id finding.RuleID) bool {
	rule, _ := finding.LookupRule(id)
	return rule.Family == finding.FamilyTime
}

// keep stores f or counts it, and returns the subscribers if it is new. A finding that is
// more certain than an earlier one replaces it and counts as new: what could happen has
// happened.
func (s *Sink) keep(f finding.Finding) (subscribers []func(finding.Finding), isNew bool) {
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
	for id := range s.nextID {
		if call := s.subscribers[id]; call != nil {
			subscribers = append(subscribers, call)
		}
	}
	return subscribers, true
}

// Again counts one more occurrence of a finding that was reported before, unless that was
// suppressed.
func (s *Sink) Again(print string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.byPrint[print]; old != nil {
		old.Count++
		old.Last = time.Now()
	}
}

// clone copies the parts of a kept finding that a user could change.
func clone(f finding.Finding) finding.Finding {
	f.Resources = slices.Clone(f.Resources)
	f.Goroutines = slices.Clone(f.Goroutines)
	f.Measures = slices.Clone(f.Measures)
	return f
}

// Findings returns the distinct findings so far, in the order of reports.
func (s *Sink) Findings() []finding.Finding {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []finding.Finding
	for _, f := range s.byPrint {
		all = append(all, clone(*f))
	}
	slices.SortFunc(all, finding.Compare)
	return all
}

// Subscribe calls f for each distinct finding from now on. The returned function ends that.
func (s *Sink) Subscribe(f func(finding.Finding)) (stop func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.subscribers == nil {
		s.subscribers = make(map[int]func(finding.Finding))
	}
	id := s.nextID
	s.nextID++
	s.subscribers[id] = f
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.subscribers, id)
	}
}

// Forget makes the sink forget all findings, for tests.
func (s *Sink) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byPrint = nil
}
