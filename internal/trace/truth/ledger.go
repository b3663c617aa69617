package truth

import (
	"strings"
	"sync"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// stay is a wait or a hold, from one time stamp to another.
type stay struct {
	who      string
	from, to time.Time
}

func (s stay) nanos() float64 { return float64(s.to.Sub(s.from)) }

// overlap returns how long two stays coincided.
func (s stay) overlap(o stay) float64 {
	from, to := s.from, s.to
	if o.from.After(from) {
		from = o.from
	}
	if o.to.Before(to) {
		to = o.to
	}
	return float64(max(0, to.Sub(from)))
}

// ledger writes down which goroutine waited for a lock when and which held it when. Each goroutine
// has a book of its own, so that writing costs no lock.
type ledger struct {
	mu    sync.Mutex
	books []*book // guarded by mu
}

// book is what one goroutine writes down.
type book struct {
	who          string
	waits, holds []stay
	asked, got   time.Time
}

func (l *ledger) book(who string) *book {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := &book{who: who}
	l.books = append(l.books, b)
	return b
}

// ask comes right before a Lock, acquired right after it, and release right before
// the Unlock.
func (b *book) ask() { b.asked = time.Now() }

func (b *book) acquired() {
	b.got = time.Now()
	b.waits = append(b.waits, stay{b.who, b.asked, b.got})
}

func (b *book) release() { b.holds = append(b.holds, stay{b.who, b.got, time.Now()}) }

// each calls f for every wait of the one and every hold of the other; "" is any goroutine.
func (l *ledger) overlap(waiter, holder string) (sum float64) {
	for _, w := range l.waits(waiter) {
		for _, h := range l.holds(holder) {
			sum += w.overlap(h)
		}
	}
	return sum
}

func (l *ledger) waits(who string) (all []stay) {
	for _, b := range l.books {
		if who == "" || b.who == who {
			all = append(all, b.waits...)
		}
	}
	return all
}

func (l *ledger) holds(who string) (all []stay) {
	for _, b := range l.books {
		if who == "" || b.who == who {
			all = append(all, b.holds...)
		}
	}
	return all
}

func total(stays []stay) (sum float64) {
	for _, s := range stays {
		sum += s.nanos()
	}
	return sum
}

// together runs each function in a goroutine of its own and waits for all.
func together(fs ...func()) {
	var wg sync.WaitGroup
	for _, f := range fs {
		wg.Go(f)
	}
	wg.Wait()
}

func repeat(n int, f func()) func() {
	return func() {
		for range n {
			f()
		}
	}
}

// spin keeps a processor busy.
func spin(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
	}
}

// contentionAt returns the contention findings with waits in the function.
func contentionAt(o *Outcome, function string) *finding.Finding {
	for i := range o.Report.Findings {
		f := &o.Report.Findings[i]
		if f.Rule != finding.RuleContention {
			continue
		}
		for _, p := range f.Pairs {
			if short(p.Waiter.User().Func) == function {
				return f
			}
		}
	}
	return &finding.Finding{}
}

// waited sums the finding's pairs by waiter and what is to blame; "" is any goroutine.
func waited(f *finding.Finding, waiter, blamed string) (sum float64) {
	for _, p := range f.Pairs {
		if (waiter == "" || short(p.Waiter.User().Func) == waiter) && (blamed == "" || short(p.Blamed.User().Func) == blamed) {
			sum += float64(p.Nanos)
		}
	}
	return sum
}

// rules returns the findings' rules with the functions of their first places, but for
// those that are left out.
func rules(o *Outcome, without ...finding.RuleID) (all []string) {
next:
	for i := range o.Report.Findings {
		f := &o.Report.Findings[i]
		for _, rule := range without {
			if f.Rule == rule {
				continue next
			}
		}
		text := string(f.Rule)
		if len(f.Places) > 0 {
			// A closure goes by the function that it stands in.
			function, _, _ := strings.Cut(short(f.Places[0].Stack.User().Func), ".func")
			text += " " + function
		}
		all = append(all, text)
	}
	return all
}

// measure returns a measure of a finding by name, -1 if it has none.
func measure(f *finding.Finding, name string) float64 {
	for _, m := range f.Measures {
		if m.Name == name {
			return m.Value
		}
	}
	return -1
}
