package hang

import (
	"slices"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
)

const crosswise = "2 goroutines deadlocked at bank.waitB bank.go:5 and bank.waitA bank.go:5"

func TestLocks(t *testing.T) {
	run(t, []scenario{
		{"crosswise", func(w *world) {
			w.g(2, holds("A"), locks("B"))
			w.g(3, holds("B"), locks("A"))
		}, []string{"error deadlock (observed): " + crosswise + " [2 3]"}},
		{"crosswise, and one waits for a reader too that waits for a message", func(w *world) {
			w.g(2, holds("A"), locks("R"))
			w.g(3, reads("R"), locks("A"))
			w.g(4, reads("R"), receives("c"))
		}, []string{"error deadlock (observed): 2 goroutines deadlocked at bank.waitR bank.go:5 and bank.waitA bank.go:5 [2 3]"}},
		{"for a moment", func(w *world) {
			w.g(2, holds("A"), locks("B"), lasts(time.Second/2))
			w.g(3, holds("B"), locks("A"))
		}, nil},
		{"for a moment, and nothing moves", func(w *world) {
			w.look.OneMoment = true
			w.g(2, holds("A"), locks("B"), lasts(0))
			w.g(3, holds("B"), locks("A"), lasts(0))
		}, []string{"error deadlock (observed): " + crosswise + " [2 3]"}},
		{"a holder goes on", func(w *world) {
			w.g(2, holds("A"), locks("B"))
			w.g(3, holds("B"))
		}, nil},
		{"a lock that another goroutine may release", func(w *world) {
			w.g(2, holds("A"), locks("B"))
			w.g(3, holds("B"), unowned, locks("A"))
		}, nil},
		{"judged before", func(w *world) {
			w.look.LocksJudged = true
			w.g(2, holds("A"), locks("B"))
			w.g(3, holds("B"), locks("A"))
		}, nil},
		{"reported before", func(w *world) {
			w.g(2, holds("A"), locks("B"), reported)
			w.g(3, holds("B"), locks("A"))
		}, nil},
		{"itself", func(w *world) { w.g(2, holds("A"), locks("A")) }, []string{
			"error self-deadlock (potential): bank.waitA bank.go:5 is probably deadlocked: it locks a mutex that the same goroutine locked at bank.takeA bank.go:5 [2]",
		}},
		{"itself, proven", func(w *world) { w.g(2, holds("A"), locks("A"), unreachable) }, []string{
			"error self-deadlock (proven): bank.waitA bank.go:5 deadlocked: it locks a mutex that the same goroutine locked at bank.takeA bank.go:5 [2]",
		}},
		{"from reading to writing", func(w *world) { w.g(2, reads("R"), locks("R")) }, []string{
			"error lock-upgrade (potential): bank.waitR bank.go:5 is probably deadlocked: it write-locks an RWMutex that the same goroutine read-locked at bank.takeR bank.go:5 [2]",
		}},
		{"holds it itself, and may have given it away", func(w *world) {
			w.g(2, holds("A"), gives(3), locks("A"))
			w.alive(3, 2)
		}, []string{"warning self-deadlock (suspected): bank.waitA bank.go:5 may be deadlocked: it locks a mutex that the same goroutine locked at bank.takeA bank.go:5 [2]"}},
		{"the same, for a while", func(w *world) {
			w.g(2, holds("A"), gives(3), locks("A"), lasts(9*time.Second))
			w.alive(3, 2)
		}, nil},
		{"the same as the program ends", func(w *world) {
			w.look.Exited, w.look.OneMoment = true, true
			w.g(2, holds("A"), gives(3), locks("A"), lasts(time.Second-1))
		}, nil},
		{"the same, and that one waits for the lock too", func(w *world) {
			w.g(2, holds("A"), gives(3), locks("A"), lasts(soon))
			w.g(3, from(2), locks("A"))
		}, []string{"error self-deadlock (potential): bank.waitA bank.go:5 is probably deadlocked: it locks a mutex that the same goroutine locked at bank.takeA bank.go:5 [2]"}},
		{"the same, and the collector knows better", func(w *world) {
			w.g(2, holds("A"), gives(3), locks("A"), lasts(soon), unreachable)
			w.alive(3, 2)
		}, []string{"error self-deadlock (proven): bank.waitA bank.go:5 deadlocked: it locks a mutex that the same goroutine locked at bank.takeA bank.go:5 [2]"}},
		{"a cycle, and one of the locks may have been given away", func(w *world) {
			w.g(2, holds("A"), gives(4), locks("B"))
			w.g(3, holds("B"), locks("A"))
			w.alive(4, 2)
		}, []string{"error deadlock (potential): 2 goroutines are probably deadlocked at bank.waitB bank.go:5 and bank.waitA bank.go:5 [2 3]"}},
		{"a Once inside itself", func(w *world) { w.g(2, holds("O"), locks("O")) }, []string{
			"error self-deadlock (observed): bank.waitO bank.go:5 deadlocked: it calls Do of a Once inside the function of the same Once [2]",
		}},
		{"two Onces", func(w *world) {
			w.g(2, holds("O1"), locks("O2"))
			w.g(3, holds("O2"), locks("O1"))
		}, []string{"error deadlock (observed): bank.waitO2 bank.go:6 and bank.waitO1 bank.go:6 deadlocked through a Once [2 3]"}},
		{"reads again behind a writer", func(w *world) {
			w.g(2, reads("R"), rlocks("R"))
			w.g(3, locks("R"))
		}, []string{"error rlock-recursion (observed): bank.waitR bank.go:5 deadlocked: it read-locks an RWMutex that the same goroutine read-locked at bank.takeR bank.go:5 [2 3]"}},
		{"reads behind a reader", func(w *world) {
			w.g(2, reads("R"), rlocks("R"))
			w.g(3, reads("R"))
		}, nil},
		{"left behind", func(w *world) {
			w.g(2, locks("A"))
			w.look.Left = []Left{{Hold: judge.Hold{Lock: w.object("A"), Stack: at("left")}, By: 9}}
		}, []string{"error abandoned-lock (potential): bank.waitA bank.go:5 waits for a mutex that a goroutine locked at bank.left bank.go:4 and never released before it ended [2]"}},
		{"left behind, and acquired since", func(w *world) {
			w.g(2, locks("A"))
			w.g(3, holds("A"))
			w.look.Left = []Left{{Hold: judge.Hold{Lock: w.object("A"), Stack: at("left")}, By: 9}}
		}, nil},
		{"left behind, to be released by another", func(w *world) {
			w.g(2, locks("A"))
			w.look.Left = []Left{{Hold: judge.Hold{Lock: w.object("A"), Stack: at("left"), Unowned: true}, By: 9}}
		}, nil},
		{"given to one that has ended", func(w *world) {
			w.g(1, receives("c"))
			w.g(2, locks("A"))
			w.look.Left = []Left{{Hold: judge.Hold{Lock: w.object("A"), Stack: at("give"), Unowned: true}, By: 1, Given: true}}
		}, []string{"error abandoned-lock (potential): bank.waitA bank.go:5 waits for a mutex that a goroutine locked at bank.give bank.go:4 and gave to one that ended without releasing it [2]"}},
		{"given to one that has ended, and not for long", func(w *world) {
			w.g(1, receives("c"))
			w.g(2, locks("A"), lasts(soon))
			w.look.Left = []Left{{Hold: judge.Hold{Lock: w.object("A"), Stack: at("give"), Unowned: true}, By: 1, Given: true}}
		}, nil},
		{"given to one that has ended, and maybe given on", func(w *world) {
			w.g(1, receives("c"))
			w.g(2, locks("A"))
			w.alive(4, 3)
			w.look.Left = []Left{{Hold: judge.Hold{Lock: w.object("A"), Stack: at("give"), Unowned: true}, By: 1, Given: true}}
		}, []string{"warning abandoned-lock (suspected): bank.waitA bank.go:5 waits for a mutex that a goroutine locked at bank.give bank.go:4 and gave to one that ended without releasing it [2]"}},
		{"no goroutine has locked it", func(w *world) {
			w.look.AllHolds = true
			w.g(2, locks("A"))
			w.g(3, locks("A"), lasts(2*long))
		}, []string{"error lock-copied (potential): bank.waitA bank.go:5 waits for a locked mutex that no goroutine has locked [3 2]"}},
		{"a holder may be unknown", func(w *world) { w.g(2, locks("A")) }, nil},
	})
}

