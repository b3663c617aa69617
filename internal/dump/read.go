package dump

import (
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/logtext"
)

var (
	headLine    = regexp.MustCompile(`goroutine (\d+) (?:gp=\S+ m=\S+(?: mp=\S+)? )?\[([^\]]+?)( labels:\{.*\})?\]:$`)
	funcLine    = regexp.MustCompile(`^(\S.*)\(([^()]*)\)$`)
	fileLine    = regexp.MustCompile(`^(?:\t| {4,8})(\S.*):(\d+)(?: \+0x[0-9a-f]+)?(?: fp=0x[0-9a-f]+ sp=0x[0-9a-f]+ pc=0x[0-9a-f]+)?$`)
	createdLine = regexp.MustCompile(`^created by (\S.*?)(?: in goroutine (\d+))?$`)
	causeLine   = regexp.MustCompile(`(panic: |fatal error: |SIG[A-Z]+: |http2?: panic serving \S+: )\S.*$`)
	serveCause  = regexp.MustCompile(`^http2?: panic serving \S+: `)
	testLine    = regexp.MustCompile(`^\s+(\S+ \([0-9.hmsµn]+\))$`)
	hexWord     = regexp.MustCompile(`^0x[0-9a-f]{1,16}$`)
)

const (
	// maxCause bounds the text of a panic, which may be anything.
	maxCause = 200
	// maxTests bounds the tests named by a time-out.
	maxTests = 20
	// causeReach is how many lines may stand between the cause and the first
	// goroutine: registers, the list of running tests, a panic's other lines.
	causeReach = 40
	// asleep is what the runtime's own check says, see checkdead in proc.go.
	asleep = "fatal error: all goroutines are asleep - deadlock!"
)

// Read reads all dumps of r. On an error of r the dumps are what came before it.
func Read(r io.Reader) ([]Dump, error) {
	s := NewScanner()
	_, err := logtext.Read(r, s.Line)
	return s.End(), err
}

// Scanner finds dumps in the lines of a log. It belongs to one goroutine.
type Scanner struct {
	dumps   []Dump
	streams map[string]*builder
	intern  *interner
}

// NewScanner returns a scanner that has seen no line.
func NewScanner() *Scanner {
	return &Scanner{streams: make(map[string]*builder), intern: newInterner()}
}

// Line takes the next line.
func (s *Scanner) Line(l logtext.Line) {
	b := s.streams[l.Stream]
	if b == nil {
		if !isStart(l.Text) {
			return
		}
		b = &builder{intern: s.intern}
		s.streams[l.Stream] = b
	}
	if done := b.line(l); done != nil {
		s.dumps = append(s.dumps, *done)
	}
}

// isStart is quick, since most lines of a log are none of ours.
func isStart(text string) bool {
	return strings.Contains(text, "goroutine ") || strings.Contains(text, ": ") && causeLine.MatchString(text)
}

// End ends the dumps under way and returns all in the order of their first lines.
func (s *Scanner) End() []Dump {
	for _, b := range s.streams {
		if done := b.end(); done != nil {
			s.dumps = append(s.dumps, *done)
		}
	}
	slices.SortStableFunc(s.dumps, func(a, b Dump) int { return a.Line - b.Line })
	return s.dumps
}

// builder gathers the dumps of one stream.
type builder struct {
	intern *interner
	dump   *Dump
	seen   map[uint64]bool
	// prefix is the number of bytes in front of the lines.
	prefix int
	// cause waits for a goroutine to follow; causeAt is its line, tests what it named.
	cause   string
	causeAt int
	tests   []string

	g *Goroutine
	// name and words are a call whose position has not come yet; created says that
	// the call is the go statement; ancestors that the calls are no longer its own.
	name      string
	words     string
	created   bool
	ancestors bool
	stack     finding.Stack
}

// line takes a line and returns the dump that it ended, nil if none.
func (b *builder) line(l logtext.Line) (done *Dump) {
	if m := headLine.FindStringSubmatchIndex(l.Text); m != nil {
		return b.head(l, m)
	}
	if m := causeLine.FindStringIndex(l.Text); m != nil && !strings.HasPrefix(l.Text, "\t") {
		b.flush()
		b.cause, b.causeAt, b.tests = l.Text[m[0]:], l.Number, nil
		if b.cause == asleep {
			done = b.end()
			b.begin(l.Number, m[0]) // the finding, even if no goroutine is printed
		}
		return done
	}
	text := l.Text[min(b.prefix, len(l.Text)):]
	if b.g == nil {
		if m := testLine.FindStringSubmatch(text); m != nil && b.cause != "" && len(b.tests) < maxTests {
			b.tests = append(b.tests, m[1])
		}
		return nil
	}
	if strings.TrimSpace(text) == "" {
		b.flush()
		return nil
	}
	b.body(text)
	return nil
}

