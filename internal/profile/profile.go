package profile

import (
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"

	pprof "github.com/google/pprof/profile"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/input"
)

// Kind is the kind of a profile, in the words of a report.
type Kind string

// The kinds that say something about concurrency.
const (
	MutexKind     Kind = "mutex profile"
	BlockKind     Kind = "block profile"
	GoroutineKind Kind = "goroutine profile"
	LeakKind      Kind = "goroutineleak profile"
	// DumpKind is a goroutine dump, read by package dump.
	DumpKind Kind = "goroutine dump"
	// LockKind is a mutex or block profile without a sample that shows which.
	LockKind Kind = "mutex or block profile"
)

// Profile is what was read: samples with their stacks, all values already scaled
// to the whole by the runtime.
type Profile struct {
	Input string
	Kind  Kind
	// DurationNanos is the time that it covers, 0 if it does not say (it then
	// counts from the start of the process).
	DurationNanos int64
	// AtLeastNanos is how long the process ran at least, as the caller knows from
	// elsewhere. It serves where DurationNanos is 0.
	AtLeastNanos int64
	Samples      []Sample
	// Fraction is how many contentions each sample stands for; 1 if all were seen.
	Fraction int64
}

// Sample is one distinct stack.
type Sample struct {
	Stack finding.Stack
	Role  Role
	// Count is the number of waits, or of goroutines.
	Count int64
	// Nanos is the time waited in all; 0 in profiles of goroutines.
	Nanos int64
	// OldestMinutes is the longest wait in whole minutes; goroutine dumps have it.
	OldestMinutes int64
}

// maxBytes bounds what is read into memory: real profiles are below 100 MB. Read, a
// profile takes about memoryFactor times its size.
const (
	maxBytes     = 1 << 30
	memoryFactor = 10
)

// Read reads a profile in its protobuf or its text form. A profile that says
// nothing about concurrency gives a *input.UnknownError that names the one to take.
func Read(in *input.Input) (*Profile, error) {
	most := in.Budget(maxBytes, memoryFactor)
	data, err := io.ReadAll(io.LimitReader(in.R, most+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: byte %d: %w; take it again and let the download finish", in.Name, in.Offset(), err)
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("reading %s: it is larger than %d kB, and a profile is read into memory as a whole, at %d times its size: allow more with --max-memory",
			in.Name, most>>10, memoryFactor)
	}
	return decode(in.Name, data, isText(data))
}

func decode(name string, data []byte, text bool) (p *Profile, err error) {
	if text {
		p, err = readText(name, data)
	} else {
		p, err = readProto(name, data)
	}
	if err != nil {
		return nil, err
	}
	p.Input = name
	if !p.isSummable() {
		return nil, fmt.Errorf("reading %s: damaged profile: its values add up to more than any program can have waited; take it again", name)
	}
	if p.Kind == MutexKind && p.Fraction == 0 {
		p.Fraction = commonDivisor(p.Samples)
	}
	return p, nil
}

// isSummable reports whether no sum over samples can overflow. Values below zero are
// fine: goroutines that ended while a profile with ?seconds=N was taken.
func (p *Profile) isSummable() bool {
	var count, nanos uint64
	for i := range p.Samples {
		count += magnitude(p.Samples[i].Count)
		nanos += magnitude(p.Samples[i].Nanos)
		if max(count, nanos) > math.MaxInt64 {
			return false
		}
	}
	return true
}

// magnitude is exact for the least int64 too.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func readProto(name string, data []byte) (*Profile, error) {
	raw, err := pprof.ParseUncompressed(data)
	if err == nil {
		err = raw.CheckValid() // else samples may refer to locations that are not there
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: damaged or truncated profile of %d bytes: %w; take it again", name, len(data), err)
	}
	kind, err := kindOf(name, raw)
	if err != nil {
		return nil, err
	}
	p := &Profile{Kind: kind, DurationNanos: raw.DurationNanos}
	for _, s := range raw.Sample {
		stack := stackOf(s.Location)
		sample := Sample{Stack: stack, Role: roleOf(stack, false), Count: s.Value[0]}
		if len(s.Value) > 1 {
			sample.Nanos = s.Value[1]
		}
		p.Samples = append(p.Samples, sample)
	}
	if kind == LockKind {
		p.Kind = lockKindOf(p.Samples)
	}
	return p, nil
}

// kindOf finds the kind by the sample types. The period type of a mutex profile
// and of a block profile is the same, and so is all else but the stacks.
func kindOf(name string, raw *pprof.Profile) (Kind, error) {
	types := make([]string, len(raw.SampleType))
	for i, t := range raw.SampleType {
		types[i] = t.Type + "/" + t.Unit
	}
	switch joined := strings.Join(types, " "); joined {
	case "contentions/count delay/nanoseconds":
		return LockKind, nil
	case "goroutine/count":
		return GoroutineKind, nil
	case "goroutineleak/count":
		return LeakKind, nil
	default:
		if k, ok := customKind(types); ok {
			return k, nil
		}
		return "", useless(name, joined)
	}
}

