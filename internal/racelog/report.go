package racelog

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Report is one report of the race detector.
type Report struct {
	// Line is the 1-based line of the input on which it starts.
	Line int
	// Accesses are the two that met, the later one first.
	Accesses [2]Access
	// Variable is the name of the global variable, if the report has it.
	Variable string
}

// Access is one side of a race.
type Access struct {
	Write, Atomic bool
	Address       uint64
	// Goroutine is its id, 1 for the main goroutine.
	Goroutine uint64
	// Stack is nil where the detector's history no longer had it.
	Stack finding.Stack
	// Created is where the goroutine was started, nil for the main goroutine.
	Created finding.Stack
}

var (
	accessLine  = regexp.MustCompile(`^(Previous )?(?i:(atomic )?(read|write)) at (0x[0-9a-f]+) by (?:goroutine (\d+)|main goroutine):$`)
	createdLine = regexp.MustCompile(`^Goroutine (\d+) \([a-z ]+\) created at:$`)
	globalLine  = regexp.MustCompile(`^Global var (\S+) of size \d+ at 0x`)
	// otherLine heads a section that we do not use.
	otherLine = regexp.MustCompile(`^(Heap block|Mutex|Goroutine|As if synchronized) .*:$`)
	funcLine  = regexp.MustCompile(`^  (\S.*)\(\)$`)
	fileLine  = regexp.MustCompile(`^      (\S.*):(\d+) \+0x[0-9a-f]+$`)
)

const (
	mark   = "WARNING: DATA RACE"
	fence  = "=================="
	mainID = 1
)

// builder gathers one report line by line.
type builder struct {
	report   Report
	accesses int
	// stack is where frames go now, nil to drop them; name is the function whose
	// position has not come yet.
	stack   *finding.Stack
	name    string
	created map[uint64]*finding.Stack
	// text is the report as it stands in the log, for the case that it is torn.
	text strings.Builder
}

func newBuilder(line int) *builder {
	return &builder{report: Report{Line: line}, created: make(map[uint64]*finding.Stack)}
}

// keep adds a line to the text.
func (b *builder) keep(line string) {
	if b.text.Len()+len(line) < maxTornBytes {
		b.text.WriteString(line + "\n")
	}
}

// Line takes a line and reports whether it ended the report.
func (b *builder) Line(text string) (ended bool) {
	b.keep(text)
	if strings.HasPrefix(text, fence) {
		return true
	}
	if m := accessLine.FindStringSubmatch(text); m != nil {
		b.access(m)
		return false
	}
	if m := createdLine.FindStringSubmatch(text); m != nil {
		id, _ := strconv.ParseUint(m[1], 10, 64) // an id out of range joins no access
		b.stack = new(finding.Stack)
		b.created[id] = b.stack
		return false
	}
	if m := globalLine.FindStringSubmatch(text); m != nil {
		b.report.Variable = m[1]
	}
	b.frame(text)
	return false
}

func (b *builder) access(m []string) {
	b.accesses++
	b.stack = nil
	if b.accesses > len(b.report.Accesses) {
		return
	}
	a := &b.report.Accesses[b.accesses-1]
	a.Atomic = m[2] != ""
	a.Write = strings.EqualFold(m[3], "write")
	a.Address, _ = strconv.ParseUint(m[4], 0, 64) // 0 if out of range: not known
	a.Goroutine = mainID
	if m[5] != "" {
		a.Goroutine, _ = strconv.ParseUint(m[5], 10, 64)
	}
	b.stack = &a.Stack
}

func (b *builder) frame(text string) {
	if m := funcLine.FindStringSubmatch(text); m != nil {
		b.name = m[1]
		return
	}
	if m := fileLine.FindStringSubmatch(text); m != nil {
		line, err := strconv.Atoi(m[2])
		if err == nil && b.name != "" && b.stack != nil && !isPlumbing(b.name) {
			*b.stack = append(*b.stack, finding.Frame{Func: b.name, File: m[1], Line: line})
		}
		b.name = ""
	} else if otherLine.MatchString(text) {
		b.stack, b.name = nil, ""
	}
}

// plumbing is what stands between the code that touches memory and the memory:
// the runtime's map and slice functions, and the compiler's wrappers. Some are
// linked under another package's name, so Frame.IsMachinery cannot know them.
var plumbing = regexp.MustCompile(`^(runtime|internal/runtime/\w+)\.|\.(gowrap|deferwrap)\d+$`)

func isPlumbing(name string) bool { return plumbing.MatchString(name) }

// finish returns the report and whether it is whole: two accesses, at least one
// with its stack.
func (b *builder) finish() (Report, bool) {
	r := b.report
	for i := range r.Accesses {
		if created := b.created[r.Accesses[i].Goroutine]; created != nil {
			r.Accesses[i].Created = *created
		}
	}
	return r, b.accesses == 2 && (len(r.Accesses[0].Stack) > 0 || len(r.Accesses[1].Stack) > 0)
}
