package profile

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/sentences"
)

// verdicts writes findings in short: rule, certainty, severity, resource, role and
// function of the place.
func verdicts(found []finding.Finding) []string {
	var lines []string
	for _, f := range found {
		lines = append(lines, fmt.Sprintf("%s %s %s %s | %s %s", f.Rule, f.Certainty, f.Severity, f.Resources[0].Kind, f.Places[0].Role, f.Places[0].Stack.Site().ShortFunc()))
	}
	return lines
}

const second = int64(1e9)

func TestFindings(t *testing.T) {
	holder := func(count, ms int64, site string) stack { return waits(count, ms, "sync.(*Mutex).Unlock", site) }
	waiter := func(count, ms int64, site string) stack { return waits(count, ms, "sync.(*Mutex).Lock", site) }
	tests := []struct {
		name     string
		types    []string
		duration int64
		stacks   []stack
		want     []string
	}{
		{"mutex profile", lockTypes, 0, []stack{holder(100, 500, "main.hold:1")}, []string{"contention observed warning mutex | holds it here main.hold"}},
		{"read-write lock", lockTypes, 0, []stack{waits(100, 500, "sync.(*RWMutex).RUnlock", "main.read:1")}, []string{"contention observed warning rwmutex | holds it here main.read"}},
		{"block profile", lockTypes, 0, []stack{waiter(100, 500, "main.wait:1")}, []string{"contention observed warning mutex | waits here main.wait"}},
		{"two sites, heaviest first", lockTypes, 0, []stack{holder(100, 100, "main.a:1"), holder(100, 500, "main.b:2")},
			[]string{"contention observed warning mutex | holds it here main.b", "contention observed warning mutex | holds it here main.a"}},
		{"few but long", lockTypes, 0, []stack{waiter(2, 150, "main.wait:1")}, []string{"contention observed warning mutex | waits here main.wait"}},
		{"few and short", lockTypes, 0, []stack{waiter(9, 99, "main.wait:1")}, nil},
		{"many but below 10 ms", lockTypes, 0, []stack{holder(1000, 9, "main.hold:1")}, nil},
		{"below 5 % of lock waiting", lockTypes, 0, []stack{holder(100, 1000, "main.b:1"), holder(100, 49, "main.a:2")},
			[]string{"contention observed warning mutex | holds it here main.b"}},
		{"waiting for channels does not count into the share", lockTypes, 0, []stack{waits(100, 100_000, "runtime.chanrecv1", "main.idle:1"), waiter(100, 50, "main.wait:2")},
			[]string{"contention observed info mutex | waits here main.wait"}},
		{"little of an unknown time", lockTypes, 0, []stack{holder(2705, 99, "main.hold:1")}, []string{"contention observed info mutex | holds it here main.hold"}},
		{"the same of a known time", lockTypes, second, []stack{holder(2705, 99, "main.hold:1")}, []string{"contention observed warning mutex | holds it here main.hold"}},
		{"below 1 % of the time of the profile", lockTypes, 10 * second, []stack{holder(100, 99, "main.hold:1")}, nil},
		{"above 1 % of the time of the profile", lockTypes, 10 * second, []stack{holder(100, 101, "main.hold:1")}, []string{"contention observed warning mutex | holds it here main.hold"}},
		{"idle workers on a channel", lockTypes, 0, []stack{waits(100, 100_000, "runtime.chanrecv1", "main.idle:1")}, nil},
		{"select, wait group, cond and once", lockTypes, 0, []stack{waits(100, 9000, "runtime.selectgo", "main.a:1"), waits(100, 9000, "sync.(*WaitGroup).Wait", "main.b:2"),
			waits(100, 9000, "sync.(*Cond).Wait", "main.c:3"), waits(100, 9000, "sync.(*Mutex).Lock", "sync.(*Once).doSlow", "sync.(*Once).Do", "main.d:4")}, nil},
		{"locks of the runtime", lockTypes, 0, []stack{waits(100, 9000, "runtime.unlock", "runtime.chansend", "main.a:1"), waits(100, 9000, "runtime._LostContendedRuntimeLock")}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := read(t, encode(t, tt.duration, tt.types, tt.stacks...))
			found := p.Findings(nil)
			sentences.Hold(t, found...)
			if diff := cmp.Diff(tt.want, verdicts(found)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// A cumulative profile does not tell its time; what is known of it from elsewhere
// makes a remark of what is little in it.
func TestSeverityByKnownTime(t *testing.T) {
	data := encode(t, 0, lockTypes, waits(11, 483, "sync.(*Mutex).Unlock", "main.publish:1"))
	for atLeast, want := range map[int64]finding.Severity{0: finding.Warning, 48 * second: finding.Warning, 49 * second: finding.Info} {
		p := read(t, data)
		p.AtLeastNanos = atLeast
		if found := p.Findings(nil); len(found) != 1 || found[0].Severity != want {
			t.Errorf("483 ms in at least %d s: %v, want severity %s", atLeast/second, verdicts(found), want)
		}
	}
}

func TestContentionNumbers(t *testing.T) {
	found := read(t, encode(t, 0, lockTypes, mutexStacks...)).Findings(nil)
	if want := "goroutines waited 60 ms in total for an RWMutex that is held until main.(*Store).Swap main.go:20"; len(found) != 2 || found[1].Title != want {
		t.Fatalf("findings %v, want the second titled %q", verdicts(found), want)
	}
	f := found[0]
	want := finding.Finding{
		Rule: "contention", Certainty: finding.Observed, Severity: finding.Warning,
		Title:     "goroutines waited 500 ms in total for a mutex that is held until main.(*Store).Put main.go:10",
		LostNanos: 500 * millis, Count: 1,
		Evidence: []finding.Evidence{{Source: "standard input", Text: "mutex profile: 500 ms in 50 waits"}},
	}
	got := f
	got.Detail, got.Fix, got.Places, got.Resources = "", "", nil, nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("finding (-want +got):\n%s", diff)
	}
	wantMeasures := []finding.Measure{
		{Name: "waited in total", Value: 500 * millis, Unit: finding.Nanos}, {Name: "waits", Value: 50, Unit: finding.Count},
		{Name: "mean", Value: 10 * millis, Unit: finding.Nanos}, {Name: "of all lock waiting", Value: 500.0 / 560, Unit: finding.Ratio},
	}
	if diff := cmp.Diff(wantMeasures, f.Places[0].Measures); diff != "" {
		t.Errorf("measures (-want +got):\n%s", diff)
	}
}
