package profile

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	pprof "github.com/google/pprof/profile"

	"github.com/concdoctor/concdoctor/internal/input"
)

// stack is one sample of a made profile: the calls innermost first, as "func:line",
// and the values.
type stack struct {
	calls  string
	values []int64
}

const millis = 1_000_000

// waits is a stack of a mutex or block profile.
func waits(count, totalMillis int64, calls ...string) stack {
	return stack{strings.Join(calls, " "), []int64{count, totalMillis * millis}}
}

// goroutines is a stack of a profile of goroutines.
func goroutines(count int64, calls ...string) stack {
	return stack{strings.Join(calls, " "), []int64{count}}
}

var (
	lockTypes      = []string{"contentions/count", "delay/nanoseconds"}
	goroutineTypes = []string{"goroutine/count"}
	leakTypes      = []string{"goroutineleak/count"}
)

// encode makes a profile in protobuf with exact values.
func encode(t testing.TB, durationNanos int64, types []string, stacks ...stack) []byte {
	t.Helper()
	p := &pprof.Profile{PeriodType: &pprof.ValueType{Type: strings.Split(types[0], "/")[0], Unit: "count"}, Period: 1, DurationNanos: durationNanos}
	for _, text := range types {
		name, unit, _ := strings.Cut(text, "/")
		p.SampleType = append(p.SampleType, &pprof.ValueType{Type: name, Unit: unit})
	}
	for _, s := range stacks {
		sample := &pprof.Sample{Value: s.values}
		for call := range strings.FieldsSeq(s.calls) {
			name, line, _ := strings.Cut(call, ":")
			n := 1
			fmt.Sscan(line, &n)
			f := &pprof.Function{ID: uint64(len(p.Function) + 1), Name: name, Filename: fileOf(name)}
			loc := &pprof.Location{ID: f.ID, Address: f.ID, Line: []pprof.Line{{Function: f, Line: int64(n)}}}
			p.Function = append(p.Function, f)
			p.Location = append(p.Location, loc)
			sample.Location = append(sample.Location, loc)
		}
		p.Sample = append(p.Sample, sample)
	}
	var b bytes.Buffer
	if err := p.WriteUncompressed(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// fileOf puts functions of main into a user's file and others into GOROOT's.
func fileOf(name string) string {
	slash := strings.LastIndexByte(name, '/') + 1
	pkg := name[:slash] + strings.SplitN(name[slash:], ".", 2)[0]
	if pkg == "main" {
		return "/src/app/main.go"
	}
	return "/go/src/" + pkg + "/x.go"
}

// read recognises and reads data as the analyzer does.
func read(t *testing.T, data []byte) *Profile {
	t.Helper()
	p, err := tryRead(data)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func tryRead(data []byte) (*Profile, error) {
	in, err := input.New("standard input", bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return Read(in)
}

// outline writes spots in short.
func outline(spots []*Spot) []string {
	var lines []string
	for _, s := range spots {
		lines = append(lines, fmt.Sprintf("%d %dms %s %s", s.Count, s.Nanos/millis, s.Role, s.Stack.Site()))
	}
	return lines
}
