package diagnosis

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockset"
	"github.com/concdoctor/concdoctor/internal/profile"
	"github.com/concdoctor/concdoctor/internal/sentences"
)

// sample is goroutines of a profile: innermost call first.
func sample(count int64, calls ...string) profile.Sample {
	s := profile.Sample{Count: count}
	for i, f := range calls {
		file := "/src/main.go"
		if !strings.HasPrefix(f, "main.") {
			file = "/go/src/" + finding.Frame{Func: f}.Package() + "/lib.go"
		}
		s.Stack = append(s.Stack, finding.Frame{Func: f, File: file, Line: i + 1})
	}
	s.Role = profile.RoleOf(s.Stack)
	return s
}

func judgeSamples(t *testing.T, kind profile.Kind, base *profile.Profile, samples ...profile.Sample) []string {
	t.Helper()
	p := &profile.Profile{Input: "goroutine.pb.gz", Kind: kind, Samples: samples}
	found := JudgeProfile(p, base, lockset.New(nil)).Findings
	sentences.Hold(t, found...)
	var got []string
	for _, f := range found {
		got = append(got, fmt.Sprintf("%s %s %s | %s %s: %s", f.Rule, f.Certainty, f.Severity, f.Places[0].Role, f.Places[0].Stack.Site().ShortFunc(), f.Evidence[0].Text))
	}
	return got
}

func TestProfiles(t *testing.T) {
	receive := func(n int64, in string) profile.Sample { return sample(n, "runtime.gopark", "runtime.chanrecv1", in) }
	const found = "goroutine-leak suspected warning | blocked here main.stuck: "
	for _, tt := range []struct {
		name    string
		kind    profile.Kind
		samples []profile.Sample
		want    []string
	}{
		{"a hundred on a channel", profile.GoroutineKind, []profile.Sample{receive(100, "main.stuck")}, []string{found + "100 goroutines [chan receive]"}},
		{"more than are kept one by one", profile.GoroutineKind, []profile.Sample{receive(30_000, "main.stuck")}, []string{found + "30,000 goroutines [chan receive]"}},
		{"on two ways", profile.GoroutineKind, []profile.Sample{sample(60, "runtime.chanrecv1", "main.stuck", "main.a"), sample(50, "runtime.chanrecv1", "main.stuck", "main.b")},
			[]string{found + "110 goroutines [chan receive]"}},
		{"below a hundred", profile.GoroutineKind, []profile.Sample{receive(99, "main.stuck")}, nil},
		{"on a lock", profile.GoroutineKind, []profile.Sample{sample(100, "runtime.gopark", "sync.(*Mutex).Lock", "main.stuck")},
			[]string{"contention observed warning | waits here main.stuck: 100 goroutines wait for a lock at one line, whose address the calls do not show"}},
		{"some on a lock", profile.GoroutineKind, []profile.Sample{sample(99, "runtime.gopark", "sync.(*Mutex).Lock", "main.stuck")}, nil},
		{"on a wait group", profile.GoroutineKind, []profile.Sample{sample(100, "runtime.gopark", "sync.(*WaitGroup).Wait", "main.stuck")},
			[]string{found + "100 goroutines [sync.WaitGroup.Wait]"}},
		{"asleep", profile.GoroutineKind, []profile.Sample{sample(500, "runtime.gopark", "time.Sleep", "main.nap")}, nil},
		{"on the network", profile.GoroutineKind, []profile.Sample{sample(500, "runtime.gopark", "internal/poll.runtime_pollWait", "internal/poll.(*FD).Read", "net.(*conn).Read", "main.serve")}, nil},
		{"running", profile.GoroutineKind, []profile.Sample{sample(500, "main.spin")}, nil},
		{"idle connections of net/http", profile.GoroutineKind, []profile.Sample{sample(500, "runtime.gopark", "runtime.selectgo", "net/http.(*persistConn).writeLoop", "net/http.(*Transport).dialConn")}, nil},
		{"one leaked goroutine", profile.LeakKind, []profile.Sample{receive(1, "main.stuck")},
			[]string{"goroutine-leak observed warning | blocked here main.stuck: 1 goroutine [chan receive]"}},
		{"leaked goroutines of a group, and the one that waits for them", profile.LeakKind, []profile.Sample{
			sample(1, "runtime.gopark", "sync.(*WaitGroup).Wait", "main.fan"),
			sample(20, "runtime.gopark", "runtime.chansend1", "main.fan.func1", "sync.(*WaitGroup).Go.func1"),
			receive(300, "main.stuck"),
		}, []string{
			"goroutine-leak observed warning | blocked here main.stuck: 300 goroutines [chan receive]",
			"goroutine-leak observed error | blocked here main.fan.func: 20 goroutines [chan send]",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, judgeSamples(t, tt.kind, nil, tt.samples...)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// TestProfileAgainstBase holds that a crowd that has not grown is taken for a pool.
func TestProfileAgainstBase(t *testing.T) {
	crowd := func(n int64) profile.Sample { return sample(n, "runtime.gopark", "runtime.chanrecv1", "main.worker") }
	for _, tt := range []struct {
		before, now int64
		grown       bool
	}{{150, 150, false}, {150, 160, false}, {150, 120, false}, {100, 125, true}, {0, 150, true}} {
		base := &profile.Profile{Kind: profile.GoroutineKind}
		if tt.before > 0 {
			base.Samples = []profile.Sample{crowd(tt.before)}
		}
		if got := judgeSamples(t, profile.GoroutineKind, base, crowd(tt.now)); (len(got) == 1) != tt.grown {
			t.Errorf("%d before, %d now: findings %q", tt.before, tt.now, got)
		}
	}
}
