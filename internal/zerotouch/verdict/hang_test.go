package verdict

import (
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockorder"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// later lets time pass.
func (w *world) later(d time.Duration) { w.t.Now += int64(d) }

const long = 2 * DefaultSelfWait

func TestLockHangs(t *testing.T) {
	two := []finding.ResourceKind{finding.Mutex, finding.Mutex}
	runAll(t, []scenario{
		{"AB-BA hangs", func(w *world) {
			a, b := w.mutex(), w.mutex()
			g, h := pair(w)
			g.lock(a, "takeFirst")
			h.lock(b, "takeFirst")
			g.blockOn(b, lockorder.Exclusive, "takeSecond")
			h.blockOn(a, lockorder.Exclusive, "takeSecond")
			w.later(long)
		}, []brief{ring("deadlock", "observed", finding.Mutex, 2)}},
		{"the same a moment ago", func(w *world) {
			a, b := w.mutex(), w.mutex()
			g, h := pair(w)
			g.hold(a, lockorder.Exclusive, "takeFirst")
			h.hold(b, lockorder.Exclusive, "takeFirst")
			g.g().Wait = &tape.Wait{Kind: tape.Mutex, Cases: []tape.Case{{Object: b}}, Stack: at("takeSecond"), Since: w.tick()}
			h.g().Wait = &tape.Wait{Kind: tape.Mutex, Cases: []tape.Case{{Object: a}}, Stack: at("takeSecond"), Since: w.tick()}
		}, nil},
		{"the same as the process ends", func(w *world) {
			a, b := w.mutex(), w.mutex()
			g, h := pair(w)
			g.hold(a, lockorder.Exclusive, "takeFirst")
			h.hold(b, lockorder.Exclusive, "takeFirst")
			g.g().Wait = &tape.Wait{Kind: tape.Mutex, Cases: []tape.Case{{Object: b}}, Stack: at("takeSecond"), Since: w.tick()}
			h.g().Wait = &tape.Wait{Kind: tape.Mutex, Cases: []tape.Case{{Object: a}}, Stack: at("takeSecond"), Since: w.tick()}
			w.t.End = tape.Exited
		}, []brief{ring("deadlock", "observed", finding.Mutex, 2)}},
		{"the same as it was killed, which is not written down", func(w *world) {
			a, b := w.mutex(), w.mutex()
			g, h := pair(w)
			g.hold(a, lockorder.Exclusive, "takeFirst")
			h.hold(b, lockorder.Exclusive, "takeFirst")
			g.g().Wait = &tape.Wait{Kind: tape.Mutex, Cases: []tape.Case{{Object: b}}, Stack: at("takeSecond"), Since: w.tick()}
			h.g().Wait = &tape.Wait{Kind: tape.Mutex, Cases: []tape.Case{{Object: a}}, Stack: at("takeSecond"), Since: w.tick()}
			w.isOneMoment = true
		}, []brief{ring("deadlock", "observed", finding.Mutex, 2)}},
		{"a reader who may have been let in as the process ends", func(w *world) {
			a, b := w.rw(), w.mutex()
			main := w.start(1, nil)
			g, h, i := w.start(2, main), w.start(3, main), w.start(4, main)
			g.hold(a, lockorder.Shared, "takeFirst")
			h.hold(b, lockorder.Exclusive, "takeFirst")
			i.blockOn(a, lockorder.Exclusive, "writes")
			g.blockOn(b, lockorder.Exclusive, "takeSecond")
			h.blockOn(a, lockorder.Shared, "takeSecond")
			w.t.Dependencies = nil
			w.t.End = tape.Exited
		}, nil},
		{"a victim of a ring", func(w *world) {
			a, b := w.mutex(), w.mutex()
			g, h := pair(w)
			v := w.start(4, nil)
			g.lock(a, "takeFirst")
			h.lock(b, "takeFirst")
			v.blockOn(a, lockorder.Exclusive, "victim")
			g.blockOn(b, lockorder.Exclusive, "takeSecond")
			h.blockOn(a, lockorder.Exclusive, "takeSecond")
			w.t.Dependencies = nil
			w.later(long)
		}, []brief{ring("deadlock", "observed", finding.Mutex, 2)}},
		{"a slow holder", func(w *world) {
			a := w.mutex()
			g, h := pair(w)
			g.lock(a, "slow")
			h.blockOn(a, lockorder.Exclusive, "waits")
			w.later(time.Minute)
		}, nil},
		{"a lock that it holds itself", func(w *world) {
			a := w.mutex()
			g, _ := pair(w)
			g.lock(a, "outer")
			g.blockOn(a, lockorder.Exclusive, "inner")
			w.later(long)
		}, []brief{{"self-deadlock", "potential", two[:1], []string{"bank.outer"}, []string{"bank.inner"}}}},
		{"the same, and one that was started meanwhile goes on", func(w *world) {
			a := w.mutex()
			g := w.start(2, w.start(1, nil))
			g.lock(a, "outer")
			w.start(3, g).g().Under = true
			g.g().Held[0].Shared = true
			g.blockOn(a, lockorder.Exclusive, "inner")
			w.later(10 * long)
		}, []brief{{"self-deadlock", "suspected", two[:1], []string{"bank.outer"}, []string{"bank.inner"}}}},
		{"the same, for a while", func(w *world) {
			a := w.mutex()
			g := w.start(2, w.start(1, nil))
			g.lock(a, "outer")
			w.start(3, g).g().Under = true
			g.g().Held[0].Shared = true
			g.blockOn(a, lockorder.Exclusive, "inner")
			w.later(long)
		}, nil},
		{"the same, proven lost as the program ends", func(w *world) {
			a := w.mutex()
			g, _ := pair(w)
			g.lock(a, "outer")
			g.blockOn(a, lockorder.Exclusive, "inner")
			g.g().Leaked = true
			w.t.End = tape.Exited
		}, []brief{{"self-deadlock", "proven", two[:1], []string{"bank.outer"}, []string{"bank.inner"}}}},
		{"the same, not proven", func(w *world) {
			a := w.mutex()
			g, _ := pair(w)
			g.lock(a, "outer")
			g.blockOn(a, lockorder.Exclusive, "inner")
			w.t.End = tape.Exited
		}, []brief{{"self-deadlock", "potential", two[:1], []string{"bank.outer"}, []string{"bank.inner"}}}},
		{"AB-BA hangs, of which one was released by others elsewhere before", func(w *world) {
			a, b := w.mutex(), w.mutex()
			g, h := pair(w)
			g.lock(a, "takeFirst")
			h.lock(b, "takeFirst")
			g.blockOn(b, lockorder.Exclusive, "takeSecond")
			h.blockOn(a, lockorder.Exclusive, "takeSecond")
			w.t.Misuses = []tape.Misuse{{Rule: "foreign-unlock", Object: a, Stack: at("free"), Other: at("open"), OtherGoroutine: 1}}
			w.later(long)
		}, []brief{
			ring("deadlock", "observed", finding.Mutex, 2),
			{"foreign-unlock", "observed", two[:1], nil, []string{"bank.free"}},
		}},
		{"the same of a lock that others release", func(w *world) {
			a := w.mutex()
			g, _ := pair(w)
			g.lock(a, "outer")
			g.blockOn(a, lockorder.Exclusive, "inner")
			w.t.Misuses = []tape.Misuse{{Rule: "foreign-unlock", Object: a, Stack: at("free")}}
			w.later(long)
		}, []brief{{"foreign-unlock", "observed", two[:1], nil, []string{"bank.free"}}}},
		{"the same where others release what was taken there", func(w *world) {
			a, other := w.mutex(), w.mutex()
			g, _ := pair(w)
			g.lock(a, "outer")
			g.blockOn(a, lockorder.Exclusive, "inner")
			w.t.Misuses = []tape.Misuse{{Rule: "foreign-unlock", Object: other, Stack: at("free"), Other: at("outer")}}
			w.later(long)
		}, []brief{{"foreign-unlock", "observed", two[:1], nil, []string{"bank.free"}}}},
		{"upgrade", func(w *world) {
			a := w.rw()
			g, _ := pair(w)
			g.rlock(a, "reads")
			g.blockOn(a, lockorder.Exclusive, "writes")
			w.t.Dependencies = nil
			w.later(long)
		}, []brief{{"lock-upgrade", "potential", []finding.ResourceKind{finding.RWMutex}, []string{"bank.reads"}, []string{"bank.writes"}}}},
		{"reads twice with a writer in between", func(w *world) {
			a := w.rw()
			g, h := pair(w)
			g.rlock(a, "outer")
			h.blockOn(a, lockorder.Exclusive, "write")
			g.blockOn(a, lockorder.Shared, "inner")
			w.t.Dependencies = nil
			w.later(long)
		}, []brief{{"rlock-recursion", "observed", []finding.ResourceKind{finding.RWMutex}, []string{"bank.outer"}, []string{"bank.inner", "bank.write"}}}},
		{"a reader behind a writer behind a reader who works", func(w *world) {
			a := w.rw()
			main := w.start(1, nil)
			g, h, i := w.start(2, main), w.start(3, main), w.start(4, main)
			g.rlock(a, "reads")
			h.blockOn(a, lockorder.Exclusive, "write")
			i.blockOn(a, lockorder.Shared, "waits")
			w.later(long)
		}, nil},
		{"its holder has ended", func(w *world) {
			a := w.mutex()
			g, h := pair(w)
			w.t.Misuses = []tape.Misuse{{Rule: "abandoned-lock", Goroutine: g.id, Object: a, Stack: at("exits"), Other: at("took")}}
			g.end()
			h.blockOn(a, lockorder.Exclusive, "waits")
			w.later(long)
		}, []brief{{"abandoned-lock", "potential", two[:1], []string{"bank.took"}, []string{"bank.waits"}}}},
		{"left locked, and nobody waits", func(w *world) {
			a := w.mutex()
			g, _ := pair(w)
			w.t.Misuses = []tape.Misuse{{Rule: "abandoned-lock", Goroutine: g.id, Object: a, Stack: at("exits"), Other: at("took")}}
			g.end()
			w.later(long)
		}, nil},
		{"left locked, but somebody else has it now", func(w *world) {
			a := w.mutex()
			main := w.start(1, nil)
			g, h, i := w.start(2, main), w.start(3, main), w.start(4, main)
			w.t.Misuses = []tape.Misuse{{Rule: "abandoned-lock", Goroutine: g.id, Object: a, Stack: at("exits"), Other: at("took")}}
			g.end()
			i.hold(a, lockorder.Exclusive, "works")
			h.blockOn(a, lockorder.Exclusive, "waits")
			w.later(long)
		}, nil},
	})
}

// TestCopies has locks that are locked and that no goroutine holds.
func TestCopies(t *testing.T) {
	copied := func(certainty string) []brief {
		return []brief{{"lock-copied", certainty, []finding.ResourceKind{finding.Mutex}, nil, []string{"bank.waits"}}}
	}
	waits := func(w *world) *actor {
		g, h := pair(w)
		a := w.mutex()
		g.blockOn(a, lockorder.Exclusive, "waits")
		h.blockOn(a, lockorder.Exclusive, "later")
		w.later(long)
		return g
	}
	runAll(t, []scenario{
		{"nobody ever took it", func(w *world) { waits(w) }, copied("potential")},
		{"all are asleep", func(w *world) {
			waits(w).g().Wait.Woken = true
			w.t.End = tape.Asleep
		}, copied("observed")},
		{"just now", func(w *world) {
			waits(w)
			w.later(-long)
		}, nil},
		{"one was woken: it was released meanwhile", func(w *world) { waits(w).g().Wait.Woken = true }, nil},
		{"somebody holds more than is known", func(w *world) { waits(w).g().MoreHeld = 1 }, nil},
		{"somebody is not known at all", func(w *world) { waits(w); w.t.Unseen = 1 }, nil},
		{"something was forgotten", func(w *world) { waits(w); w.t.Dropped = 1 }, nil},
		{"it is handed over", func(w *world) {
			a := waits(w).g().Wait.Cases[0].Object
			w.t.Misuses = []tape.Misuse{{Rule: "foreign-unlock", Object: a, Stack: at("free")}}
		}, []brief{{"foreign-unlock", "observed", []finding.ResourceKind{finding.Mutex}, nil, []string{"bank.free"}}}},
	})
}

func TestChannelHangs(t *testing.T) {
	lockAndChannel := []finding.ResourceKind{finding.Channel, finding.Mutex}
	runAll(t, []scenario{
		{"sends under the lock that the receiver needs", func(w *world) {
			a, c := w.mutex(), w.channel()
			g, h := pair(w)
			h.use(c, tape.Recv, "recv")
			g.lock(a, "took")
			g.wait(c, tape.Send, "sends")
			h.blockOn(a, lockorder.Exclusive, "asks")
			w.later(long)
		}, []brief{{"deadlock", "potential", lockAndChannel, []string{"bank.took"}, []string{"bank.asks", "bank.sends"}}}},
		{"the same, and another receiver works", func(w *world) {
			a, c := w.mutex(), w.channel()
			g, h := pair(w)
			h.use(c, tape.Recv, "recv")
			w.start(4, nil).use(c, tape.Recv, "recv")
			g.lock(a, "took")
			g.wait(c, tape.Send, "sends")
			h.blockOn(a, lockorder.Exclusive, "asks")
			w.later(long)
		}, nil},
		{"receives under the lock that the sender needs, and others may send", func(w *world) {
			a, c := w.mutex(), w.channel()
			g, h := pair(w)
			h.use(c, tape.Send, "send")
			g.lock(a, "took")
			g.wait(c, tape.Recv, "receives")
			h.blockOn(a, lockorder.Exclusive, "asks")
			w.later(long)
		}, []brief{{"deadlock", "suspected", lockAndChannel, []string{"bank.took"}, []string{"bank.asks", "bank.receives"}}}},
		{"the same, and nobody else is there", func(w *world) {
			a, c := w.mutex(), w.channel()
			main := w.start(1, nil)
			g := w.start(2, main)
			main.use(c, tape.Send, "send")
			g.lock(a, "took")
			g.wait(c, tape.Recv, "receives")
			main.blockOn(a, lockorder.Exclusive, "asks")
			w.later(long)
		}, []brief{{"deadlock", "potential", lockAndChannel, []string{"bank.took"}, []string{"bank.asks", "bank.receives"}}}},
		{"workers without work", func(w *world) {
			c := w.channel()
			g, h := pair(w)
			main := &actor{w: w, id: 1}
			main.use(c, tape.Send, "send")
			g.wait(c, tape.Recv, "works")
			h.wait(c, tape.Recv, "works")
			d := w.channel()
			g.use(d, tape.Send, "answer")
			main.wait(d, tape.Recv, "main")
			w.later(time.Hour)
		}, nil},
		{"a sender whose receivers are all gone", func(w *world) {
			c := w.channel()
			main := w.start(1, nil)
			g := w.start(2, main)
			main.use(c, tape.Send, "send")
			g.use(c, tape.Recv, "recv")
			g.end()
			main.wait(c, tape.Send, "sends")
			w.later(long)
		}, []brief{{"stuck", "potential", lockAndChannel[:1], nil, []string{"bank.sends"}}}},
		{"the same, and the collector has found that a goroutine leads to it", func(w *world) {
			c := w.channel()
			main := w.start(1, nil)
			g := w.start(2, main)
			main.use(c, tape.Send, "send")
			g.use(c, tape.Recv, "recv")
			g.end()
			main.wait(c, tape.Send, "sends")
			w.later(long)
			w.t.Looks = tape.Looks{Count: 1, Last: w.t.Now, LastNanos: 1}
		}, []brief{{"stuck", "suspected", lockAndChannel[:1], nil, []string{"bank.sends"}}}},
		{"the same, but somebody works who may know it", func(w *world) {
			c := w.channel()
			main := w.start(1, nil)
			g := w.start(2, main)
			w.start(3, main)
			g.use(c, tape.Recv, "recv")
			g.end()
			main.wait(c, tape.Send, "sends")
			w.later(time.Hour)
		}, nil},
		{"a timer is in the select", func(w *world) {
			c := w.channel()
			main := w.start(1, nil)
			main.sel("selects", tape.Case{Object: c, Side: tape.Send}, tape.Case{Object: w.channel(), Side: tape.Recv, Timer: true})
			w.later(time.Hour)
		}, nil},
		{"more cases than are known", func(w *world) {
			c := w.channel()
			main := w.start(1, nil)
			main.sel("selects", tape.Case{Object: c, Side: tape.Send})
			main.g().Wait.MoreCases = true
			w.later(time.Hour)
		}, nil},
		{"a timer has received before", func(w *world) {
			c := w.channel()
			main := w.start(1, nil)
			main.wait(c, tape.Send, "sends")
			w.t.Uses = append(w.t.Uses, tape.Use{Object: c, Side: tape.Recv})
			w.later(long)
		}, nil},
		{"a timer has sent before", func(w *world) {
			c := w.channel()
			main := w.start(1, nil)
			w.start(2, main).use(c, tape.Recv, "recv")
			(&actor{w: w, id: 2}).end()
			main.wait(c, tape.Send, "sends")
			w.t.Uses = append(w.t.Uses, tape.Use{Object: c, Side: tape.Send})
			w.later(long)
		}, []brief{{"stuck", "potential", lockAndChannel[:1], nil, []string{"bank.sends"}}}},
		{"goroutines without room on the tape", func(w *world) {
			c := w.channel()
			main := w.start(1, nil)
			w.start(2, main).use(c, tape.Recv, "recv")
			(&actor{w: w, id: 2}).end()
			main.wait(c, tape.Send, "sends")
			w.t.Unseen = 1
			w.later(long)
		}, nil},
		{"waits for a group under the lock that a member needs", func(w *world) {
			a, wg := w.mutex(), w.group()
			main := w.start(1, nil)
			g := w.start(2, main)
			main.use(wg, tape.Add, "adds")
			main.lock(a, "took")
			main.wait(wg, tape.Await, "awaits")
			g.blockOn(a, lockorder.Exclusive, "asks")
			w.later(10 * long)
		}, []brief{{
			"deadlock", "suspected", []finding.ResourceKind{finding.Mutex, finding.WaitGroup}, []string{"bank.took"}, []string{"bank.asks", "bank.awaits"},
		}}},
		{"all asleep: a receiver whose sender has ended", func(w *world) {
			c := w.channel()
			w.start(1, nil).wait(c, tape.Recv, "receives")
			w.t.End = tape.Asleep
		}, []brief{{"stuck", "observed", lockAndChannel[:1], nil, []string{"bank.receives"}}}},
		{"all asleep: a ring of channels", func(w *world) {
			c, d := w.channel(), w.channel()
			main := w.start(1, nil)
			g := w.start(2, main)
			main.use(d, tape.Send, "send")
			g.use(c, tape.Send, "send")
			main.wait(c, tape.Recv, "left")
			g.wait(d, tape.Recv, "right")
			w.t.End = tape.Asleep
		}, []brief{{"deadlock", "observed", []finding.ResourceKind{finding.Channel, finding.Channel}, nil, []string{"bank.left", "bank.right"}}}},
		{"all asleep: itself", func(w *world) {
			a := w.mutex()
			main := w.start(1, nil)
			main.hold(a, lockorder.Exclusive, "outer")
			main.g().Wait = &tape.Wait{Kind: tape.Mutex, Cases: []tape.Case{{Object: a}}, Stack: at("inner"), Since: w.tick()}
			w.t.End = tape.Asleep
		}, []brief{{"self-deadlock", "observed", []finding.ResourceKind{finding.Mutex}, []string{"bank.outer"}, []string{"bank.inner"}}}},
		{"in a test, whose runner is a victim", func(w *world) {
			a, c, done := w.mutex(), w.channel(), w.channel()
			main := w.start(1, nil)
			g := w.test(2, main, "TestHang")
			main.inTest(done)
			h := w.start(3, g)
			h.use(c, tape.Send, "send")
			g.lock(a, "took")
			g.wait(c, tape.Recv, "receives")
			h.blockOn(a, lockorder.Exclusive, "asks")
			w.later(long)
		}, []brief{{"deadlock", "potential", lockAndChannel, []string{"bank.took"}, []string{"bank.asks", "bank.receives"}}}},
		{"in a bubble time is not what it seems", func(w *world) {
			a, b := w.mutex(), w.mutex()
			g, h := pair(w)
			g.hold(a, lockorder.Exclusive, "takeFirst")
			h.hold(b, lockorder.Exclusive, "takeFirst")
			g.g().Wait = &tape.Wait{Kind: tape.Mutex, Cases: []tape.Case{{Object: b}}, Stack: at("takeSecond"), Since: w.tick()}
			h.g().Wait = &tape.Wait{Kind: tape.Mutex, Cases: []tape.Case{{Object: a}}, Stack: at("takeSecond"), Since: w.tick()}
			g.g().Bubble, h.g().Bubble = true, true
			w.later(long)
		}, []brief{ring("deadlock", "observed", finding.Mutex, 2)}},
		{"nil channel", func(w *world) {
			g, _ := pair(w)
			g.wait(tape.Object{Kind: tape.Chan}, tape.Send, "sends")
			w.later(long)
		}, []brief{{"nil-channel", "potential", lockAndChannel[:1], nil, []string{"bank.sends"}}}},
		{"select without cases", func(w *world) {
			g, _ := pair(w)
			g.sel("for ever")
			w.later(time.Hour)
		}, nil},
	})
}

func TestLeaks(t *testing.T) {
	leak := func(certainty string) []brief {
		return []brief{{"goroutine-leak", certainty, []finding.ResourceKind{finding.Channel}, nil, []string{"bank.Run", "bank.left"}}}
	}
	// leaky runs a test that starts a goroutine and ends.
	leaky := func(write func(w *world, test, g *actor)) func(w *world) {
		return func(w *world) {
			test := w.test(2, w.start(1, nil), "TestLeak")
			g := w.start(3, test)
			write(w, test, g)
			w.endTest("TestLeak")
			test.end()
			w.later(5 * time.Millisecond)
			w.t.End = tape.Exited
		}
	}
	runAll(t, []scenario{
		{"a sender whose receiver was the test", leaky(func(w *world, test, g *actor) {
			c := w.channel()
			test.use(c, tape.Recv, "recv")
			g.wait(c, tape.Send, "left")
		}), leak("potential")},
		{"a sender whose receiver came after it", leaky(func(w *world, test, g *actor) {
			c := w.channel()
			g.wait(c, tape.Send, "left")
			test.use(c, tape.Recv, "recv")
		}), nil},
		{"a receiver of what was closed", leaky(func(w *world, test, g *actor) {
			c := w.channel()
			g.wait(c, tape.Recv, "left")
			test.use(c, tape.Close, "close")
		}), nil},
		{"a sender whose test ended a moment before the process", func(w *world) {
			test := w.test(2, w.start(1, nil), "TestLeak")
			c := w.channel()
			test.use(c, tape.Recv, "recv")
			w.start(3, test).wait(c, tape.Send, "left")
			w.endTest("TestLeak")
			w.t.End = tape.Exited
		}, leak("suspected")},
		{"one that the collector has looked at", func(w *world) {
			g := w.start(3, w.start(1, nil))
			g.wait(w.channel(), tape.Recv, "left")
			g.g().Leaked = true
			w.t.End = tape.Exited
		}, leak("proven")},
		{"the same of which it said nothing", func(w *world) {
			w.start(3, w.start(1, nil)).wait(w.channel(), tape.Recv, "left")
			w.t.End = tape.Exited
		}, nil},
		{"two of them are one", leaky(func(w *world, test, g *actor) {
			g.wait(w.channel(), tape.Send, "left")
			w.start(4, test).wait(w.channel(), tape.Send, "left")
		}), leak("potential")},
		{"a worker without work", leaky(func(w *world, test, g *actor) {
			c := w.channel()
			test.use(c, tape.Send, "send")
			g.wait(c, tape.Recv, "left")
		}), leak("suspected")},
		{"a worker that another goroutine can still send to", leaky(func(w *world, test, g *actor) {
			c := w.channel()
			w.start(4, test).use(c, tape.Send, "send")
			g.wait(c, tape.Recv, "left")
		}), nil},
		{"a worker that another test has used", leaky(func(w *world, test, g *actor) {
			c := w.channel()
			w.test(9, &actor{w: w, id: 1}, "TestOther").use(c, tape.Send, "send")
			g.wait(c, tape.Recv, "left")
		}), nil},
		{"it began to wait when the test was over", func(w *world) {
			test := w.test(2, w.start(1, nil), "TestLeak")
			g := w.start(3, test)
			w.endTest("TestLeak")
			g.wait(w.channel(), tape.Send, "left")
			w.t.End = tape.Exited
		}, nil},
		{"the standard library's own", leaky(func(w *world, test, g *actor) {
			g.g().Created = finding.Stack{{Func: "net/http.(*Transport).dialConn", File: "/go/src/net/http/transport.go", Line: 3}}
			g.wait(w.channel(), tape.Recv, "left")
		}), nil},
		{"it ticks", leaky(func(w *world, test, g *actor) {
			g.sel("left", tape.Case{Object: w.channel(), Side: tape.Recv}, tape.Case{Object: w.channel(), Side: tape.Recv, Timer: true})
		}), nil},
		{"it works", leaky(func(w *world, test, g *actor) {}), nil},
		{"a sender of a program that has ended", func(w *world) {
			g, _ := pair(w)
			g.wait(w.channel(), tape.Send, "left")
			w.later(long)
			w.t.End = tape.Exited
			(&actor{w: w, id: 3}).end()
		}, leak("potential")},
		{"a dispatcher of a program that has ended", func(w *world) {
			g, _ := pair(w)
			g.wait(w.object(tape.Cond), tape.Await, "left")
			w.later(long)
			w.t.End = tape.Exited
			(&actor{w: w, id: 3}).end()
		}, nil},
		{"workers of a program that has ended", func(w *world) {
			g, _ := pair(w)
			g.wait(w.channel(), tape.Recv, "left")
			w.later(long)
			w.t.End = tape.Exited
			(&actor{w: w, id: 3}).end()
		}, nil},
	})
}

// TestProvenHangs reports what the collector has found lost, however the process ended.
func TestProvenHangs(t *testing.T) {
	channels := []finding.ResourceKind{finding.Channel, finding.Channel}
	// circle has two wait for each other, without having met before.
	circle := func(w *world) (g, h *actor) {
		g, h = pair(w)
		c, d := w.channel(), w.channel()
		g.use(d, tape.Recv, "receives")
		h.use(c, tape.Recv, "receives")
		g.wait(c, tape.Send, "sends")
		h.wait(d, tape.Send, "sendsToo")
		g.g().Leaked, h.g().Leaked = true, true
		return g, h
	}
	proven := []brief{{"deadlock", "proven", channels, nil, []string{"bank.sends", "bank.sendsToo"}}}
	all := []scenario{
		{"a goroutine that nobody waits for", func(w *world) {
			g, _ := pair(w)
			g.wait(w.channel(), tape.Send, "sends")
			g.g().Leaked = true
		}, nil},
		{"the same when the process has ended", func(w *world) {
			g, _ := pair(w)
			g.wait(w.channel(), tape.Send, "sends")
			g.g().Leaked = true
			w.t.End = tape.Panicked
		}, []brief{{"goroutine-leak", "proven", channels[:1], nil, []string{"bank.Run", "bank.sends"}}}},
		{"a test", func(w *world) {
			test := w.test(7, w.start(1, nil), "TestIt")
			test.wait(w.channel(), tape.Recv, "receives")
			test.g().Leaked = true
			w.t.End = tape.TimedOut
		}, []brief{{"stuck", "proven", channels[:1], nil, []string{"bank.receives"}}}},
		{"under a lock that the receiver needs", func(w *world) {
			a, c := w.mutex(), w.channel()
			g, h := pair(w)
			g.lock(a, "took")
			g.wait(c, tape.Send, "sends")
			h.blockOn(a, lockorder.Exclusive, "asks")
			g.g().Leaked, h.g().Leaked = true, true
			w.t.End = tape.Signaled
		}, []brief{{"deadlock", "proven", []finding.ResourceKind{finding.Channel, finding.Mutex}, []string{"bank.took"}, []string{"bank.asks", "bank.sends"}}}},
	}
	for name, end := range map[string]tape.End{
		"running": tape.Running, "killed": tape.Killed, "timed out": tape.TimedOut, "panicked": tape.Panicked,
		"a fatal error": tape.Fatal, "a signal": tape.Signaled, "exec": tape.Replaced,
	} {
		all = append(all, scenario{"a circle, " + name, func(w *world) { circle(w); w.t.End = end }, proven})
	}
	runAll(t, all)
}
