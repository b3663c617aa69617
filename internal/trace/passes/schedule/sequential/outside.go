package sequential

import (
	"strings"

	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// place says what a stack waits for, as far as that follows from its functions.
type place uint8

const (
	unseen    place = iota
	elsewhere       // no wait of a series
	outside         // the world outside the program, for all that the stack says
	exchange        // an HTTP exchange: the waiting is done by a goroutine of the client
)

// isOutside reports whether a wait is for the world outside the program and may be
// one of a series.
func (p *pass) isOutside(r stream.Reason, stack stream.StackID) bool {
	if !r.IsIO() && r != stream.Select {
		return false
	}
	at := p.place(stack)
	return at == exchange || at == outside && r.IsIO()
}

// place returns what the stack waits for, computed once.
func (p *pass) place(stack stream.StackID) place {
	for int(stack) >= len(p.outside) {
		p.outside = append(p.outside, make([]place, p.tr.Stacks()-len(p.outside))...)
	}
	if p.outside[stack] == unseen {
		p.outside[stack] = p.newPlace(stack)
	}
	return p.outside[stack]
}

// newPlace looks at the functions between the wait and user code, of which there
// must be some.
func (p *pass) newPlace(stack stream.StackID) place {
	if stack == 0 || p.tr.User(stack) == 0 {
		return elsewhere
	}
	found := outside
	for _, id := range p.tr.FrameIDs(stack) {
		f := p.tr.Frame(id)
		switch {
		case !f.Machinery && !f.Standard:
			return found
		case isStream(f.Func) || listens(f):
			return elsewhere
		case f.Package() == "net/http" && (strings.HasSuffix(f.Func, ".roundTrip") || strings.HasSuffix(f.Func, ".getConn")):
			found = exchange
		}
	}
	return found
}

// streams read one stream in a loop of their own: its parts come one after another.
var streams = [...]string{"os.(*File).Read", "io.copyBuffer", "io.ReadAll", "bufio.(*Scanner).Scan", "bufio.(*Reader).WriteTo"}

// isStream reports whether the function reads a file or a whole stream. What is read
// from a terminal or a pipe comes when it comes.
func isStream(name string) bool {
	for _, s := range streams {
		if strings.HasPrefix(name, s) {
			return true
		}
	}
	return false
}

// listens: a server that waits for clients has nothing to do at the same time.
func listens(f *stream.Frame) bool {
	_, method, _ := strings.Cut(f.Func, ").")
	return f.Package() == "net" && (strings.EqualFold(method, "accept") || strings.HasPrefix(method, "ReadFrom") || strings.HasPrefix(method, "readFrom"))
}
