package finding

import (
	"fmt"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/internal/untrusted"
)

const (
	// shownIDs bounds the goroutine ids named in a group, shownHolders the holders.
	shownIDs     = 3
	shownHolders = 3
	// blockedFrames is how many calls of a blocked goroutine are shown.
	blockedFrames = 4
)

// PrintBlocked writes the groups of a process, each line after indent; its headline is
// left to the caller. It writes at most limit groups and says how many are left out.
func (p Printer) PrintBlocked(b *strings.Builder, blocked *BlockedProcess, limit int, indent string) {
	if p.MaxFrames == 0 {
		p.MaxFrames = blockedFrames
	}
	blocked = untrusted.Clean(blocked)
	out := block{p: p, b: b}
	shown := int64(0)
	for i := range blocked.Groups {
		if i == limit {
			break
		}
		out.group(indent, &blocked.Groups[i])
		shown += blocked.Groups[i].Count
	}
	if more := blocked.Count - shown; more > 0 && shown > 0 {
		out.line(indent, p.faint("… "+Plural(more, "more goroutine")+" in other places"))
	}
}

func (o block) group(indent string, g *BlockedGroup) {
	number, shown := 0, false
	if o.p.Explained != nil {
		number, shown = o.p.Explained(g)
	}
	if shown {
		o.line(indent, fmt.Sprintf("%s: see finding %d", g.Head(), number))
		return
	}
	o.line(indent, g.Head())
	o.stack(indent+"  ", g.Stack)
	if number > 0 {
		o.line(indent+"  ", fmt.Sprintf("because of finding %d", number))
	}
	for _, fact := range g.Facts() {
		o.line(indent+"  ", fact)
	}
}

// Facts returns what is known about the group beside its wait and its stack, one line each:
// where it was created, what it holds, which goroutine holds what it waits for.
func (g *BlockedGroup) Facts() []string {
	var facts []string
	if !g.Created.IsZero() {
		facts = append(facts, "created by "+g.Created.String())
	}
	for i := range g.Holds {
		facts = append(facts, g.Holds[i].text())
	}
	for i := range g.Holders {
		if i == shownHolders {
			facts = append(facts, "… "+Plural(len(g.Holders)-i, "more holder"))
			break
		}
		facts = append(facts, g.Holders[i].text(g))
	}
	for i := range g.Uses {
		facts = append(facts, g.Uses[i].text())
	}
	if g.Unused {
		facts = append(facts, g.unused())
	}
	return facts
}

// unused says what no goroutine has done that would end the wait.
func (g *BlockedGroup) unused() string {
	done := "sent on it or closed it"
	switch {
	case g.Resource.Kind == WaitGroup:
		done = "called Done"
	case g.Resource.Kind == Cond:
		done = "signalled it"
	case g.Mode == Send:
		done = "received from it"
	}
	return "no goroutine has " + done
}

// Head returns what the goroutines of the group wait for, in one line: "2 goroutines
// (7, 9) wait to receive from a channel, the longest for 3 minutes".
func (g *BlockedGroup) Head() string {
	var b strings.Builder
	b.WriteString(Plural(g.Count, "goroutine"))
	if ids := g.IDs; len(ids) > 0 {
		texts := make([]string, 0, shownIDs+1)
		for _, id := range ids[:min(len(ids), shownIDs)] {
			texts = append(texts, fmt.Sprint(id))
		}
		if g.Count > int64(len(texts)) {
			texts = append(texts, "…")
		}
		fmt.Fprintf(&b, " (%s)", strings.Join(texts, ", "))
	}
	if g.Test != "" {
		b.WriteString(ofTest(g.Test))
	}
	wait := "wait"
	if g.Count == 1 {
		wait = "waits"
	}
	fmt.Fprintf(&b, " %s %s", wait, g.Purpose())
	if g.OldestNanos > 0 {
		if g.Count > 1 {
			b.WriteString(", the longest")
		}
		b.WriteString(" for " + FormatDuration(time.Duration(g.OldestNanos)))
	}
	return b.String()
}

// ofTest is a test in words, as it follows a goroutine: " of TestMove/empty", or of what
// stands in place of one: " of the init of example.com/bank".
func ofTest(name string) string {
	if strings.HasPrefix(name, "init of ") {
		return " of the " + name
	}
	return " of " + name
}

