package diagnosis

import (
	"regexp"
	"strings"

	"github.com/concdoctor/concdoctor/internal/lockset"
	"github.com/concdoctor/concdoctor/internal/profile"
)

// factsKey is a call in a stack; stacks are shared by goroutines that are alike.
type factsKey struct {
	file, function, callee string
	line                   int
	op                     lockset.Op
}

type sourceFacts struct {
	lockset.Facts
	known bool
}

// facts returns what the source says of the goroutine's call Stack[frame].
func (j *judging) facts(g *goroutine, frame int) (lockset.Facts, bool) {
	if frame >= len(g.Stack) {
		return lockset.Facts{}, false
	}
	f := g.Stack[frame]
	p := lockset.Point{Frame: f, Op: lockset.Call}
	if frame == g.site() {
		p.Op = g.op()
	}
	if p.Op == lockset.Call && frame > 0 {
		p.Callee = methodOf(g.Stack[frame-1].Func)
	}
	k := factsKey{f.File, f.Func, p.Callee, f.Line, p.Op}
	if s, seen := j.seen[k]; seen {
		return s.Facts, s.known
	}
	s := sourceFacts{}
	s.Facts, s.known = j.opts.Sources.At(p)
	if !s.known && p.Callee != "" { // a call through a variable has another name
		p.Callee = ""
		s.Facts, s.known = j.opts.Sources.At(p)
	}
	j.seen[k] = s
	return s.Facts, s.known
}

// op is what the goroutine does at its site.
func (g *goroutine) op() lockset.Op {
	switch g.role {
	case profile.Mutex, profile.RWMutex:
		if g.asksToRead() {
			return lockset.RLock
		}
		return lockset.Lock
	case profile.Send:
		return lockset.Send
	case profile.Receive:
		return lockset.Receive
	case profile.Select:
		return lockset.Select
	case profile.WaitGroup, profile.Cond:
		return lockset.Wait
	}
	return lockset.Call
}

var (
	isLiteral     = regexp.MustCompile(`\.(func)?\d+$`)
	typeArguments = regexp.MustCompile(`\[.*\]`)
)

// methodOf is the name of a function as its caller writes it, "" for a literal.
func methodOf(function string) string {
	if isLiteral.MatchString(function) {
		return ""
	}
	function = typeArguments.ReplaceAllString(function, "")
	return strings.TrimSuffix(function[strings.LastIndexByte(function, '.')+1:], "-fm")
}
