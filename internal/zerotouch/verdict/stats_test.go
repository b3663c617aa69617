package verdict

import (
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/naming"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

func TestMisuse(t *testing.T) {
	misuse := func(m tape.Misuse) func(w *world) {
		return func(w *world) {
			m.Object = w.object(m.Object.Kind)
			m.Goroutine, m.Stack, m.Time = 2, at("now"), w.tick()
			w.t.Misuses = []tape.Misuse{m}
		}
	}
	one := func(rule finding.RuleID, kind finding.ResourceKind, places ...string) []brief {
		return []brief{{rule, "observed", []finding.ResourceKind{kind}, nil, places}}
	}
	channel, group := tape.Object{Kind: tape.Chan}, tape.Object{Kind: tape.WaitGroup}
	runAll(t, []scenario{
		{"send on closed", misuse(tape.Misuse{Rule: "send-on-closed", Object: channel, Other: at("closed")}), one("send-on-closed", finding.Channel)},
		{"double close", misuse(tape.Misuse{Rule: "double-close", Object: channel, Other: at("closed")}), one("double-close", finding.Channel)},
		{"below zero", misuse(tape.Misuse{Rule: "waitgroup-misuse", Object: group}), one("waitgroup-misuse", finding.WaitGroup, "bank.now")},
		{"foreign unlock", misuse(tape.Misuse{Rule: "foreign-unlock", Object: tape.Object{Kind: tape.Mutex}}), one("foreign-unlock", finding.Mutex, "bank.now")},
		{"left locked", misuse(tape.Misuse{Rule: "abandoned-lock", Object: tape.Object{Kind: tape.Mutex}}), nil},
		{"a signal without the lock", misuse(tape.Misuse{Rule: "signal-without-lock", Object: tape.Object{Kind: tape.Cond}, Other: at("waits")}), one("signal-without-lock", finding.Cond, "bank.now", "bank.waits")},
		{"a signal without the lock, and a waiter that came later", func(w *world) {
			misuse(tape.Misuse{Rule: "signal-without-lock", Object: tape.Object{Kind: tape.Cond}})(w)
			w.start(3, nil).use(w.t.Misuses[0].Object, tape.Await, "waits")
		}, one("signal-without-lock", finding.Cond, "bank.now", "bank.waits")},
		{"a signal that no goroutine has waited for", misuse(tape.Misuse{Rule: "signal-without-lock", Object: tape.Object{Kind: tape.Cond}}), nil},
		{"a signal in a function that takes a lock", func(w *world) {
			misuse(tape.Misuse{Rule: "signal-without-lock", Object: tape.Object{Kind: tape.Cond}, Other: at("waits")})(w)
			w.t.Holdings = []tape.Holding{{Kind: tape.Mutex, Stack: at("now"), Count: 1}}
		}, nil},
		{"a rule of the future", misuse(tape.Misuse{Rule: "new", Object: channel}), nil},
	})
}

func TestStatistics(t *testing.T) {
	wait := func(fn string, d time.Duration) tape.Blocking {
		return tape.Blocking{Kind: tape.Mutex, Stack: at(fn), Count: 10, Nanos: int64(d), Max: int64(d / 10)}
	}
	under := func(d time.Duration) tape.Blocking {
		return tape.Blocking{Kind: tape.Chan, Stack: at("receives"), Under: at("locks"), Count: 10, Nanos: int64(d), Max: int64(d / 10)}
	}
	mutex := []finding.ResourceKind{finding.Mutex}
	contention := brief{"contention", "observed", mutex, nil, []string{"bank.locks", "bank.locks"}}
	blocking := brief{"blocking-under-lock", "observed", mutex, nil, []string{"bank.locks", "bank.locks", "bank.receives"}}
	hold := tape.Holding{Kind: tape.Mutex, Stack: at("locks"), Count: 20, Measured: 10, Nanos: int64(time.Second), Max: int64(time.Second / 2)}
	write := func(blockings ...tape.Blocking) func(w *world) {
		return func(w *world) {
			w.t.Blockings, w.t.Holdings = blockings, []tape.Holding{hold}
			w.later(10 * time.Second)
		}
	}
	given := func(then func(w *world), longest time.Duration) func(w *world) {
		return func(w *world) {
			then(w)
			w.t.Holdings[0].Max = int64(longest)
			w.t.Misuses = []tape.Misuse{{Rule: "foreign-unlock", Goroutine: 3, OtherGoroutine: 2, Object: w.mutex(), Stack: at("unlocks"), Other: at("locks")}}
		}
	}
	foreign := brief{"foreign-unlock", "observed", mutex, nil, []string{"bank.unlocks"}}
	runAll(t, []scenario{
		{"the former holder receives when it has given the lock away", given(write(wait("locks", time.Second), under(time.Second)), time.Millisecond), []brief{foreign, contention}},
		{"the holder receives, and gives other locks away", given(write(wait("locks", time.Second), under(time.Second)), time.Second), []brief{foreign, blocking, contention}},
		{"others wait while the holder receives", write(wait("locks", time.Second), under(time.Second)), []brief{blocking, contention}},
		{"others wait", write(wait("locks", time.Second)), []brief{contention}},
		{"others wait little", write(wait("locks", 5*time.Millisecond), under(time.Second)), nil},
		{"others wait little for so long a run", write(wait("locks", 50*time.Millisecond), under(time.Second)), nil},
		{"nobody waits", write(under(time.Second)), nil},
		{"the holder receives for a moment", write(wait("locks", time.Second), under(5*time.Millisecond)), []brief{contention}},
	})
}

// A panic that a test provokes and recovers is worth knowing; one that ends a program is
// an error.
func TestRecovered(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  tape.End
		test *tape.Test
		want finding.Severity
	}{
		{"it ends the program", tape.Fatal, nil, finding.Error},
		{"the program goes on", tape.Running, nil, finding.Error},
		{"the program went on", tape.Exited, nil, finding.Warning},
		{"its test passed", tape.Exited, &tape.Test{Name: "TestPanic", End: 5}, finding.Info},
		{"its test failed", tape.Exited, &tape.Test{Name: "TestPanic", End: 5, Failed: true}, finding.Warning},
		{"its test never ended", tape.Fatal, &tape.Test{Name: "TestPanic"}, finding.Error},
	} {
		w := newWorld()
		w.t.End = tt.end
		m := tape.Misuse{Rule: "send-on-closed", Object: w.channel(), Stack: at("sends"), Other: at("closed")}
		if tt.test != nil {
			w.t.Tests, m.Test = []tape.Test{*tt.test}, tt.test.Name
		}
		f, ok := newScene(&w.t, new(naming.Namer)).misuse(&m)
		if !ok || f.Severity != tt.want {
			t.Errorf("%s: severity %v, want %v", tt.name, f.Severity, tt.want)
		}
	}
}
