package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/untrusted"
)

const (
	// progressAfter is how long an input may take before progress is shown: shorter waits
	// are over before the line is read.
	progressAfter = time.Second
	// progressEvery is the time between lines where they pile up, as in a CI log.
	progressEvery = 10 * time.Second
)

// progress shows on standard error how far reading has come: in one line that is rewritten
// on a terminal, else in one line every few seconds. It is used by one goroutine at a
// time.
type progress struct {
	w        io.Writer
	terminal bool
	now      func() time.Time

	name    string
	started time.Time
	shown   time.Time
	columns int // of the line that stands on the terminal
}

func newProgress(w io.Writer) *progress {
	return &progress{w: w, terminal: isTerminal(w), now: time.Now}
}

// start notes that an input begins; update may then be called with its name.
func (p *progress) start(name string) {
	p.clear()
	p.name, p.started, p.shown = name, p.now(), time.Time{}
}

// update is analyzer.Options.Progress.
func (p *progress) update(name string, done, total int64) {
	if name != p.name {
		p.start(name)
	}
	now := p.now()
	if now.Sub(p.started) < progressAfter || !p.terminal && now.Sub(p.shown) < progressEvery {
		return
	}
	p.shown = now
	name = untrusted.Line(name)
	text := fmt.Sprintf("reading %s: %s", name, size(done))
	if total > 0 {
		text = fmt.Sprintf("reading %s: %s of %s", name, finding.FormatShare(float64(done)/float64(total)), size(total))
	}
	if !p.terminal {
		fmt.Fprintln(p.w, text)
		return
	}
	p.show(text)
}

// show replaces the line on the terminal.
func (p *progress) show(text string) {
	fmt.Fprintf(p.w, "\r%-*s", p.columns, text)
	p.columns = len([]rune(text))
}

// clear removes the line from the terminal.
func (p *progress) clear() {
	if p.columns > 0 {
		fmt.Fprintf(p.w, "\r%s\r", strings.Repeat(" ", p.columns))
		p.columns = 0
	}
}

func size(n int64) string {
	return finding.Measure{Value: float64(n), Unit: finding.Bytes}.Text()
}
