package dump

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

var (
	causeLine = regexp.MustCompile(`(panic: |fatal error: |SIG[A-Z]+: |http2?: panic serving \S+: )\S.*$`)
	testLine  = regexp.MustCompile(`^\s+(\S+ \([0-9.hmsµn]+\))$`)
)

const (
	// maxCause bounds the text of a panic, which may be anything.
	maxCause = 200
	// maxTests bounds the tests named by a time-out.
	maxTests = 20
	// causeReach is how many lines may stand between the cause and the first
	// goroutine: registers, the list of running tests, a panic's other lines.
	causeReach = 40
	// maxGoroutines is how many goroutines of a dump in a log are kept one by one. A dump
	// of more has gigabytes, and its first 200,000 show what is wrong.
	maxGoroutines = 200_000
)

// Asleep is what the runtime's own check says, see checkdead in proc.go.
const Asleep = "fatal error: all goroutines are asleep - deadlock!"

// parser reads the dumps in the lines of one stream of text. It belongs to one goroutine.
type parser struct {
	intern *interner
	dump   *Dump
	// seen are the goroutines of the dump; nil where the text is one dump.
	seen map[uint64]bool
	// limit is how many goroutines are kept, keepArgs whether the arguments of their
	// calls are.
	limit    int
	keepArgs bool
	// prefix is the number of bytes in front of the lines.
	prefix int
	// cause waits for a goroutine to follow; causeAt is its line, tests what it named.
	cause   string
	causeAt int
	tests   []string

	g *Goroutine // begun and not yet in the dump
	// call is the first line of a call whose second line has not come yet.
	call  call
	stack finding.Stack
	// ancestors says that the calls are those of the goroutines that created this one.
	ancestors bool
	// empty counts the empty lines since the last other one. Spaced says that an empty line
	// follows each line of the goroutine, as some collectors of logs do it.
	empty  int
	spaced bool
}

// call is the first line of a call, or of a go statement if it is created.
type call struct {
	function, words string
	created         bool
}

// line takes a line and returns the dump that it ended, nil if none.
func (p *parser) line(number int, text string) (done *Dump) {
	if h, ok := cutHead(text); ok {
		return p.head(number, h)
	}
	if at, ok := findCause(text); ok {
		return p.begunBy(number, at, text[at:])
	}
	text = text[min(p.prefix, len(text)):]
	if p.g == nil {
		p.test(text)
		return nil
	}
	if strings.TrimSpace(text) == "" {
		p.emptyLine()
		return nil
	}
	p.empty = 0
	p.body(text)
	return nil
}

// emptyLine ends a goroutine, unless empty lines stand between its own.
func (p *parser) emptyLine() {
	p.empty++
	p.spaced = p.spaced || len(p.stack) == 0 && p.call.function == ""
	if !p.spaced || p.empty > 1 {
		p.flush()
	}
}

// findCause returns where in a line the reason stands that a dump follows.
func findCause(text string) (at int, ok bool) {
	if strings.HasPrefix(text, "\t") || !strings.Contains(text, ": ") {
		return 0, false
	}
	found := causeLine.FindStringIndex(text)
	if found == nil {
		return 0, false
	}
	return found[0], true
}

// begunBy notes the reason of a dump, which begins at a column of a line.
func (p *parser) begunBy(number, at int, cause string) (done *Dump) {
	p.flush()
	p.cause, p.causeAt, p.tests = cause, number, nil
	if cause == Asleep {
		done = p.end()
		p.begin(number, at) // it is worth a report, even if no goroutine is printed
	}
	return done
}

// test takes a line between the reason and the first goroutine, which may name a test.
func (p *parser) test(text string) {
	if p.cause == "" || len(p.tests) >= maxTests {
		return
	}
	if m := testLine.FindStringSubmatch(text); m != nil {
		p.tests = append(p.tests, m[1])
	}
}

// head begins a goroutine, and a dump if it is the first of one.
func (p *parser) head(number int, h head) (done *Dump) {
	p.flush()
	fresh := p.cause != "" && number-p.causeAt <= causeReach
	if p.dump != nil && (p.seen[h.id] || fresh && p.dump.Cause == "" || fresh && p.causeAt > p.dump.Line && len(p.dump.Goroutines) > 0) {
		done = p.end()
	}
	if p.dump == nil {
		p.begin(number, h.at)
	}
	if fresh && p.dump.Cause == "" {
		p.dump.Cause = clip(p.cause)
	}
	p.dump.Tests = append(p.dump.Tests, p.tests...)
	p.cause, p.tests = "", nil
	p.prefix = h.at
	if p.seen != nil {
		p.seen[h.id] = true
	}
	p.g = &Goroutine{ID: h.id}
	p.state(h.state)
	return done
}

