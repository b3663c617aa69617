package limit

import (
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/hang"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// mutex is a lock of the tests.
type mutex string

func (m mutex) Resource(finding.Mode, finding.Stack) finding.Resource {
	return finding.Resource{Kind: finding.RWMutex, Name: string(m)}
}

const second = time.Second

func at(function string) judge.Frames { return judge.Frames{{Func: function, File: "/f.go", Line: 1}} }

// goroutine is one that holds some locks for so long.
func goroutine(id uint64, lasted time.Duration, holds ...mutex) Goroutine {
	g := Goroutine{Goroutine: hang.Goroutine{ID: id}, State: "running", Now: at("main.work")}
	for _, m := range holds {
		g.Holds = append(g.Holds, judge.Hold{Lock: m, Mode: lockorder.Exclusive, Stack: at("main.hold"), Lasted: lasted})
	}
	return g
}

func (g Goroutine) waits(lasted time.Duration, m mutex, mode finding.Mode) Goroutine {
	g.State, g.Now = "", nil
	g.Wait = &hang.Wait{Mode: mode, Cases: []hang.Case{{Object: m, Mode: mode}}, Stack: at("main.wait"), Lasted: lasted}
	return g
}

func (g Goroutine) reads() Goroutine {
	for i := range g.Holds {
		g.Holds[i].Mode = lockorder.Shared
	}
	return g
}

func (g Goroutine) unowned() Goroutine {
	for i := range g.Holds {
		g.Holds[i].Unowned = true
	}
	return g
}

func (g Goroutine) hung() Goroutine {
	g.Hung = true
	return g
}

func TestJudge(t *testing.T) {
	const x, s = finding.Exclusive, finding.Shared
	for _, test := range []struct {
		name string
		all  []Goroutine
		want []string // rule, severity, the first goroutine
	}{
		{"a holder that runs", []Goroutine{goroutine(1, 30*second, "a"), goroutine(2, 0).waits(30*second, "a", x)}, []string{"held-long warning 1"}},
		{"a moment earlier", []Goroutine{goroutine(1, 29*second, "a"), goroutine(2, 0).waits(30*second, "a", x)}, nil},
		{"no waiter", []Goroutine{goroutine(1, time.Hour, "a")}, nil},
		{"a young waiter", []Goroutine{goroutine(1, time.Hour, "a"), goroutine(2, 0).waits(second, "a", x)}, nil},
		{"a holder that waits", []Goroutine{goroutine(1, 30*second, "a").waits(second, "b", x), goroutine(2, 0).waits(30*second, "a", x)}, []string{"held-long error 1"}},
		{
			"a chain is one finding",
			[]Goroutine{goroutine(1, 40*second, "a"), goroutine(2, 40*second, "b").waits(40*second, "a", x), goroutine(3, 0).waits(31*second, "b", x)},
			[]string{"held-long warning 1"},
		},
		{
			"the end of a chain is young",
			[]Goroutine{goroutine(1, 40*second, "a"), goroutine(2, 40*second, "b").waits(2*second, "a", x), goroutine(3, 0).waits(31*second, "b", x)},
			[]string{"held-long error 2"},
		},
		{
			"a hang says more",
			[]Goroutine{goroutine(1, time.Hour, "a").waits(time.Hour, "b", x).hung(), goroutine(2, 0).waits(time.Hour, "a", x)}, nil,
		},
		{
			"so does one behind it",
			[]Goroutine{
				goroutine(1, time.Hour, "a").waits(time.Hour, "b", x).hung(),
				goroutine(2, time.Hour, "c").waits(time.Hour, "a", x), goroutine(3, 0).waits(time.Hour, "c", x),
			}, nil,
		},
		{
			"a cycle is a deadlock's",
			[]Goroutine{goroutine(1, time.Hour, "a").waits(time.Hour, "b", x), goroutine(2, time.Hour, "b").waits(time.Hour, "a", x)}, nil,
		},
		{"readers keep a writer out", []Goroutine{goroutine(1, 30*second, "a").reads(), goroutine(2, 0).waits(30*second, "a", x)}, []string{"held-long warning 1"}},
		{
			"a reader waits behind a writer",
			[]Goroutine{goroutine(1, 50*second, "a").reads(), goroutine(2, 0).waits(40*second, "a", x), goroutine(3, 0).waits(45*second, "a", s)},
			[]string{"held-long warning 1"},
		},
		{"a lock that changes hands", []Goroutine{goroutine(1, second, "a"), goroutine(2, 0).waits(60*second, "a", x)}, []string{"waited-long warning 2"}},
		{"no holder is known", []Goroutine{goroutine(2, 0).waits(60*second, "a", x)}, []string{"waited-long warning 2"}},
		{"a holder that may not be the one to release it", []Goroutine{goroutine(1, time.Hour, "a").unowned(), goroutine(2, 0).waits(60*second, "a", x)}, []string{"waited-long warning 2"}},
		{"a wait that is part of a hang", []Goroutine{goroutine(2, 0).waits(time.Hour, "a", x).hung()}, nil},
		{"a wait for what is no lock", []Goroutine{goroutine(1, 0).waits(time.Hour, "c", finding.Receive)}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, v := range Judge(&Look{Goroutines: test.all, HoldLimit: 30 * second, WaitLimit: 30 * second}) {
				f := v.Finding
				got = append(got, string(f.Rule)+" "+f.Severity.String()+" "+string(rune('0'+f.Goroutines[0].ID)))
			}
			if len(got) != len(test.want) || len(got) > 0 && got[0] != test.want[0] {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if none := Judge(&Look{Goroutines: test.all}); none != nil {
				t.Errorf("%d without limits", len(none))
			}
		})
	}
}

// TestFingerprint: it is the place that acquired the lock, whoever suffers and whatever the
// holder does.
func TestFingerprint(t *testing.T) {
	print := func(all ...Goroutine) string {
		v := Judge(&Look{Goroutines: all, HoldLimit: second, WaitLimit: second})
		if len(v) != 1 {
			t.Fatalf("%d findings", len(v))
		}
		return v[0].Finding.ComputeFingerprint()
	}
	waiter := goroutine(2, 0, "b").waits(10*second, "a", finding.Exclusive)
	one := print(goroutine(1, 10*second, "a"), waiter)
	other := waiter
	other.Wait = &hang.Wait{Mode: finding.Shared, Cases: waiter.Wait.Cases, Stack: at("main.another"), Lasted: 20 * second}
	if two := print(goroutine(1, 10*second, "a", "c").waits(second, "d", finding.Send), other); one != two {
		t.Error("another waiter makes another finding")
	}
	elsewhere := goroutine(1, 10*second, "a")
	elsewhere.Holds[0].Stack = at("main.elsewhere")
	if one == print(elsewhere, waiter) {
		t.Error("another place is the same finding")
	}
}