// head begins a goroutine, and a dump if it is the first of one.
func (b *builder) head(l logtext.Line, m []int) (done *Dump) {
	b.flush()
	id, _ := strconv.ParseUint(l.Text[m[2]:m[3]], 10, 64) // 0 if out of range: no goroutine has it
	fresh := b.cause != "" && l.Number-b.causeAt <= causeReach
	if b.dump != nil && (b.seen[id] || fresh && b.dump.Cause == "" || fresh && b.causeAt > b.dump.Line && len(b.dump.Goroutines) > 0) {
		done = b.end()
	}
	if b.dump == nil {
		b.begin(l.Number, m[0])
	}
	if fresh && b.dump.Cause == "" {
		b.dump.Cause = clip(b.cause)
	}
	b.dump.Tests = append(b.dump.Tests, b.tests...)
	b.cause, b.tests = "", nil
	b.prefix = m[0]
	b.seen[id] = true
	b.g = &Goroutine{ID: id}
	b.state(l.Text[m[4]:m[5]])
	return done
}

func (b *builder) begin(line, prefix int) {
	b.dump = &Dump{Line: line}
	if b.cause == asleep {
		b.dump.Cause, b.cause = asleep, ""
	}
	b.seen = make(map[uint64]bool)
	b.prefix = prefix
}

// state takes the words between the brackets.
func (b *builder) state(text string) {
	for i, part := range strings.Split(text, ", ") {
		minutes, isWait := strings.CutSuffix(part, " minutes")
		switch {
		case i == 0:
			part, b.g.Leaked = cutFound(part, " (leaked)")
			part, _ = cutFound(part, " (scan)")
			b.g.State = b.intern.text(part)
		case isWait:
			b.g.Minutes, _ = strconv.ParseInt(minutes, 10, 64) // 0 if out of range: not told
		case part == "locked to thread":
			b.g.Locked = true
		}
	}
}

func cutFound(s, suffix string) (string, bool) {
	rest, found := strings.CutSuffix(s, suffix)
	return rest, found
}

// body takes a line that belongs to a goroutine or slipped in.
func (b *builder) body(text string) {
	if strings.HasPrefix(text, "[originating from goroutine ") {
		b.ancestors = true
		return
	}
	if m := fileLine.FindStringSubmatch(text); m != nil {
		b.position(m[1], m[2])
		return
	}
	if m := createdLine.FindStringSubmatch(text); m != nil {
		b.name, b.words, b.created = m[1], "", true
		b.g.Parent, _ = strconv.ParseUint(m[2], 10, 64) // 0 if not told
		return
	}
	if m := funcLine.FindStringSubmatch(text); m != nil && !strings.Contains(m[1], " ") {
		b.name, b.words, b.created = m[1], m[2], false
	}
}

// position ends a call.
func (b *builder) position(file, line string) {
	name := b.name
	b.name = ""
	n, err := strconv.Atoi(line)
	if name == "" || err != nil || b.ancestors {
		return
	}
	frame := finding.Frame{Func: b.intern.text(name), File: b.intern.text(file), Line: n}
	if b.created {
		b.g.Created = frame
		return
	}
	if name == "panic" && b.g.State == "running" {
		// Above it is who recovered and wrote the dump; below, who panicked.
		b.stack, b.g.args = b.stack[:0], nil
	}
	if isPlumbing(name) {
		return
	}
	b.words = strings.NewReplacer("{", "", "}", "").Replace(b.words)
	for word := range strings.SplitSeq(b.words, ", ") {
		// A word with "?" is whatever stood in the register's place: no value at all.
		if v, err := strconv.ParseUint(word, 0, 64); err == nil && v >= minAddress && hexWord.MatchString(word) {
			b.g.args = append(b.g.args, arg{value: v, frame: int32(len(b.stack))})
		}
	}
	b.stack = append(b.stack, frame)
}

// minAddress is below any address: the first page is never mapped.
const minAddress = 4096

// plumbing is what SIGQUIT and GOTRACEBACK=system show of the scheduler, and the
// compiler's wrappers; other dumps and profiles leave it out.
var plumbing = regexp.MustCompile(`^runtime\.(gopark|goparkunlock|goexit|main|mcall|systemstack|selectgo|semacquire1?|asyncPreempt2?|chan(recv|send)[12]?|block|notetsleepg|notifyListWait)$|^panic$|\.(gowrap|deferwrap)\d+$`)

func isPlumbing(name string) bool { return plumbing.MatchString(name) }

// flush ends the goroutine under way. Goroutine 0 is a thread's own stack.
func (b *builder) flush() {
	g := b.g
	if g == nil {
		return
	}
	b.g = nil
	stack := b.intern.stack(b.stack)
	b.stack, b.name, b.ancestors = b.stack[:0], "", false
	if g.ID == 0 || b.dump == nil {
		return
	}
	if len(b.dump.Goroutines) >= maxGoroutines {
		b.dump.Dropped++
		return
	}
	g.Stack = stack
	g.args = slices.Clip(g.args)
	g.Role = roleOf(g)
	b.dump.Goroutines = append(b.dump.Goroutines, *g)
}

func (b *builder) end() *Dump {
	b.flush()
	done := b.dump
	b.dump, b.seen = nil, nil
	return done
}

func clip(text string) string {
	if len(text) > maxCause {
		return strings.ToValidUTF8(text[:maxCause], "") + " …"
	}
	return text
}
