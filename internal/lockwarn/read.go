package lockwarn

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/logtext"
)

// Kind is what go-deadlock warns of.
type Kind uint8

// The kinds of warning.
const (
	Order   Kind = iota + 1 // two locks taken in both orders
	Again                   // a goroutine asks for a lock that it holds
	TooLong                 // a goroutine waits longer than Opts.DeadlockTimeout
)

// Warning is one warning.
type Warning struct {
	Kind Kind
	// Line is the 1-based line of the input on which it starts.
	Line int
	// Calls are the calls of Lock in the order of the text: of Order before, after,
	// before, after; of Again the new call and the old one; of TooLong the holders
	// and, last, the one that waits.
	Calls []Call
	// Timeout is the time that TooLong exceeded.
	Timeout time.Duration
	// Confused is a goroutine id in the warning that no goroutine of a program has, "" if
	// there is none.
	Confused string
}

// Call is one call of Lock or RLock.
type Call struct {
	// Goroutine and Lock are 0 where the warning does not name them.
	Goroutine, Lock uint64
	// Shared says that the line of code calls RLock.
	Shared bool
	Stack  finding.Stack
}

const mark = "POTENTIAL DEADLOCK:"

var (
	frameLine = regexp.MustCompile(`^(\S.*):(\d+) (\S+) (\{ .* \}|\?\?\?)( <<<<<)?$`)
	whoLine   = regexp.MustCompile(`^(?:current )?goroutine (\d+) lock (0x[0-9a-f]+|.*)$`)
	longLine  = regexp.MustCompile(`^Have been trying to lock it again for more than (\S+)$`)
	readCode  = regexp.MustCompile(`\.RLock\(\)`)
)

// Log is what a text held.
type Log struct {
	Warnings []Warning
	// Unparsed counts warnings that are torn, cut off or of an unknown form.
	Unparsed int
}

// reports finds those of a log in its lines and adds them to l.
func (l *Log) reports() logtext.Reports[*builder] {
	return logtext.Reports[*builder]{Mark: mark, Begin: newBuilder, Ended: l.add}
}

func (l *Log) add(b *builder) {
	if b.isWhole() {
		if b.olderFirst {
			slices.Reverse(b.w.Calls)
			b.w.Calls[0].Goroutine, b.w.Calls[0].Lock = b.w.Calls[1].Goroutine, b.w.Calls[1].Lock
		}
		l.Warnings = append(l.Warnings, b.w)
	} else {
		l.Unparsed++
	}
}

// builder gathers one warning.
type builder struct {
	w Warning
	// waiter says that the last call is the one that waits, olderFirst that the call that
	// holds the lock comes before the one that asks for it again.
	waiter, olderFirst bool
	// others says that what follows is about the locks of other goroutines.
	others bool
}

func newBuilder(line int) *builder { return &builder{w: Warning{Line: line}} }

// kindOf reads what follows the mark; 0 if it is of no known kind.
func kindOf(rest string) Kind {
	switch {
	case strings.HasPrefix(rest, "Inconsistent locking"):
		return Order
	case strings.HasPrefix(rest, "Recursive locking"), strings.HasPrefix(rest, duplicate):
		return Again
	case rest == "":
		return TooLong
	}
	return 0
}

// duplicate is what versions before 0.3 call recursive locking. They write the older call
// first.
const duplicate = "Duplicate locking"

// heads begin a call; those with a goroutine may have it on the next line. The misspelt one
// is of versions before 0.3.
var heads = []string{
	"happened before", "happened after", "happend after", "in another goroutine: happened before",
	"Previous place where the lock was grabbed", "all callers to this lock in the goroutine",
}

// Line takes a line and reports whether it ended what we use of the warning.
func (b *builder) Line(text string) (ended bool) {
	if rest, begins := strings.CutPrefix(text, mark); begins {
		rest = strings.TrimSpace(rest)
		b.w.Kind, b.olderFirst = kindOf(rest), strings.HasPrefix(rest, duplicate)
		return false
	}
	if m := frameLine.FindStringSubmatch(text); m != nil {
		b.frame(m)
		return false
	}
	if m := whoLine.FindStringSubmatch(text); m != nil {
		b.who(m)
		return false
	}
	if b.others {
		return strings.TrimSpace(text) != ""
	}
	if m := longLine.FindStringSubmatch(text); m != nil {
		b.w.Timeout, _ = time.ParseDuration(m[1]) // 0 if it is none: unknown
		b.waiter = true
		b.begin()
		return false
	}
	switch {
	case strings.HasPrefix(text, "Other goroutines holding locks:"):
		b.others = true
	case strings.HasPrefix(text, "Here is what goroutine "), strings.HasPrefix(text, "All current goroutines:"):
		return true
	case slices.ContainsFunc(heads, func(h string) bool { return strings.HasPrefix(text, h) }):
		b.begin()
	}
	return false
}

// begin begins a call, unless the last one, which has only been named, is it.
func (b *builder) begin() {
	if n := len(b.w.Calls); n > 0 && len(b.w.Calls[n-1].Stack) == 0 && b.olderFirst {
		return
	}
	b.w.Calls = append(b.w.Calls, Call{})
}

func (b *builder) who(m []string) {
	if m[1] == "0" || m[1] == "2" { // the runtime counts from 1, and has 2 for itself
		b.w.Confused = m[1]
	}
	if b.others {
		return
	}
	if b.w.Kind == Again && len(b.w.Calls) == 0 {
		b.begin()
	}
	if n := len(b.w.Calls); n > 0 && len(b.w.Calls[n-1].Stack) == 0 {
		b.w.Calls[n-1].Goroutine, _ = strconv.ParseUint(m[1], 10, 64) // 0 if out of range: unknown
		b.w.Calls[n-1].Lock, _ = strconv.ParseUint(m[2], 0, 64)       // 0 if it is printed as a struct
	}
}

// frame adds a call to the stack. Blank lines between the lines mean nothing: loggers add
// some. The first line of a stack has a mark. Where Lock is inlined, its caller comes a
// second time, with the line above.
func (b *builder) frame(m []string) {
	n := len(b.w.Calls)
	line, err := strconv.Atoi(m[2])
	if err != nil || n == 0 || b.others {
		return
	}
	first := m[5] != ""
	if first && b.olderFirst && len(b.w.Calls[n-1].Stack) > 0 {
		b.begin()
		n++
	}
	c := &b.w.Calls[n-1]
	if first {
		c.Shared = readCode.MatchString(m[4]) || strings.HasSuffix(m[3], ".RLock")
	}
	f := finding.Frame{Func: fullName(m[3], m[1]), File: m[1], Line: line}
	if isOwn(m[3], m[1]) || strings.HasPrefix(f.Func, "runtime.") || strings.HasPrefix(f.Func, "internal/runtime/") {
		return
	}
	if last := len(c.Stack) - 1; last == 0 && c.Stack[0].Func == f.Func && line <= c.Stack[0].Line {
		return
	}
	if len(c.Stack) == 0 && readCode.MatchString(m[4]) {
		c.Shared = true
	}
	c.Stack = append(c.Stack, f)
}

// isWhole reports whether every call that the kind has is there, with its stack.
func (b *builder) isWhole() bool {
	for _, c := range b.w.Calls {
		if len(c.Stack) == 0 {
			return false
		}
	}
	switch n := len(b.w.Calls); b.w.Kind {
	case Order:
		return n == 4
	case Again:
		return n == 2
	case TooLong:
		return n >= 2 && b.waiter
	}
	return false
}