func TestGroups(t *testing.T) {
	owed := func(w *world) {
		w.change(finding.Await, "g", func(u *Users) { u.Owed = true })
	}
	through := "error deadlock (observed): bank.waitg bank.go:5 and bank.waitA bank.go:5 deadlocked through a wait group [1 2]"
	run(t, []scenario{
		{"a goroutine of the group needs the lock", func(w *world) {
			owed(w)
			w.g(1, holds("A"), awaits("g"))
			w.g(2, owes("g"), locks("A"))
		}, []string{through}},
		{"another one of the group goes on", func(w *world) {
			owed(w)
			w.g(1, holds("A"), awaits("g"))
			w.g(2, owes("g"), locks("A"))
			w.g(3, owes("g"))
		}, []string{through}},
		{"none of the group needs it", func(w *world) {
			owed(w)
			w.g(1, holds("A"), awaits("g"))
			w.g(2, owes("g"))
		}, nil},
		{"counted by hand, and who may count down goes on", func(w *world) {
			w.g(1, holds("A"), awaits("g"))
			w.g(2, locks("A"))
			w.g(3)
		}, nil},
		{"counted by hand, and there is no other", func(w *world) {
			w.g(1, holds("A"), awaits("g"))
			w.g(2, locks("A"))
		}, []string{"warning deadlock (suspected): bank.waitg bank.go:5 and bank.waitA bank.go:5 may be deadlocked through a wait group [1 2]"}},
		{"counted by hand, and as many wait for the lock", func(w *world) {
			w.g(1, holds("A"), awaits("g"), dones(2))
			w.g(2, locks("A"))
			w.g(3, locks("A"))
			w.census.Living[4] = Peer{Parent: 1, Parked: true}
		}, []string{"error deadlock (potential): bank.waitg bank.go:5 and bank.waitA bank.go:5 are probably deadlocked through a wait group [1 2 3]"}},
		{"counted by hand, and one fewer waits for the lock", func(w *world) {
			w.g(1, holds("A"), awaits("g"), dones(3))
			w.g(2, locks("A"))
			w.g(3, locks("A"))
			w.census.Living[4] = Peer{Parent: 1, Parked: true}
		}, []string{"warning deadlock (suspected): bank.waitg bank.go:5 and bank.waitA bank.go:5 may be deadlocked through a wait group [1 2 3]"}},
		{"waits for itself", func(w *world) {
			owed(w)
			w.g(2, owes("g"), awaits("g"))
		}, []string{"error self-deadlock (observed): bank.waitg bank.go:5 deadlocked: only its own goroutine could call Done [2]"}},
	})
}

