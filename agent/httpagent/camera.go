package httpagent

import (
	"math"
	"sync"
	"time"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/snapshot"
)

const (
	// sharedFor is the least time for which requests share a snapshot, and mostShared the most.
	sharedFor  = time.Second
	mostShared = 10 * time.Second
	// restShare is how many times as long as a snapshot and its pages took the next one is
	// put off: looking takes a twentieth of a core at most, however many look.
	restShare = 20
	// pauseShare is the same for the time for which the program is stopped when all stacks are
	// asked for: a request of the service meets such a stop once in a hundred times at most.
	pauseShare = 100
	// longestPause is the longest stop that a request may ask for.
	longestPause = 250 * time.Millisecond
)

// camera takes snapshots: one at a time, each for all requests of a second.
type camera struct {
	// mu is held while a snapshot is taken. It protects what follows.
	mu     sync.Mutex
	usual  *shot
	stacks *shot     // with all stacks
	next   time.Time // before that all stacks are not taken again
}

// oneAtATime is held by the camera that takes a snapshot, of all that the process has.
var oneAtATime sync.Mutex

// shoot returns a snapshot that is a few seconds old at most.
func (c *camera) shoot() *shot {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.usual == nil || !c.usual.isFresh() {
		c.usual = newShot(snapshot.Options{})
	}
	return c.usual
}

// shootStacks returns a snapshot with the stacks of all goroutines, or after which time
// there can be one.
func (c *camera) shootStacks() (s *shot, after time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	switch {
	case c.stacks != nil && c.stacks.isFresh():
	case now.Before(c.next):
		return nil, c.next.Sub(now)
	default:
		c.stacks = newShot(snapshot.Options{MaxStacks: math.MaxInt, MaxPause: longestPause})
		c.next = now.Add(pauseShare * time.Duration(c.stacks.PauseNanos))
	}
	return c.stacks, 0
}

// forget lets the next request see what has changed just now.
func (c *camera) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.usual = nil
}

// shot is a snapshot and the pages that were made of it.
type shot struct {
	*snapshot.Snapshot
	taken time.Time

	// mu is held while a page is made. It protects what follows.
	mu    sync.Mutex
	took  time.Duration // to take it and make the pages
	pages map[string]rendered
}

// rendered is a page as it is sent.
type rendered struct {
	kind, body string
	file       string // the name to save it under, "" for what is shown
	err        error
}

func newShot(o snapshot.Options) *shot {
	oneAtATime.Lock()
	defer oneAtATime.Unlock()
	s := &shot{taken: time.Now(), pages: make(map[string]rendered)}
	s.Snapshot = agent.Snapshot(o)
	s.took = time.Since(s.taken)
	return s
}

// isFresh reports whether the snapshot still serves.
func (s *shot) isFresh() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(s.taken) < min(max(restShare*s.took, sharedFor), mostShared)
}

// maxRendered bounds the pages that are kept of one snapshot: a page has as many forms as
// there are times after which it can load itself again.
const maxRendered = 32

// page returns the page of that name, which is made once.
func (s *shot) page(name string, render func() rendered) rendered {
	s.mu.Lock()
	defer s.mu.Unlock()
	if made, ok := s.pages[name]; ok {
		return made
	}
	began := time.Now()
	made := render()
	s.took += time.Since(began)
	if len(s.pages) < maxRendered {
		s.pages[name] = made
	}
	return made
}

const (
	// perAnswer and perByte are the budget of answers: fifty in a second, and 16 MB.
	perAnswer = 20 * time.Millisecond
	perByte   = time.Second / (16 << 20)
	// burst is how many answers a reader gets at once: a page with its style, or a few.
	burst = 20
	// mostWaiting is how long an answer may be put off.
	mostWaiting = 2 * time.Second
)

// gate spreads answers over time, so that a crowd of readers leaves the processors to the
// service.
type gate struct {
	mu   sync.Mutex
	next time.Time // when the budget is all there again
}

// enter returns how long an answer has to wait, and false if that would be too long.
func (g *gate) enter(now time.Time) (wait time.Duration, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.next.Before(now) {
		g.next = now
	}
	if wait = max(0, g.next.Sub(now)-burst*perAnswer); wait > mostWaiting {
		return wait, false
	}
	g.next = g.next.Add(perAnswer)
	return wait, true
}

// sent charges the bytes of an answer.
func (g *gate) sent(bytes int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.next = g.next.Add(time.Duration(bytes) * perByte)
}
