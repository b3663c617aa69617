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
	case isDo(at):
		kind, op = finding.Once, naming.Do
	case kind == finding.RWMutex:
		embedded = "RWMutex"
	default:
		embedded = "Mutex"
	}
	return finding.Resource{
		Kind: kind, Name: o.scene.namer.Name(at.Site(), op, embedded), Class: o.scene.firstUse(keyOf(o.Object)), Address: o.Addr,
	}
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