func TestChannels(t *testing.T) {
	probably := "error deadlock (potential): 2 goroutines are probably deadlocked at bank.waitc bank.go:5 and bank.waitA bank.go:5 [2 3]"
	maybe := "warning deadlock (suspected): 2 goroutines may be deadlocked at bank.waitc bank.go:5 and bank.waitA bank.go:5 [2 3]"
	run(t, []scenario{
		{"sends under the lock that the receiver needs, others may know it", func(w *world) {
			w.used(finding.Send, "c", 3)
			w.g(1)
			w.g(2, holds("A"), sends("c"))
			w.g(3, locks("A"))
		}, []string{probably}},
		{"the same, not for long enough", func(w *world) {
			w.used(finding.Send, "c", 3)
			w.g(1)
			w.g(2, holds("A"), sends("c"), lasts(soon-1))
			w.g(3, locks("A"))
		}, nil},
		{"the same, a moment ago one could help", func(w *world) {
			w.used(finding.Send, "c", 3)
			w.g(1)
			w.g(2, holds("A"), sends("c"), func(_ *world, g *Goroutine) { g.Suspect = time.Second / 2 })
			w.g(3, locks("A"))
		}, nil},
		{"the same, and another one has received", func(w *world) {
			w.used(finding.Send, "c", 3, 4)
			w.g(2, holds("A"), sends("c"))
			w.g(3, locks("A"))
			w.g(4)
		}, nil},
		{"the same, and more may have", func(w *world) {
			w.used(finding.Send, "c", 3)
			w.change(finding.Send, "c", func(u *Users) { u.More = true })
			w.g(2, holds("A"), sends("c"))
			w.g(3, locks("A"))
		}, nil},
		{"the same, and a timer has", func(w *world) {
			w.used(finding.Send, "c", 3)
			w.change(finding.Send, "c", func(u *Users) { u.Timers = true })
			w.g(2, holds("A"), sends("c"))
			w.g(3, locks("A"))
		}, nil},
		{"receives from a global variable's channel under the lock that another one needs", func(w *world) {
			w.g(1, holds("A"), receives("c"), onlyGlobals)
			w.g(2, locks("A"), onlyGlobals)
		}, []string{"error deadlock (potential): 2 goroutines are probably deadlocked at bank.waitc bank.go:5 and bank.waitA bank.go:5 [1 2]"}},
		{"the same, and another one goes on", func(w *world) {
			w.g(1, holds("A"), receives("c"), onlyGlobals)
			w.g(2, locks("A"), onlyGlobals)
			w.alive(3, 1)
		}, []string{"warning deadlock (suspected): 2 goroutines may be deadlocked at bank.waitc bank.go:5 and bank.waitA bank.go:5 [1 2]"}},
		{"two that send to each other, others may know it", func(w *world) {
			w.used(finding.Send, "c1", 3)
			w.used(finding.Send, "c2", 2)
			w.g(1)
			w.g(2, sends("c1"), lasts(lonePatience*time.Second))
			w.g(3, sends("c2"), lasts(lonePatience*time.Second))
		}, []string{"error deadlock (potential): 2 goroutines are probably deadlocked at bank.waitc1 bank.go:6 and bank.waitc2 bank.go:6 [2 3]"}},
		{"the same, for a while", func(w *world) {
			w.used(finding.Send, "c1", 3)
			w.used(finding.Send, "c2", 2)
			w.g(1)
			w.g(2, sends("c1"), lasts(soon))
			w.g(3, sends("c2"), lasts(soon))
		}, nil},
		{"receives under the lock that the sender needs, others may know it", func(w *world) {
			w.used(finding.Receive, "c", 3)
			w.g(1)
			w.g(2, holds("A"), receives("c"))
			w.g(3, locks("A"))
		}, []string{maybe}},
		{"the same, and no other may", func(w *world) {
			w.used(finding.Receive, "c", 3)
			w.made("c", 2)
			w.g(1)
			w.g(2, holds("A"), receives("c"))
			w.g(3, from(2), locks("A"))
		}, []string{probably}},
		{"the same, and none can be counted", func(w *world) {
			w.used(finding.Receive, "c", 3)
			w.made("c", 2)
			w.noCount = true
			w.g(2, holds("A"), receives("c"))
			w.g(3, from(2), locks("A"))
		}, nil},
		{"the same, and one was not counted", func(w *world) {
			w.used(finding.Receive, "c", 3)
			w.made("c", 2)
			w.census.Complete = false
			w.g(1)
			w.g(2, holds("A"), receives("c"))
			w.g(3, from(2), locks("A"))
		}, []string{maybe}},
		{"the same, and another descends from the maker", func(w *world) {
			w.used(finding.Receive, "c", 3)
			w.made("c", 2)
			w.alive(4, 2)
			w.g(1)
			w.g(2, holds("A"), receives("c"))
			w.g(3, from(2), locks("A"))
		}, []string{maybe}},
		{"the same, and the ancestors of another have ended", func(w *world) {
			w.used(finding.Receive, "c", 3)
			w.made("c", 2)
			w.alive(4, 99)
			w.g(1)
			w.g(2, holds("A"), receives("c"))
			w.g(3, from(2), locks("A"))
		}, []string{maybe}},
		{"a sender whose receivers have ended", func(w *world) {
			w.used(finding.Send, "c")
			w.made("c", 2)
			w.g(1)
			w.g(2, sends("c"))
		}, []string{"error stuck (potential): bank.waitc bank.go:5 is probably stuck: no goroutine is left that could receive [2]"}},
		{"the same, and strangers receive from such channels", func(w *world) {
			w.used(finding.Send, "c")
			w.change(finding.Send, "c", func(u *Users) { u.Alike = AlikeStrangers })
			w.made("c", 2)
			w.g(1)
			w.g(2, sends("c"))
		}, nil},
		{"a sender, and none has ever received", func(w *world) {
			w.made("c", 2)
			w.g(1)
			w.g(2, sends("c"))
		}, []string{"warning stuck (suspected): bank.waitc bank.go:5 may be stuck: no goroutine is left that could receive [2]"}},
		{"the same, for a while", func(w *world) {
			w.made("c", 2)
			w.g(1)
			w.g(2, sends("c"), lasts(9*time.Second))
		}, nil},
		{"a channel of which it is not known who made it, and one goes on", func(w *world) {
			w.used(finding.Send, "c")
			w.g(1)
			w.g(2, sends("c"))
		}, nil},
		{"the same, in another test", func(w *world) {
			w.used(finding.Send, "c")
			w.g(1, func(_ *world, g *Goroutine) { g.Group = "TestB" })
			w.g(2, sends("c"), func(_ *world, g *Goroutine) { g.Group = "TestA" })
		}, []string{"error stuck (potential): bank.waitc bank.go:5 is probably stuck: no goroutine is left that could receive [2]"}},
		{"workers without work", func(w *world) {
			w.used(finding.Receive, "c", 1)
			w.made("c", 1)
			w.g(1)
			w.g(2, receives("c"))
			w.g(3, receives("c"))
		}, nil},
		{"actors that wait for each other", func(w *world) {
			w.used(finding.Receive, "c1", 3)
			w.used(finding.Receive, "c2", 2)
			w.made("c1", 2)
			w.made("c2", 2)
			w.g(1)
			w.g(2, receives("c1"))
			w.g(3, from(2), receives("c2"))
		}, []string{"warning deadlock (suspected): 2 goroutines may be deadlocked at bank.waitc1 bank.go:6 and bank.waitc2 bank.go:6 [2 3]"}},
		{"a lost signal", func(w *world) {
			w.used(finding.Await, "s")
			w.made("s", 2)
			w.change(finding.Await, "s", func(u *Users) { u.Lost = at("tooEarly") })
			w.g(1)
			w.g(2, awaits("s"))
		}, []string{"error stuck (potential): bank.waits bank.go:5 is probably stuck: no goroutine is left that could signal [2]"}},
		{"a nil channel", func(w *world) {
			w.g(2, func(_ *world, g *Goroutine) {
				g.Wait = &Wait{Mode: finding.Receive, Cases: []Case{{Mode: finding.Receive}}, Stack: at("waits"), Lasted: long}
			})
		}, []string{"info nil-channel (suspected): bank.waits bank.go:5 receives from a nil channel, which blocks forever [2]"}},
		{"a nil channel to send to", func(w *world) {
			w.g(2, func(_ *world, g *Goroutine) {
				g.Wait = &Wait{Mode: finding.Send, Cases: []Case{{Mode: finding.Send}}, Stack: at("waits"), Lasted: long}
			})
		}, []string{"error nil-channel (potential): bank.waits bank.go:5 sends on a nil channel, which blocks forever [2]"}},
		{"asks its own loop, by the source", func(w *world) {
			w.services[Case{Object: w.object("c"), Mode: finding.Send}] = []uint64{2}
			w.used(finding.Send, "c", 2)
			w.g(1)
			w.g(2, sends("c"))
		}, []string{"error self-deadlock (potential): bank.waitc bank.go:5 is probably deadlocked: only its own goroutine could receive [2]"}},
		{"asks another one under the lock that it needs, by the source", func(w *world) {
			w.services[Case{Object: w.object("c"), Mode: finding.Receive}] = []uint64{3}
			w.g(1)
			w.g(2, holds("A"), receives("c"))
			w.g(3, locks("A"))
		}, []string{"error deadlock (potential): 2 goroutines are probably deadlocked at bank.waitc bank.go:5 and bank.waitA bank.go:5 [2 3]"}},
		{"the same, and a second one does what the other does", func(w *world) {
			w.services[Case{Object: w.object("c"), Mode: finding.Receive}] = []uint64{3, 4}
			w.g(1)
			w.g(2, holds("A"), receives("c"))
			w.g(3, locks("A"))
			w.g(4)
		}, nil},
		{"a worker has died, and the goroutine that ticks for the pool ends no such wait, by the source", func(w *world) {
			w.unserved = []uint64{1, 3}
			w.g(1, receives("c"), awaited)
			w.g(2)
			w.g(3, awaits("s"))
		}, []string{"error stuck (potential): bank.waits bank.go:5 is probably stuck: no goroutine is left that could signal [3]"}},
		{"the same, not for long", func(w *world) {
			w.unserved = []uint64{1, 3}
			w.g(1, receives("c"), awaited, lasts(9*time.Second))
			w.g(2)
			w.g(3, awaits("s"), lasts(9*time.Second))
		}, nil},
		{"the same of one for which nothing waits", func(w *world) {
			w.unserved = []uint64{3}
			w.g(1)
			w.g(2)
			w.g(3, awaits("s"))
		}, nil},
		{"each asks the other, beside one that ends no such wait, by the source", func(w *world) {
			w.unserved = []uint64{2, 3}
			w.used(finding.Receive, "c", 3)
			w.used(finding.Send, "d", 2)
			w.g(1)
			w.g(2, receives("c"))
			w.g(3, sends("d"))
		}, []string{"error deadlock (potential): 2 goroutines are probably deadlocked at bank.waitc bank.go:5 and bank.waitd bank.go:5 [2 3]"}},
		{"main waits for what its function alone has, and others go on", func(w *world) {
			w.g(1, receives("c"), unreachable, awaited, alone)
			w.g(2)
		}, []string{"info stuck (proven): bank.waitc bank.go:5 is stuck: no goroutine is left that could send [1]"}},
		{"main waits for what another one had", func(w *world) {
			w.g(1, receives("c"), unreachable, awaited)
			w.g(2)
		}, []string{"error stuck (proven): bank.waitc bank.go:5 is stuck: no goroutine is left that could send [1]"}},
		{"a nil channel, under a lock that another one needs", func(w *world) {
			w.g(2, holds("A"), func(_ *world, g *Goroutine) {
				g.Wait = &Wait{Mode: finding.Receive, Cases: []Case{{Mode: finding.Receive}}, Stack: at("waits"), Lasted: long}
			})
			w.g(3, locks("A"))
		}, []string{"error nil-channel (observed): bank.waits bank.go:5 receives from a nil channel, which blocks forever [2]"}},
		{"a select without cases, under a lock that another one needs", func(w *world) {
			w.g(2, holds("A"), func(_ *world, g *Goroutine) { g.Wait = &Wait{Mode: finding.Select, Stack: at("waits"), Lasted: long} })
			w.g(3, locks("A"))
		}, []string{"error stuck (observed): bank.waits bank.go:5 is stuck: no goroutine is left that could make a case ready [2]"}},
		{"a select without cases", func(w *world) {
			w.g(2, func(_ *world, g *Goroutine) { g.Wait = &Wait{Mode: finding.Select, Stack: at("waits"), Lasted: long} })
		}, nil},
	})
}

