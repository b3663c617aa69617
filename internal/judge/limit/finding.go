package limit

import (
	"fmt"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
)

// maxChain bounds the goroutines that a finding shows beyond the holder: each holds what the
// one before waits for.
const maxChain = 3

// held is the finding of a lock that one goroutine holds for long.
func (j *judging) held(c *contended) finding.Finding {
	w := new(writer)
	keeper := &j.Goroutines[c.keeper]
	f := finding.Finding{Rule: finding.RuleHeldLong, Certainty: finding.Observed, Severity: finding.Warning, Fix: finding.RuleHeldLong.Fix()}
	if keeper.Wait != nil {
		f.Severity = finding.Error
	}
	w.Of(c.lock, "", nil) // the first resource
	f.Goroutines = append(f.Goroutines, w.goroutine(keeper, c.lock), w.goroutine(&j.Goroutines[c.oldest], nil))
	kind := w.List[0].Kind
	held := f.Goroutines[0].Holds[0].Stack.Site()
	f.Title = fmt.Sprintf("%s %s for more than %s while %s for it", held, heldAs(kind), limitText(j.HoldLimit), waiting(len(c.waiters)))
	f.Detail = strings.Join(append([]string{w.state(keeper, &f.Goroutines[0])}, j.chain(w, c, &f)...), " ")
	f.Measures = j.measures(c)
	f.Resources = w.List
	return f
}

// heldAs says what the goroutine has done to a lock of the kind.
func heldAs(kind finding.ResourceKind) string {
	if kind == finding.Once {
		return "has run the function of a Once"
	}
	return "has held " + kind.Indefinite()
}

func waiting(n int) string {
	if n == 1 {
		return "another goroutine waits"
	}
	return finding.Plural(n, "goroutine") + " wait"
}

// limitText writes a limit without parts that are zero: "30s", "1m30s".
func limitText(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	return strings.TrimSuffix(text, "0m")
}

// measures are how long and how many goroutines wait.
func (j *judging) measures(c *contended) []finding.Measure {
	return []finding.Measure{
		finding.Duration("longest wait", j.Goroutines[c.oldest].Wait.Lasted), finding.Number("goroutines that wait", len(c.waiters)),
	}
}

// chain adds the goroutines that hold what the holder waits for, and what that one waits for
// in turn.
func (j *judging) chain(w *writer, c *contended, f *finding.Finding) (detail []string) {
	shown := map[int]bool{c.keeper: true, c.oldest: true}
	for range maxChain {
		if c = j.next(c.keeper); c == nil {
			return detail
		}
		if j.judge(c); c.keeper < 0 || shown[c.keeper] {
			return detail
		}
		shown[c.keeper] = true
		g := &j.Goroutines[c.keeper]
		f.Goroutines = append(f.Goroutines, w.goroutine(g, c.lock))
		label := finding.ResourceLabel(w.Of(c.lock, "", nil))
		detail = append(detail, fmt.Sprintf("%s is held by goroutine %d.", label, g.ID), w.state(g, &f.Goroutines[len(f.Goroutines)-1]))
	}
	return detail
}

// waited is the finding of a lock that a goroutine waits for, and that none has held all the
// time.
func (j *judging) waited(c *contended) finding.Finding {
	w := new(writer)
	oldest := &j.Goroutines[c.oldest]
	f := finding.Finding{Rule: finding.RuleWaitedLong, Certainty: finding.Observed, Severity: finding.Warning, Fix: finding.RuleWaitedLong.Fix()}
	f.Goroutines = append(f.Goroutines, w.goroutine(oldest, nil))
	f.Title = fmt.Sprintf("%s has waited for %s for more than %s", oldest.Wait.Stack.Frames().Site(), w.List[0].Kind.Indefinite(), limitText(j.WaitLimit))
	f.Detail = "No goroutine is known to hold the lock: it was released by a goroutine that did not hold it, or acquired by code that is not observed."
	if c.keeper >= 0 {
		f.Goroutines = append(f.Goroutines, w.goroutine(&j.Goroutines[c.keeper], c.lock))
		f.Detail = fmt.Sprintf("No goroutine held it for all that time: it passed from one to the next. At the moment goroutine %d holds it.", j.Goroutines[c.keeper].ID)
		if c.hold.Lasted == 0 {
			f.Detail = fmt.Sprintf("Goroutine %d holds it. For how long is not known.", j.Goroutines[c.keeper].ID)
		}
	}
	f.Measures = j.measures(c)
	f.Resources = w.List
	return f
}

// writer collects the resources of a finding.
type writer struct{ judge.Resources }

// goroutine shows a goroutine, and first of its holds that of the lock, which may be nil.
func (w *writer) goroutine(g *Goroutine, first judge.Object) finding.Goroutine {
	shown := finding.Goroutine{ID: g.ID, State: g.State, Created: judge.Created(judge.Expand(g.Created))}
	for i := range g.Holds {
		if g.Holds[i].Lock == first {
			shown.Holds = append(shown.Holds, w.Hold(&g.Holds[i]))
		}
	}
	if g.Wait != nil {
		shown.Wait = &finding.Wait{
			Resource: g.Wait.Resources(&w.Resources)[0], Mode: g.Wait.Mode, Nanos: max(0, int64(g.Wait.Lasted)),
			Stack: judge.Expand(g.Wait.Stack).Trim(), Blocked: true,
		}
	} else {
		shown.Stack = judge.Expand(g.Now).Trim()
	}
	for i := range g.Holds {
		if g.Holds[i].Lock != first {
			shown.Holds = append(shown.Holds, w.Hold(&g.Holds[i]))
		}
	}
	return shown
}

// state says what a goroutine does now.
func (w *writer) state(g *Goroutine, shown *finding.Goroutine) string {
	at := ""
	if site := shown.Stack.User(); !site.IsZero() {
		at = " at " + site.String()
	}
	if shown.Wait != nil {
		return fmt.Sprintf("Goroutine %d is itself blocked: it waits for %s, %s, at %s.", g.ID, finding.ResourceLabel(shown.Wait.Resource),
			w.List[shown.Wait.Resource].Kind.Indefinite(), shown.Wait.Stack.User())
	}
	verb, known := doing[g.State]
	switch {
	case known:
	case g.State == "":
		return fmt.Sprintf("Goroutine %d waits for no lock or channel: it computes, sleeps, or waits for I/O.", g.ID)
	default:
		verb = "is in the state " + g.State
	}
	return fmt.Sprintf("Goroutine %d %s%s.", g.ID, verb, at)
}

// doing says in words what goroutines do that wait for no other one, by the runtime's words.
var doing = map[string]string{
	"running": "runs", "sleep": "sleeps", "IO wait": "waits for input or output", "syscall": "is in a system call",
}
