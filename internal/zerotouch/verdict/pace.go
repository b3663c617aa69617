package verdict

import (
	"time"

	"github.com/concdoctor/concdoctor/internal/cputime"
)

const (
	// lookShare is how many times longer than its processor time the rest after a look
	// lasts: in the long run looks cost a hundredth of a processor. Time that a look waits for
	// the program, or for a processor on a busy machine, costs nothing.
	lookShare = 100
	// lookCredit is what looks may cost on top of that. The first one at a hang reads and
	// checks the source of packages: without credit a program with large packages would be left
	// alone for minutes just when it hangs.
	lookCredit = 5 * time.Second
	// creditRest is the longest rest on credit.
	creditRest = 3 * time.Second
)

// pace says how long to rest between looks.
type pace struct {
	interval time.Duration // the shortest rest
	started  time.Time
	spent    time.Duration // by all looks
	before   time.Duration // what was used when the look began
	// used replaces cputime.Used in tests.
	used func() (time.Duration, bool)
}

func newPace(interval time.Duration) *pace {
	return &pace{interval: interval, started: time.Now(), used: cputime.Used}
}

// now is the processor time used, or the time since the start where that is not known.
func (p *pace) now() time.Duration {
	if used, known := p.used(); known {
		return used
	}
	return time.Since(p.started)
}

// begin marks the beginning of a look.
func (p *pace) begin() { p.before = p.now() }

// rest returns how long to rest after the look that began last.
func (p *pace) rest() time.Duration {
	cost := p.now() - p.before
	p.spent += cost
	rest := lookShare * cost
	if p.spent <= lookCredit+time.Since(p.started)/lookShare {
		rest = min(rest, creditRest)
	}
	return max(p.interval, rest)
}