// Purpose returns what the goroutines wait for, as it follows "wait": "to send on channel c".
func (g *BlockedGroup) Purpose() string {
	r := g.Resource
	name := r.Name
	switch r.Kind {
	case Channel:
		return channelPurpose(name, g.Mode, g.State)
	case WaitGroup:
		return "for the wait group" + spaced(name)
	case Cond:
		return "for a signal of the cond" + spaced(name)
	case Once:
		return "for the function of the once" + spaced(name)
	case RWMutex:
		if g.Mode == Shared {
			return "to read-lock the RWMutex" + spaced(name)
		}
		return "to lock the RWMutex" + spaced(name)
	case Mutex:
		return "to lock the mutex" + spaced(name)
	}
	if r.Kind == Network {
		return "for the network, or for the other end of a pipe"
	}
	return "[" + g.State + "]"
}

func channelPurpose(name string, mode Mode, state string) string {
	channel := "a channel"
	switch {
	case name != "":
		channel = "channel " + name
	case strings.Contains(state, "nil chan"):
		channel = "a nil channel"
	}
	switch mode {
	case Send:
		return "to send on " + channel
	case Receive:
		return "to receive from " + channel
	}
	if strings.Contains(state, "no cases") {
		return "in a select without cases"
	}
	if name != "" {
		return "in a select on " + name
	}
	return "in a select"
}

func spaced(name string) string {
	if name == "" {
		return ""
	}
	return " " + name
}

func (h *BlockedHold) text() string {
	verb := "holds "
	if h.Likely {
		verb = "probably holds "
	}
	if h.Resource.Kind == WaitGroup {
		verb = "owes a Done to "
	}
	text := verb + h.Resource.label()
	if h.Mode == Shared {
		text += " for reading"
	}
	if site := h.Stack.User(); !site.IsZero() {
		text += ", in " + site.String()
	}
	return text
}

// label is the resource in a sentence about one instance.
func (r Resource) label() string {
	text := string(r.Kind) + spaced(r.Name)
	if r.Name == "" && !r.Class.IsZero() {
		text += " of " + r.Class.String()
	}
	if r.Address != 0 {
		text += fmt.Sprintf(" (%#x)", r.Address)
	}
	return text
}

func (h *Holder) text(g *BlockedGroup) string {
	who := "a goroutine"
	if h.ID != 0 {
		who = fmt.Sprintf("goroutine %d", h.ID)
	}
	who += spaced(h.Name)
	verb, is := holds(g.Resource.Kind, h.More > 0), "is"
	if h.More > 0 {
		who += fmt.Sprintf(" and %d more", h.More)
		is = "are"
	}
	if h.Likely {
		verb = "probably " + verb
	}
	if h.Mode == Shared {
		verb += " for reading"
	}
	text := who + " " + verb
	if site := h.Held.User(); !site.IsZero() {
		text += " in " + site.String()
	}
	if g.Count == 1 && len(g.IDs) == 1 && h.ID == g.IDs[0] {
		return text // the same goroutine, whose state was given before
	}
	return text + doing(h.State, is, h.Stack)
}

// doing says what a goroutine does besides what a sentence has said of it.
func doing(state, is string, at Stack) (text string) {
	switch state {
	case "":
	case StateEnded:
		return " and has ended"
	case StateAwake:
		return " and does not wait for another goroutine"
	default:
		text = " and " + is + " in [" + state + "]"
	}
	if site := at.User(); !site.IsZero() {
		text += " at " + site.String()
	}
	return text
}

// holds says what a goroutine does with a resource that others wait for.
func holds(kind ResourceKind, many bool) string {
	one, several := "holds it", "hold it"
	switch kind {
	case WaitGroup:
		one, several = "owes it a Done", "owe it a Done"
	case Once:
		one, several = "runs its function", "run its function"
	case Channel, Cond:
		one, several = "uses it", "use it"
	}
	if many {
		return several
	}
	return one
}

func (u *Use) text() string {
	who := "the function of a timer"
	if u.ID != 0 {
		who = fmt.Sprintf("goroutine %d", u.ID)
	}
	text := who + " " + u.Verb
	if site := u.Stack.User(); !site.IsZero() {
		text += " at " + site.String()
	}
	return text + doing(u.State, "is", u.Now)
}