// customKind is the kind of a profile of the program's own making: of something
// counted, as runtime/pprof.NewProfile makes them, possibly with a time for each.
func customKind(types []string) (Kind, bool) {
	if len(types) == 0 {
		return "", false
	}
	what, counts := strings.CutSuffix(types[0], "/count")
	timed := len(types) == 2 && strings.HasSuffix(types[1], "/nanoseconds")
	if !counts || len(what) > maxTypeBytes || len(types) > 1 && !timed || slices.Contains(notConcurrent, what) {
		return "", false
	}
	return Kind(what + " profile"), true
}

// IsCustom reports whether it is of the program's own making.
func (p *Profile) IsCustom() bool {
	switch p.Kind {
	case MutexKind, BlockKind, LockKind, GoroutineKind, LeakKind, DumpKind:
		return false
	}
	return true
}

// notConcurrent are the sample types of profiles that say nothing about concurrency:
// of the processor, of threads, of memory.
var notConcurrent = []string{"samples", "threadcreate", "alloc_objects", "inuse_objects", "objects", "heap"}

// maxTypeBytes is longer than the name of any profile, and keeps damage out of reports.
const maxTypeBytes = 100

// useless says what a profile without concurrency is, and which to take instead.
func useless(name, types string) error {
	looks := fmt.Sprintf("a profile of %q", types[:min(len(types), maxTypeBytes)])
	switch {
	case strings.Contains(types, "cpu/nanoseconds"):
		looks = "a CPU profile, which shows who runs and not who waits"
	case strings.Contains(types, "inuse_space") || strings.Contains(types, "heap"):
		looks = "a heap profile, which has no concurrency in it"
	case strings.Contains(types, "threadcreate"):
		looks = "a threadcreate profile, whose stacks the runtime no longer fills"
	}
	return &input.UnknownError{Name: name, Looks: looks,
		Next: "take a mutex profile (go test -mutexprofile=mutex.out), a block profile (-blockprofile), or HOST/debug/pprof/goroutine"}
}

// lockKindOf distinguishes a mutex from a block profile by the first stack that can. A stack
// of the runtime's alone is read like any other: in a block profile it is a
// goroutine of the runtime's that waits for a channel, as one does all the time
// while an execution trace is taken.
func lockKindOf(samples []Sample) Kind {
	for _, s := range samples {
		switch s.Role {
		case Receive, Send, Select, WaitGroup, Cond:
			return BlockKind
		}
		if endsInRuntimeLock(s.Stack) {
			return MutexKind
		}
		if kind := lockKindByCalls(s.Stack); kind != LockKind {
			return kind
		}
	}
	return LockKind
}

// lockKindByCalls goes by the innermost call that is a lock's or a channel's own.
func lockKindByCalls(s finding.Stack) Kind {
	for _, f := range s {
		if !f.IsMachinery() {
			break
		}
		switch method := f.Func[strings.LastIndexByte(f.Func, '.')+1:]; method {
		case "Unlock", "RUnlock":
			return MutexKind
		case "Lock", "RLock":
			return BlockKind
		}
		switch role, _ := lookupRole(f.Func); role {
		case Receive, Send, Select:
			return BlockKind
		}
	}
	return LockKind
}

// wrappers are functions that the compiler makes around go and defer statements;
// they have no line of their own that a user wrote.
var wrappers = regexp.MustCompile(`\.(gowrap|deferwrap)\d+$`)

var typeArguments = regexp.MustCompile(`\[.*\]`)

// readable leaves out the type arguments, which a profile writes out: traces and
// printed stacks have "[...]" for them, and one function has one name in a report.
func readable(function string) string { return typeArguments.ReplaceAllString(function, "[...]") }

// stackOf lists the calls innermost first; a location holds inlined calls so too.
func stackOf(locations []*pprof.Location) finding.Stack {
	stack := make(finding.Stack, 0, len(locations))
	for _, loc := range locations {
		if len(loc.Line) == 0 {
			stack = append(stack, finding.Frame{Func: fmt.Sprintf("%#x", loc.Address)})
		}
		for _, line := range loc.Line {
			if line.Function == nil || wrappers.MatchString(line.Function.Name) {
				continue
			}
			stack = append(stack, finding.Frame{Func: readable(line.Function.Name), File: line.Function.Filename, Line: int(line.Line)})
		}
	}
	return slices.Clip(stack)
}

// maxChance is how unlikely it must be that counts share a divisor by chance before
// they are taken for sampled.
const maxChance = 1e-4

// commonDivisor returns the greatest common divisor of the counts if it is the
// fraction given to runtime.SetMutexProfileFraction, else 1. Numbers have a divisor
// d in common with chance 1/d for each number; equal counts are taken for one, since
// programs repeat themselves.
func commonDivisor(samples []Sample) int64 {
	var d int64
	distinct := make(map[int64]bool)
	for _, s := range samples {
		if s.Count == 0 {
			continue // has every divisor, and says nothing
		}
		distinct[s.Count] = true
		for a := s.Count; a != 0; {
			d, a = a, d%a
		}
	}
	if d <= 1 || math.Pow(float64(d), -float64(len(distinct))) > maxChance {
		return 1
	}
	return d
}
