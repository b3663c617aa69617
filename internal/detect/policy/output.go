package policy

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/untrusted"
)

func (s *Sink) emit(o *Options, f finding.Finding) {
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

// write writes one finding to w in a single call. It has nowhere to report an error.
func (s *Sink) write(w io.Writer, asJSON bool, f *finding.Finding) {
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

// addToBaseline adds the finding to the baseline file.
func (s *Sink) addToBaseline(name string, f *finding.Finding) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := finding.AppendBaseline(name, *f); err != nil {
		fmt.Fprintf(os.Stderr, "concdoctor: %s\n", untrusted.Text(err.Error()))
	}
}

func logFinding(log *slog.Logger, f *finding.Finding) {
	level := map[finding.Severity]slog.Level{finding.Info: slog.LevelInfo, finding.Warning: slog.LevelWarn}
	l, ok := level[f.Severity]
	if !ok {
		l = slog.LevelError
	}
	log.Log(context.Background(), l, f.Headline(), "rule", f.Rule, "certainty", f.Certainty.String(),
		"severity", f.Severity.String(), "fingerprint", f.Fingerprint, "fix", f.Fix)
}

// deliver calls f on the delivery goroutine, after all that was queued before.
func (s *Sink) deliver(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = append(s.queue, f)
	if !s.delivering {
		s.delivering = true
		go s.drain()
	}
}

func (s *Sink) drain() {
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

// callUser recovers from a panic of user code and reports it, and the program goes on.
func callUser(f func()) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(os.Stderr, "concdoctor: a callback for findings panicked: %v\n", r)
		}
	}()
	f()
}
