package contention

import (
	"fmt"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// activity is what a holder does other than run.
type activity uint8

const (
	unready  activity = iota // ready, without a processor
	sleeping                 // until a timer
	inSyscall
	onNetwork
	waitingFor // another goroutine: a lock, a channel, a wait group
	activityCount
)

// activities are nanoseconds by what holders did.
type activities [activityCount]int64

func (d *activities) add(o *activities) {
	for i, n := range o {
		d[i] += n
	}
}

// blocked is the time off the processor that is not the scheduler's doing.
func (d *activities) blocked() (sum int64) {
	for _, n := range d[sleeping:] {
		sum += n
	}
	return sum
}

func activityOf(p *park) activity {
	switch {
	case p.ready:
		return unready
	case p.reason == stream.Sleep:
		return sleeping
	case p.reason == stream.InSyscall:
		return inSyscall
	case p.reason == stream.Network:
		return onNetwork
	}
	return waitingFor
}

// holderMeasures are the shares of what the holders did, those that matter.
func (d *diagnosis) holderMeasures() []finding.Measure {
	if d.held == 0 {
		return nil
	}
	ran := max(0, d.held-d.did[unready]-d.did.blocked())
	m := []finding.Measure{finding.Share("holders ran", finding.Fraction(ran, d.held))}
	for i, name := range [activityCount]string{"were ready", "slept", "were in system calls", "waited for the network", "waited for goroutines"} {
		if share := finding.Fraction(d.did[i], d.held); share >= 0.01 {
			m = append(m, finding.Share(name, share))
		}
	}
	return m
}

// holderDoes says what the holders' time went to while others waited.
func (d *diagnosis) holderDoes() string {
	if d.held == 0 {
		return ""
	}
	var parts []string
	for _, m := range d.holderMeasures() {
		parts = append(parts, strings.TrimPrefix(m.Name, "holders ")+" for "+finding.FormatShare(m.Value))
	}
	text := "While others waited, the holders " + finding.Join(parts) + " of the time."
	if finding.Fraction(d.did[unready], d.held) >= mostly {
		text += " The holder is preempted in its section, which does not happen while there are no more goroutines than processors."
	}
	return text
}

// lastState is what a goroutine did when the trace ended.
type lastState struct {
	state  stream.State
	reason stream.Reason
	stack  stream.StackID
	since  int64
}

// holder names the goroutine that holds the class at the trace's end and where it blocks, if that is
// known: the one that was woken to get it after the first of those that still wait had come. It
// has not unlocked since, or one of them would have been woken, unless another one was
// spinning for the lock at that moment: it is not certain.
func (d *diagnosis) holder() (finding.Goroutine, string, bool) {
	if d.open == 0 || d.granted == 0 || d.lastWake < d.openSince {
		return finding.Goroutine{}, "", false
	}
	at, alive := d.p.atEnd[d.granted]
	g := finding.Goroutine{ID: d.granted, Holds: []finding.Hold{{Mode: finding.Exclusive}}}
	if !alive {
		g.State = "ended"
		return g, fmt.Sprintf("Goroutine %d acquired the lock last and has ended without releasing it.", d.granted), true
	}
	if at.reason.IsLock() && at.state == stream.Waiting && at.since >= d.lastWake {
		return g, "", false // it lost the race for the lock and waits again
	}
	g.State = at.state.String()
	if at.state == stream.Waiting || at.state == stream.Syscall {
		g.State = at.reason.String()
		g.Stack = d.p.tr.Stack(at.stack).Trim()
		return g, fmt.Sprintf("As far as the trace shows, goroutine %d holds the lock at the end; it has been in %s (%s) for %s.",
			d.granted, d.p.site(at.stack), at.reason, finding.FormatDuration(d.p.tr.Now-at.since)), true
	}
	return g, fmt.Sprintf("As far as the trace shows, goroutine %d holds the lock at the end; it is %s.", d.granted, at.state), true
}