func TestEverybody(t *testing.T) {
	stuck := "error stuck (observed): bank.waitc bank.go:5 is stuck: no goroutine is left that could send [1]"
	run(t, []scenario{
		{"all are asleep", func(w *world) {
			w.look.Asleep = true
			w.g(1, receives("c"), lasts(0))
		}, []string{stuck}},
		{"all are asleep, a lock that was given away is not released", func(w *world) {
			w.look.Asleep = true
			w.g(1, holds("A"), unowned, locks("A"))
		}, []string{"error stuck (observed): bank.waitA bank.go:5 is stuck: no goroutine is left that could release the lock [1]"}},
		{"all are asleep, each waits for what the other has, and one may be given away", func(w *world) {
			w.look.Asleep = true
			w.g(2, holds("A"), unowned, locks("B"))
			w.g(3, holds("B"), locks("A"))
		}, []string{"error deadlock (observed): " + crosswise + " [2 3]"}},
		{"all are asleep, main waits for those it has started", func(w *world) {
			w.look.Asleep = true
			w.g(1, awaits("g"))
			w.g(2, holds("A"), locks("B"))
			w.g(3, holds("B"), locks("A"))
		}, []string{"error deadlock (observed): " + crosswise + " [2 3]"}},
		{"all are asleep, one at a nil channel", func(w *world) {
			w.look.Asleep = true
			w.g(1, func(_ *world, g *Goroutine) {
				g.Wait = &Wait{Mode: finding.Send, Cases: []Case{{Mode: finding.Send}}, Stack: at("waits")}
			})
		}, []string{"error nil-channel (observed): bank.waits bank.go:5 sends on a nil channel, which blocks forever [1]"}},
		{"all are asleep, one in a select without cases", func(w *world) {
			w.look.Asleep = true
			w.g(1, func(_ *world, g *Goroutine) { g.Wait = &Wait{Mode: finding.Select, Stack: at("waits")} })
		}, []string{"error stuck (observed): bank.waits bank.go:5 is stuck: no goroutine is left that could make a case ready [1]"}},
		{"a proven cycle", func(w *world) {
			w.used(finding.Send, "c", 3)
			w.g(1)
			w.g(2, holds("A"), sends("c"), lasts(0), unreachable)
			w.g(3, locks("A"), lasts(0), unreachable)
		}, []string{"error deadlock (proven): 2 goroutines deadlocked at bank.waitc bank.go:5 and bank.waitA bank.go:5 [2 3]"}},
		{"one that is lost, as who received from it before stays for ever", func(w *world) {
			w.used(finding.Send, "c", 1)
			w.g(1, unreachable, awaited, func(_ *world, g *Goroutine) { g.Wait = &Wait{Mode: finding.Select, Stack: at("waits"), Lasted: long} })
			w.g(2, sends("c"), unreachable)
		}, nil},
		{"a proven goroutine that no other one waits for", func(w *world) {
			w.g(1)
			w.g(2, receives("c"), lasts(0), unreachable)
		}, nil},
		{"a proven goroutine that the program waits for", func(w *world) {
			w.g(1, awaits("g"), lasts(0), unreachable, awaited)
			w.g(2, receives("c"), lasts(0), unreachable)
		}, []string{"error stuck (proven): bank.waitc bank.go:5 is stuck: no goroutine is left that could send [2]"}},
		{"the program has come to its end", func(w *world) {
			w.look.Exited = true
			w.g(1, awaits("g"), lasts(0), unreachable, awaited)
			w.g(2, receives("c"), lasts(0), unreachable)
		}, nil},
		{"a proven goroutine that waits for others which hang", func(w *world) {
			w.g(1, awaits("g"), unreachable, awaited)
			w.g(2, holds("A"), locks("B"))
			w.g(3, holds("B"), locks("A"))
		}, []string{"error deadlock (observed): " + crosswise + " [2 3]"}},
		{"main waits for a goroutine that stays for those it has started, which hang", func(w *world) {
			w.g(1, awaits("g"), unreachable, awaited)
			w.g(2, owes("g"), unreachable, func(_ *world, g *Goroutine) { g.Wait = &Wait{Mode: finding.Select, Stack: at("waits"), Lasted: long} })
			w.g(3, from(2), holds("A"), locks("B"))
			w.g(4, from(2), holds("B"), locks("A"))
		}, []string{"error deadlock (observed): " + crosswise + " [3 4]"}},
		{"main waits for a goroutine in a select without cases", func(w *world) {
			w.g(1, awaits("g"), unreachable, awaited)
			w.g(2, owes("g"), unreachable, func(_ *world, g *Goroutine) { g.Wait = &Wait{Mode: finding.Select, Stack: at("waits"), Lasted: long} })
			w.g(3, from(2))
		}, []string{"error stuck (observed): bank.waits bank.go:5 is stuck: no goroutine is left that could make a case ready [2]"}},
		{"a program that serves, with main in a select without cases, and one that is lost", func(w *world) {
			w.g(1, unreachable, awaited, func(_ *world, g *Goroutine) { g.Wait = &Wait{Mode: finding.Select, Stack: at("waits"), Lasted: long} })
			w.g(2, receives("c"), unreachable)
			w.g(3)
		}, nil},
		{"a program that serves, with main in a select without cases", func(w *world) {
			w.g(1, unreachable, awaited, func(_ *world, g *Goroutine) { g.Wait = &Wait{Mode: finding.Select, Stack: at("waits"), Lasted: long} })
			w.g(2)
		}, nil},
	})
}

