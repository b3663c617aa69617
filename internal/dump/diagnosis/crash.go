package diagnosis

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/dump"
)

// serveCause is how an HTTP server begins a dump of a handler's panic.
var serveCause = regexp.MustCompile(`^http2?: panic serving \S+: `)

// mapRaces are the runtime's words for two goroutines in one map
// (GOROOT/src/internal/runtime/maps and runtime/map.go).
var mapRaces = []string{
	"fatal error: concurrent map writes",
	"fatal error: concurrent map read and map write",
	"fatal error: concurrent map iteration and map write",
	"fatal error: concurrent map clone and map write",
}

// misuses are the panics that name a mistake with a channel or a wait group.
var misuses = []struct {
	text  string
	rule  finding.RuleID
	title string
	kind  finding.ResourceKind
}{
	{"send on closed channel", finding.RuleSendOnClosed, "sends on a closed channel", finding.Channel},
	{"close of closed channel", finding.RuleDoubleClose, "closes a channel a second time", finding.Channel},
	{"close of nil channel", finding.RuleNilChannel, "closes a nil channel", finding.Channel},
	{"sync: negative WaitGroup counter", finding.RuleWaitGroupMisuse, "calls Done more often than Add", finding.WaitGroup},
	{"sync: WaitGroup misuse", finding.RuleWaitGroupMisuse, "calls Add while others wait", finding.WaitGroup},
	{"sync: WaitGroup is reused", finding.RuleWaitGroupMisuse, "reuses a wait group before its Wait has returned", finding.WaitGroup},
}

// crash judges what the runtime itself says.
func (j *judging) crash() {
	if j.asleep() {
		j.allAsleep()
	}
	for _, text := range mapRaces {
		if strings.HasPrefix(j.Cause, text) && len(j.goroutines) > 0 {
			j.mapRace(strings.TrimPrefix(text, "fatal error: "))
		}
	}
	text, served := j.panicText()
	for _, m := range misuses {
		if !strings.HasPrefix(text, m.text) || len(j.goroutines) == 0 {
			continue
		}
		g := j.example(0)
		f := finding.Finding{
			Rule: m.rule, Certainty: finding.Observed, Severity: finding.Error, Count: 1,
			Title:      fmt.Sprintf("%s %s, and the program panics", g.Stack.User(), m.title),
			Resources:  []finding.Resource{{Kind: m.kind}},
			Goroutines: []finding.Goroutine{g},
			Evidence:   j.evidence("%s", j.Cause),
			Fix:        m.rule.Fix(),
		}
		if served {
			f.Title = fmt.Sprintf("%s %s, and the request panics", g.Stack.User(), m.title)
			f.Detail = "The HTTP server recovered the panic and closed the connection. The program goes on with whatever the handler " +
				"left behind: a lock that no deferred call unlocks stays locked."
		}
		j.found = append(j.found, f)
	}
}

// panicText is the value that the program panicked with, "" if it did not; served
// shows that an HTTP server recovered it.
func (d *Dump) panicText() (text string, served bool) {
	if text, panicked := strings.CutPrefix(d.Cause, "panic: "); panicked {
		return text, false
	}
	if at := serveCause.FindStringIndex(d.Cause); at != nil {
		return d.Cause[at[1]:], true
	}
	return "", false
}

func (j *judging) allAsleep() {
	f := finding.Finding{
		Rule: finding.RuleDeadlock, Certainty: finding.Observed, Severity: finding.Error, Count: 1,
		Title:    "all goroutines are asleep",
		Detail:   "The runtime found that no goroutine can continue, and ended the program.",
		Evidence: j.evidence("%s", j.Cause),
		Fix:      "find what each of them waits for: a send without a receiver, a Wait without its Done, a lock whose holder waits too",
	}
	n := 0
	for i := range j.goroutines {
		g := &j.goroutines[i]
		if g.isSystem() {
			continue
		}
		if n++; n > shownAsleep {
			continue
		}
		f.Resources = append(f.Resources, j.awaited(i))
		f.Goroutines = append(f.Goroutines, j.waiter(i, len(f.Resources)-1))
	}
	if n > 0 {
		first := f.Goroutines[0]
		f.Title = fmt.Sprintf("all %d goroutines are asleep: %s waits in %s (%s)", n, name(first.ID), first.Wait.Stack.User(), first.State)
	}
	if n == 1 {
		f.Title = fmt.Sprintf("the only goroutine waits in %s (%s), and no other one can wake it", f.Goroutines[0].Wait.Stack.User(), f.Goroutines[0].State)
	}
	if n > shownAsleep {
		f.Detail += fmt.Sprintf(" %d more goroutines wait beside those shown.", n-shownAsleep)
	}
	j.found = append(j.found, f)
}

func name(id uint64) string {
	if id == dump.MainID {
		return "main"
	}
	return numbered(id)
}

// numbered names a goroutine by its id; those of a profile have none.
func numbered(id uint64) string {
	if id == 0 {
		return "a goroutine"
	}
	return fmt.Sprintf("goroutine %d", id)
}

// sentence begins a sentence with the text.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// mapRace is a data race that the runtime met in a map: it stops the goroutine that
// noticed, which comes first in the dump.
func (j *judging) mapRace(what string) {
	g := j.example(0)
	user := g.Stack.User()
	j.found = append(j.found, finding.Finding{
		Rule: finding.RuleDataRace, Certainty: finding.Observed, Severity: finding.Error, Count: 1,
		Title:      fmt.Sprintf("%s accesses a map at the same time as another goroutine: %s", user, what),
		Detail:     "The runtime noticed it in the goroutine below. The other goroutine went on, and the dump does not say which one it is.",
		Resources:  []finding.Resource{{Kind: finding.Variable, Class: user}},
		Goroutines: []finding.Goroutine{g},
		Evidence:   j.evidence("%s", j.Cause),
		Fix: "protect every access to the map with one mutex (or an RWMutex, if reads prevail), or use sync.Map; " +
			"the race detector (go test -race) names both sides",
	})
}
