package verdict

import (
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/zerotouch/naming"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// object is a lock, channel or the like of a tape.
type object struct {
	scene *scene
	tape.Object
}

// object returns the object for the court, nil for the nil channel.
func (s *scene) object(o tape.Object) judge.Object {
	if isNil(o) {
		return nil
	}
	k := keyOf(o)
	known := s.objects[k]
	if known == nil {
		known = &object{s, o}
		s.objects[k] = known
	}
	return known
}

// Resource names the object by what the line at the stack calls it.
func (o *object) Resource(as finding.Mode, at finding.Stack) finding.Resource {
	kind, op, embedded := kindOf(o.Kind), opOf(as), ""
	switch {
	case as != finding.Exclusive && as != finding.Shared:
	case o.Kind == tape.Chan:
		kind, op = finding.Semaphore, naming.Send
	case o.Kind == tape.Semaphore:
		op = naming.Acquire
	case isDo(at):
		kind, op = finding.Once, naming.Do
	case kind == finding.RWMutex:
		embedded = "RWMutex"
	default:
		embedded = "Mutex"
	}
	r := finding.Resource{Kind: kind, Name: o.scene.namer.Name(at.Site(), op, embedded), Address: o.Addr}
	if !isNil(o.Object) {
		r.Class = o.scene.firstUse(keyOf(o.Object))
	}
	if r.Name == "" {
		r.Name = o.scene.nameByUse(keyOf(o.Object))
	}
	if r.Name == "" && !isLock(o.Kind) {
		r.Name = o.scene.namer.ParameterName(at.Site(), op)
	}
	return r
}

// nameByUse is what lines that have used a channel or the like call it, "" if they do not
// tell: the line at which it is waited for may be that of a select with several.
func (s *scene) nameByUse(k key) string {
	for _, u := range s.uses[k] {
		if name := s.namer.Name(u.Stack.Site(), useOps[u.Side], ""); name != "" {
			return name
		}
	}
	return ""
}

var useOps = map[tape.Side]naming.Op{
	tape.Send: naming.Send, tape.Recv: naming.Receive, tape.SawClosed: naming.Receive, tape.Close: naming.Close,
	tape.Add: naming.Wait, tape.Done: naming.Wait, tape.Await: naming.Wait, tape.Signal: naming.Wait,
}

// isDo reports whether a lock that is acquired at a stack is the one inside a Once.
func isDo(at finding.Stack) bool {
	for _, f := range at {
		if !f.IsMachinery() {
			break
		}
		if strings.HasPrefix(f.Func, "sync.(*Once).") {
			return true
		}
	}
	return false
}

func kindOf(k tape.Kind) finding.ResourceKind {
	switch k {
	case tape.Mutex:
		return finding.Mutex
	case tape.RWMutex:
		return finding.RWMutex
	case tape.WaitGroup:
		return finding.WaitGroup
	case tape.Cond:
		return finding.Cond
	case tape.Semaphore:
		return finding.Semaphore
	}
	return finding.Channel
}

func opOf(as finding.Mode) naming.Op {
	switch as {
	case finding.Exclusive, finding.Shared:
		return naming.Lock
	case finding.Send:
		return naming.Send
	case finding.Receive:
		return naming.Receive
	}
	return naming.Wait
}

// firstUse is where a channel or the like was first used; zero if that is not known.
func (s *scene) firstUse(k key) finding.Frame {
	var first *tape.Use
	for _, u := range s.uses[k] {
		if len(u.Stack) > 0 && (first == nil || u.Time < first.Time) {
			first = u
		}
	}
	if first == nil {
		return finding.Frame{}
	}
	return first.Stack.Site()
}
