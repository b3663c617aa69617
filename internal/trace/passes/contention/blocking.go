package contention

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

const (
	// blockedPark and blockedShare are the map's thresholds: one park under a lock of
	// 1 ms, the order of a disk or network round trip, or a fifth of the hold.
	blockedPark  = 1_000_000
	blockedShare = 0.2
	// unclearHolds and unclearShare: where the lines of code do not decide, a park must
	// have been seen in so many holds, and in this part of those of its unlock. A
	// wrongly dated hold needs the holder to spin at the moment of an unlock, which
	// is a matter of microseconds and happens now and then.
	unclearHolds = 3
	unclearShare = 0.5
	// lostErrorShare of the wall time lost by others makes it an error.
	lostErrorShare = 0.5
)

// blockage is one line at which holders of a class block.
type blockage struct {
	worst     underLock // the pair of stacks that costs most
	certainty finding.Certainty
	parkTally
}

// blocking returns a finding for each line at which a holder blocks while others
// wait for the lock.
func (d *diagnosis) blocking() []finding.Finding {
	var found []finding.Finding
	for _, b := range d.blockages() {
		if d.matters(b.lost) && (b.longest >= blockedPark || finding.Fraction(b.blocked, b.held) >= blockedShare) {
			found = append(found, d.describe(b))
		}
	}
	return found
}

// blockages joins the parks of a class by the line that blocks, dropping those
// that the lines of code contradict.
func (d *diagnosis) blockages() []*blockage {
	lines := d.p.linesOf(d.waits)
	byLine := make(map[stream.FrameID]*blockage)
	var all []*blockage
	for _, u := range d.parks {
		certainty, ok := d.certainty(&lines, u)
		if !ok {
			continue
		}
		line := d.p.userLine(u.park)
		b := byLine[line]
		if b == nil {
			b = &blockage{worst: u, parkTally: parkTally{reason: u.reason}}
			byLine[line] = b
			all = append(all, b)
		}
		b.certainty = max(b.certainty, certainty)
		b.lost += u.lost
		b.holds += u.holds
		b.longest = max(b.longest, u.longest)
		b.held += u.held
		b.blocked += u.blocked
	}
	slices.SortStableFunc(all, func(a, b *blockage) int { return cmp.Compare(b.lost, a.lost) })
	return all
}

// certainty judges one pair of unlock and park.
func (d *diagnosis) certainty(lines *lockLines, u underLock) (finding.Certainty, bool) {
	switch d.p.supports(lines, u.unlock, u.park) {
	case inside:
		return finding.Observed, true
	case unclear:
		if u.holds >= unclearHolds && finding.Fraction(u.holds, d.p.holds[u.unlock].wakes) >= unclearShare {
			return finding.Observed, true
		}
		return finding.Suspected, true
	}
	return 0, false
}

func (p *pass) userLine(stack stream.StackID) stream.FrameID {
	if f := p.tr.User(stack); f != 0 {
		return f
	}
	return p.tr.Site(stack)
}

// words for what the holder does, and what to do about it.
var blockWords = map[stream.Reason]struct{ doing, fix string }{
	stream.Sleep:     {"sleeps", "unlock before the sleep and lock again after it"},
	stream.Network:   {"waits for the network", "make the request before Lock or after Unlock, and keep only the use of its result under the lock"},
	stream.InSyscall: {"is in a system call", "collect under the lock what is to be read or written, and do the I/O after Unlock"},
	stream.ChanSend:  {"waits to send on a channel", "send after Unlock, or hand over through a buffered channel with select and default"},
	stream.ChanRecv:  {"waits to receive from a channel", "receive before Lock, and keep only the use of the value under the lock"},
	stream.Select:    {"waits in a select", "move the select out of the section"},
	stream.WaitGroup: {"waits for a wait group", "unlock before Wait: the goroutines that it waits for may need the lock"},
	stream.Forever:   {"blocks forever", "unlock before blocking"},
}

func (d *diagnosis) blockingMeasures(b *blockage) []finding.Measure {
	m := []finding.Measure{
		finding.Duration("others wait", b.lost), finding.Duration("longest block", b.longest), finding.Number("holds", b.holds),
		finding.Share("others wait during", d.utilisation()), finding.Share("of the goroutines' time", d.pressure()),
	}
	m = append(m, d.holderMeasures()...)
	return append(m, d.halvedMeasures()...)
}

func (d *diagnosis) describe(b *blockage) finding.Finding {
	words := blockWords[b.reason]
	blocker, holder := d.p.site(b.worst.park), d.p.site(b.worst.unlock)
	f := finding.Finding{
		Rule:      finding.RuleBlockingUnderLock,
		Certainty: b.certainty,
		Severity:  finding.Warning,
		Title:     fmt.Sprintf("%s %s while it holds %s; other goroutines wait %s for it", blocker, words.doing, d.noun(), finding.FormatDuration(b.lost)),
		Resources: []finding.Resource{d.resource()},
		Places: append([]finding.Place{
			{Role: "blocks here", Stack: d.p.tr.Stack(b.worst.park).Trim(), Measures: []finding.Measure{
				finding.Duration("longest", b.longest), finding.Number("holds", b.holds), finding.Share("of the hold", finding.Fraction(b.blocked, b.held))}},
			{Role: "holds it until here", Stack: d.p.tr.Stack(b.worst.unlock).Trim()},
		}, d.waitPlaces()...),
		Measures:  d.blockingMeasures(b),
		LostNanos: b.lost,
		Count:     b.holds,
		Evidence: []finding.Evidence{{Source: d.p.tr.Input, Text: fmt.Sprintf(
			"in %s the holder parked (%s) between acquiring the lock and the unlock that woke a waiter", finding.Plural(b.holds, "hold"), b.reason)}},
		Fix: fmt.Sprintf("%s; %s blocks at %s and unlocks at %s", words.fix, blocker.ShortFunc(), blocker.Position(), holder.Position()),
	}
	if b.certainty == finding.Suspected {
		f.Detail = "Lock and Unlock are called in helper functions, and this was seen too rarely to be sure that the lock was acquired before the block."
	}
	if finding.Fraction(b.lost, d.p.tr.Now) >= lostErrorShare && b.certainty == finding.Observed {
		f.Severity = finding.Error
	}
	return f
}
