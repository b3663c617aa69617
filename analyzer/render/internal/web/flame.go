package web

import (
	"cmp"
	"maps"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

const (
	// leastShare is the narrowest box: on a wide screen it is two pixels.
	leastShare = 0.001
	// maxDepth bounds a graph's height; recursions go deeper.
	maxDepth = 64
	// boxHeight is a row in pixels.
	boxHeight = 20
	// maxRows bounds the table beside a graph.
	maxRows = 25
)

// kinds are the classes of waiting, each with a graph of its own: time that is lost
// to a lock must not drown in goroutines that listen to the network.
var kinds = [...]struct{ name, id string }{
	{"locks", "locks"}, {"other goroutines", "sync"}, {"I/O and timers", "io"}, {"the runtime", "runtime"},
}

// kindOf says to which of kinds a reason belongs; the runtime's are the rest.
var kindOf = map[string]int{
	"mutex": 0, "rwmutex read lock": 0, "rwmutex write lock": 0, "once": 0, "internal lock": 0,
	"wait group": 1, "cond": 1, "semaphore": 1, "channel send": 1, "channel receive": 1, "select": 1, "forever": 1,
	"network": 2, "sleep": 2, "system call": 2,
}

// flame is a flame graph of blocked time, its root at the top.
type flame struct {
	Name, ID string
	Chosen   bool // shown first
	Total    string
	Height   int
	Boxes    []box
	Rows     []flameRow

	whole float64 // nanoseconds of the whole width
}

// box is a function, its width the time blocked in it and in what it called.
type box struct {
	X, W        string  // in percent
	At, Share   float64 // the same, for the script
	Depth, Y    int
	Text, Title string
	Class       string
}

// flameRow is a stack in the table beside the graph.
type flameRow struct {
	finding.Blocked
	Site string
}

// node is a function below its callers. Times are floating point, since those of a
// report from elsewhere may sum up to more than an integer holds.
type node struct {
	name, class string
	total, self float64
	children    map[string]*node
}

// flames draws a graph for each kind of waiting.
func flames(blocked []finding.Blocked) []flame {
	var all []flame
	for i, kind := range kinds {
		f := flame{Name: kind.name, ID: kind.id}
		root := node{name: kind.name, class: "root", children: make(map[string]*node)}
		for _, b := range blocked {
			which, known := kindOf[b.Reason]
			if !known {
				which = len(kinds) - 1
			}
			if which != i || b.Nanos <= 0 {
				continue
			}
			root.add(b)
			if len(f.Rows) < maxRows {
				f.Rows = append(f.Rows, flameRow{b, b.Stack.User().String()})
			}
		}
		if root.total == 0 {
			continue
		}
		f.Chosen = len(all) == 0
		f.Total = span(root.total)
		f.whole = root.total
		f.lay(&root, 0, 0)
		for _, b := range f.Boxes {
			f.Height = max(f.Height, b.Y+boxHeight)
		}
		all = append(all, f)
	}
	return all
}

// add adds a stack, outermost call first, and below its site the line and the reason.
func (n *node) add(b finding.Blocked) {
	nanos := float64(b.Nanos)
	n.total += nanos
	at := n
	for i := len(b.Stack) - 1; i >= 0; i-- {
		frame := b.Stack[i]
		class := "own"
		if frame.IsStandard() || frame.IsMachinery() {
			class = "std"
		}
		at = at.child(frame.ShortFunc(), class)
		at.total += nanos
	}
	line := b.Reason
	if site := b.Stack.Site().Position(); site != "" {
		line += " " + site
	}
	leaf := at.child(line, "why")
	leaf.total += nanos
	leaf.self += nanos
}

func (n *node) child(name, class string) *node {
	c := n.children[name]
	if c == nil {
		c = &node{name: name, class: class, children: make(map[string]*node)}
		n.children[name] = c
	}
	return c
}

// lay places a node at its depth, from at on, and what it called, widest first.
func (f *flame) lay(n *node, depth int, at float64) {
	share := n.total / f.whole
	if depth > maxDepth || share < leastShare {
		return
	}
	f.Boxes = append(f.Boxes, box{
		X: percent(at / f.whole), W: percent(share), At: at / f.whole, Share: share, Depth: depth, Y: depth * boxHeight,
		Text: n.name, Class: n.class, Title: n.name + ": " + span(n.total) + ", " + finding.FormatShare(share),
	})
	children := slices.SortedFunc(maps.Values(n.children), func(a, b *node) int {
		return cmp.Or(cmp.Compare(b.total, a.total), cmp.Compare(a.name, b.name))
	})
	for _, c := range children {
		f.lay(c, depth+1, at)
		at += c.total
	}
}

// span writes nanoseconds that may be more than a duration holds.
func span(nanos float64) string {
	const longest = 1 << 62
	return finding.FormatDuration(int64(min(nanos, longest)))
}
