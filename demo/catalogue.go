package demo

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/demo/internal/bank"
	"github.com/concdoctor/concdoctor/demo/internal/counter"
	"github.com/concdoctor/concdoctor/demo/internal/philosophers"
)

// Catalogue returns the demos in the order in which they are shown: programs that
// can hang, that can be wrong, that wait.
func Catalogue() []*Demo {
	return []*Demo{
		philosophersInversion(), philosophersDeadlock(), bankTransfer(),
		lostUpdate(),
		goroutineLeak(),
		coarseLock(), ioUnderLock(),
		eventLoopSleep(), eventLoopCall(),
		gatherWaits(), cpuOversubscribed(),
	}
}

func philosophersInversion() *Demo {
	return &Demo{
		Name:  "philosophers-inversion",
		Title: "five philosophers all pick up the left fork first, and are lucky",
		Story: `Each philosopher takes the left fork, then the right one. They eat at
different times, so the program ends well, in this run and perhaps in a
thousand. The agent sees in which order the forks are taken and that the
orders close a cycle of five locks: a deadlock that has not happened yet.
The twin picks up the fork with the lower number first.`,
		Source:    "demo/internal/philosophers/philosophers.go",
		UsesLocks: true,
		Expect: Expectation{
			Rule: finding.RuleLockCycle, Certainty: finding.Potential, By: ByAgent,
			Where: "philosophers.eat", Resources: philosophers.Seats,
		},
		Sick: func(s *Stage) { philosophers.DineByLuck(s.NewLock, philosophers.LeftFirst) },
		Twins: []Twin{{"lowest-first", func(s *Stage) {
			philosophers.DineByLuck(s.NewLock, philosophers.LowestFirst)
		}}},
	}
}

func philosophersDeadlock() *Demo {
	dine := func(order philosophers.Order) Program {
		return func(s *Stage) {
			philosophers.DineTogether(s.NewLock, order, func() { s.Mark("every first fork was taken") })
		}
	}
	return &Demo{
		Name:  "philosophers-deadlock",
		Title: "five philosophers hold the left fork and wait for the right one",
		Story: `Now they are unlucky: each takes the left fork, waits until all five have one,
and reaches for the right one. Nobody can ever go on. The agent reports the
deadlock when it closes, with what everybody holds and waits for; the driver
then ends the program, which would hang for ever.
The twin picks up the fork with the lower number first and meets the same
moment: four have a fork, and one of them can always go on.`,
		Source:    "demo/internal/philosophers/philosophers.go",
		UsesLocks: true,
		Hangs:     true,
		Instant:   true,
		Expect: Expectation{
			Rule: finding.RuleDeadlock, Certainty: finding.Observed, By: ByAgent,
			Where: "philosophers.eat", Resources: philosophers.Seats,
		},
		Sick:  dine(philosophers.LeftFirst),
		Twins: []Twin{{"lowest-first", dine(philosophers.LowestFirst)}},
	}
}

func bankTransfer() *Demo {
	day := func(transfer func(from, to *bank.Account, amount int)) Program {
		return func(s *Stage) { s.Note(finding.Number("sum of both balances", bank.Day(s.NewLock, transfer))) }
	}
	return &Demo{
		Name:  "bank-transfer",
		Title: "transfers lock the payer and then the payee: AB-BA",
		Story: `Alice pays Bob and Bob pays Alice. A transfer locks the account that it takes
from, then the one that it gives to. The two do not meet in this run; if they
do, each holds the lock that the other wants.
The twin locks the account with the smaller number first.`,
		Source:    "demo/internal/bank/bank.go",
		UsesLocks: true,
		Expect: Expectation{
			Rule: finding.RuleLockCycle, Certainty: finding.Potential, By: ByAgent,
			Where: "bank.Transfer", Resources: 2,
		},
		Sick:  day(bank.Transfer),
		Twins: []Twin{{"in-order", day(bank.TransferInOrder)}},
	}
}

// lostMeasure is what the counter demo is judged by, beside the race.
const lostMeasure = "increments lost"

func lostUpdate() *Demo {
	count := func(total func(each int) int64) Program {
		return func(s *Stage) {
			const each = 1_000_000
			done := int64(each) * counter.Workers
			s.Note(finding.Number("increments made", done))
			s.Note(finding.Number(lostMeasure, done-total(each)))
		}
	}
	return &Demo{
		Name:  "lost-update",
		Title: "four goroutines count with n++ and lose increments",
		Story: `Four goroutines add to one counter without a lock. Some read the same value
and write the same sum, so the total is too small; the program measures by how
much. The race is then detected by Go's own race detector (concdoctor relies
on "go run -race" of the demo's source for now, and reads its log).
The twins: a mutex, an atomic add, a compare-and-swap loop.`,
		Source:    "demo/internal/counter/counter.go",
		RaceBuild: true,
		Symptom:   lostMeasure,
		Expect: Expectation{
			Rule: finding.RuleDataRace, Certainty: finding.Observed, By: ByRaceLog, Where: "counter.Racy.func",
		},
		Sick: count(counter.Racy),
		Twins: []Twin{
			{"mutex", count(counter.Locked)},
			{"atomic", count(counter.Atomic)},
			{"cas", count(counter.CompareAndSwap)},
		},
	}
}