func (p *parser) begin(number, prefix int) {
	p.dump = &Dump{Line: number}
	if p.cause == Asleep {
		p.dump.Cause, p.cause = Asleep, ""
	}
	if p.seen != nil {
		p.seen = make(map[uint64]bool)
	}
	p.prefix = prefix
}

// state takes the words between the brackets.
func (p *parser) state(text string) {
	state, more, _ := strings.Cut(text, ", ")
	state, p.g.Leaked = strings.CutSuffix(state, " (leaked)")
	p.g.State = p.intern.text(strings.TrimSuffix(state, " (scan)"))
	for more != "" {
		var part string
		part, more, _ = strings.Cut(more, ", ")
		if minutes, isWait := strings.CutSuffix(part, " minutes"); isWait {
			p.g.Minutes, _ = strconv.ParseInt(minutes, 10, 64) // 0 if out of range: unknown
		} else if part == "locked to thread" {
			p.g.Locked = true
		}
	}
}

// body takes a line that belongs to a goroutine or slipped in.
func (p *parser) body(text string) {
	if file, line, ok := cutPosition(text); ok {
		p.position(file, line)
		return
	}
	if strings.HasPrefix(text, "[originating from goroutine ") {
		p.ancestors = true
		return
	}
	if function, parent, ok := cutCreated(text); ok {
		p.call = call{function: function, created: true}
		p.g.Parent = parent
		return
	}
	if function, words, ok := cutCall(text); ok {
		p.call = call{function: function, words: words}
	}
}

// position ends a call.
func (p *parser) position(file string, line int) {
	c := p.call
	p.call = call{}
	if c.function == "" || p.ancestors {
		return
	}
	if !c.created && c.function == "panic" && p.g.State == "running" {
		// Above it is the call that recovered and wrote the dump; below, the one that panicked.
		p.stack, p.g.Args = p.stack[:0], nil
	}
	if !c.created && isPlumbing(c.function) {
		if p.keepArgs {
			p.waitsOn(c)
		}
		return
	}
	frame := finding.Frame{Func: p.intern.text(c.function), File: p.intern.text(file), Line: line}
	if c.created {
		p.g.Created = frame
		return
	}
	if p.keepArgs {
		p.args(c.words)
	}
	p.stack = append(p.stack, frame)
}

// args keeps the words of a call that may be addresses.
func (p *parser) args(words string) {
	n := int32(0)
	for word := range strings.SplitSeq(words, ", ") {
		if v, ok := cutWord(word); ok {
			p.g.Args = append(p.g.Args, Arg{Value: v, Frame: int32(len(p.stack)), Word: n})
		}
		n++
	}
}

// waits are the runtime's calls whose first argument is what the goroutine waits on.
var waits = []string{"runtime.chanrecv", "runtime.chansend", "runtime.semacquire1", "runtime.notifyListWait"}

// waitsOn keeps what a call of the runtime waits on.
func (p *parser) waitsOn(c call) {
	if p.g.WaitsOn != 0 || !slices.Contains(waits, c.function) {
		return
	}
	first, _, _ := strings.Cut(c.words, ", ")
	p.g.WaitsOn, _ = cutWord(first) // 0 if it is none
}

// scheduling are the calls of the runtime below the one that a program made, as SIGQUIT
// and GOTRACEBACK=system show them; other dumps and profiles leave them out.
var scheduling = regexp.MustCompile(`^runtime\.(gopark|goparkunlock|goexit|main|mcall|systemstack|selectgo|semacquire1?|asyncPreempt2?|chan(recv|send)[12]?|block|notetsleepg|notifyListWait)$`)

// wrapper is the name of a function that the compiler makes around a go or defer statement.
var wrapper = regexp.MustCompile(`\.(gowrap|deferwrap)\d+$`)

// isPlumbing reports whether a function is one that dumps and profiles otherwise leave out.
func isPlumbing(function string) bool {
	switch {
	case function == "panic":
		return true
	case strings.HasPrefix(function, "runtime."):
		return scheduling.MatchString(function)
	}
	return strings.Contains(function, "wrap") && wrapper.MatchString(function)
}

// flush ends the goroutine under way. Goroutine 0 is a thread's own stack.
func (p *parser) flush() {
	g := p.g
	if g == nil {
		return
	}
	p.g = nil
	stack := p.stack
	p.stack, p.call, p.ancestors, p.spaced, p.empty = p.stack[:0], call{}, false, false, 0
	if g.ID == 0 || p.dump == nil {
		return
	}
	if len(p.dump.Goroutines) >= p.limit {
		p.dump.Dropped++
		return
	}
	g.Stack = p.intern.stack(stack)
	g.Args = slices.Clip(g.Args)
	p.dump.Goroutines = append(p.dump.Goroutines, *g)
}

func (p *parser) end() *Dump {
	p.flush()
	done := p.dump
	p.dump = nil
	return done
}

func clip(text string) string {
	if len(text) > maxCause {
		return strings.ToValidUTF8(text[:maxCause], "") + " …"
	}
	return text
}
