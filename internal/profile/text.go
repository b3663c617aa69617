package profile

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// The text form is what runtime/pprof writes with debug=1: a head line, for locks
// "cycles/second=" and "sampling period=", then for each stack a line "VALUES @
// ADDRESSES" with one comment line a frame that names its function. The parser
// of google/pprof drops those comments, which here are the point.
var (
	textLock   = regexp.MustCompile(`^(\d+) (\d+) @`)
	textCount  = regexp.MustCompile(`^(\d+) @`)
	textFrame  = regexp.MustCompile(`^#\t0x[0-9a-f]+\t(\S.*)\+0x[0-9a-f]+\s+(\S.*):(\d+)$`)
	textTotal  = regexp.MustCompile(`^([a-z]+) profile: total \d+$`)
	textHeader = regexp.MustCompile(`^(cycles/second|sampling period)\s*=\s*(\d+)$`)
)

// textReader is the state of one reading.
type textReader struct {
	name    string
	p       *Profile
	locks   bool
	hz      int64
	pending *Sample
}

func readText(name string, data []byte) (*Profile, error) {
	first, _, _ := bytes.Cut(bytes.TrimPrefix(data, byteOrderMark), []byte("\n"))
	r := &textReader{name: name, p: &Profile{}}
	if err := r.start(strings.TrimSpace(string(first))); err != nil {
		return nil, err
	}
	line := 0
	for text := range bytes.Lines(data) {
		line++
		if line == 1 {
			continue
		}
		if err := r.line(strings.TrimRight(string(text), "\r\n")); err != nil {
			return nil, fmt.Errorf("reading %s: line %d: %w", name, line, err)
		}
	}
	r.flush()
	return r.p, nil
}

func (r *textReader) start(first string) error {
	switch {
	case first == "--- mutex:":
		r.p.Kind, r.locks = MutexKind, true
		return nil
	case first == "--- contention:":
		r.p.Kind, r.locks = BlockKind, true
		return nil
	}
	total := textTotal.FindStringSubmatch(first)
	switch {
	case total == nil:
		return useless(r.name, first)
	case total[1] == "goroutine":
		r.p.Kind = GoroutineKind
	case total[1] == "goroutineleak":
		r.p.Kind = LeakKind
	default:
		kind, ok := customKind([]string{total[1] + "/count"})
		if !ok {
			return useless(r.name, total[1])
		}
		r.p.Kind = kind
	}
	return nil
}

// line takes one line after the first. Lines of no known form are comments: the
// form has no end mark, and labels and blank lines stand between the stacks.
func (r *textReader) line(text string) error {
	if m := textFrame.FindStringSubmatch(text); m != nil {
		return r.frame(m)
	}
	if m := textHeader.FindStringSubmatch(text); m != nil {
		return r.header(m[1], m[2])
	}
	if r.locks {
		if m := textLock.FindStringSubmatch(text); m != nil {
			return r.lockSample(m[1], m[2])
		}
		return nil
	}
	if m := textCount.FindStringSubmatch(text); m != nil {
		return r.countSample(m[1])
	}
	return nil
}

func (r *textReader) header(key, value string) error {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return fmt.Errorf("parsing %s: %w", key, err)
	}
	if key == "cycles/second" {
		r.hz = n
	} else if r.p.Kind == MutexKind {
		r.p.Fraction = n
	}
	return nil
}

func (r *textReader) lockSample(cycles, count string) error {
	c, err := strconv.ParseInt(cycles, 10, 64)
	if err != nil {
		return fmt.Errorf("parsing cycles: %w", err)
	}
	if r.hz <= 0 {
		return fmt.Errorf("stack before the line cycles/second=N, without which its %d cycles are no time; take the profile again without debug=1", c)
	}
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil {
		return fmt.Errorf("parsing count: %w", err)
	}
	nanos := float64(c) / float64(r.hz) * 1e9
	if nanos >= math.MaxInt64 { // 292 years
		return fmt.Errorf("its %d cycles at %d a second are more than any program can have waited; take the profile again", c, r.hz)
	}
	r.begin(Sample{Count: n, Nanos: int64(nanos)})
	return nil
}

func (r *textReader) countSample(count string) error {
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil {
		return fmt.Errorf("parsing count: %w", err)
	}
	r.begin(Sample{Count: n})
	return nil
}

func (r *textReader) frame(m []string) error {
	line, err := strconv.Atoi(m[3])
	if err != nil {
		return fmt.Errorf("parsing line number: %w", err)
	}
	if r.pending != nil && !wrappers.MatchString(m[1]) {
		r.pending.Stack = append(r.pending.Stack, finding.Frame{Func: readable(m[1]), File: m[2], Line: line})
	}
	return nil
}

func (r *textReader) begin(s Sample) {
	r.flush()
	r.pending = &s
}

func (r *textReader) flush() {
	if r.pending == nil {
		return
	}
	r.pending.Role = roleOf(r.pending.Stack, true)
	r.p.Samples = append(r.p.Samples, *r.pending)
	r.pending = nil
}