// TestVictims counts goroutines that hang because of others once, with those.
func TestVictims(t *testing.T) {
	w := newWorld()
	w.g(1, awaits("g"), unreachable, awaited)
	w.g(2, holds("A"), locks("B"))
	w.g(3, holds("B"), locks("A"))
	w.g(4, locks("A"))
	hangs := Judge(&w.look).Hangs
	if len(hangs) != 1 {
		t.Fatalf("%d hangs, want 1", len(hangs))
	}
	if got := hangs[0].Victims(); !slices.Equal(got, []int{3, 0}) {
		t.Errorf("victims %v, want [3 0]", got)
	}
	f := hangs[0].Finding()
	if m := f.Measures; len(m) != 1 || m[0].Name != "goroutines that hang with them" || m[0].Value != 2 {
		t.Errorf("measures %+v", m)
	}
}

// TestHeld is for witnesses that see a cycle of locks when it closes.
func TestHeld(t *testing.T) {
	w := newWorld()
	w.g(2, holds("A"), locks("B"), lasts(0))
	w.g(3, holds("B"), locks("A"), lasts(0))
	w.g(4, holds("A"), locks("A"))
	if f := Held(w.look.Goroutines[:2]); f.Title != crosswise || f.Certainty != finding.Observed || f.Coffman.Breaks != "circular wait" {
		t.Errorf("%s, breaks %s", f.Headline(), f.Coffman.Breaks)
	}
	if f := Held(w.look.Goroutines[2:]); f.Rule != finding.RuleSelfDeadlock || f.Certainty != finding.Potential || f.Detail != onlyAnother {
		t.Errorf("%s: %s", f.Headline(), f.Detail)
	}
	w.look.Goroutines[0].Wait.Unowned = true
	if f := Held(w.look.Goroutines[:2]); f.Certainty != finding.Suspected || f.Severity != finding.Warning {
		t.Errorf("%s %s", f.Severity, f.Headline())
	}
}
