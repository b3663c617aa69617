package path

import (
	"math"
	"slices"

	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// activity is what time on a path goes to.
type activity uint8

const (
	running activity = iota
	ready
	sleeping
	network
	inSyscall
	collector
	waiting // for what no user goroutine ended
	doingCount
)

var doingNames = [doingCount]string{"running", "ready", "sleep", "network", "system call", "garbage collector", "waiting"}

// spent is nanoseconds by what they went to.
type spent [doingCount]int64

func (s *spent) add(o *spent) {
	for i, n := range o {
		s[i] += n
	}
}

// scaled returns what was spent brought to a sum, where it is more.
func (s *spent) scaled(to int64) spent {
	var sum int64
	for _, n := range s {
		sum += n
	}
	out := *s
	if sum > to {
		for i, n := range out {
			out[i] = int64(float64(n) * float64(to) / float64(sum))
		}
	}
	return out
}

// part is what goroutines of one entry spent.
type part struct {
	entry stream.FrameID
	spent spent
}

// node is a piece of a path, from its parent's end to its own.
type node struct {
	parent int32
	end    int64
	part   part
	more   *[]part // of a node that was joined from several, else nil
}

const (
	// compactAt is how many nodes are kept before the tree is looked through, 6 MB.
	compactAt = 1 << 16
	// maxParts bounds what a joined node distinguishes; the rest counts for entry 0.
	maxParts = 48
)

// tree holds all paths. Node 0 is their common beginning.
//
// Invariant: a node's parent has a lower index.
type tree struct {
	nodes   []node
	compact int // the number of nodes at which to compact
}

func newTree() tree { return tree{nodes: make([]node, 1, compactAt), compact: compactAt} }

// grow appends a node and returns its index.
func (t *tree) grow(parent int32, end int64, p part) int32 {
	t.nodes = append(t.nodes, node{parent: parent, end: end, part: p})
	return int32(len(t.nodes) - 1)
}

// prune drops what is not on the way to one of the leaves, and joins chains; a chain
// is not joined across a cut. The leaves are pointers to indices, which it updates.
func (t *tree) prune(leaves []*int32, cuts []int64) {
	needed := make([]int32, len(t.nodes)) // children that are needed, leaves count twice
	for _, leaf := range leaves {
		needed[*leaf] += 2
	}
	for i := len(t.nodes) - 1; i > 0; i-- {
		if needed[i] > 0 {
			needed[t.nodes[i].parent]++
		}
	}
	moved := make([]int32, len(t.nodes))
	kept := t.nodes[:1]
	for i := 1; i < len(t.nodes); i++ {
		if needed[i] == 0 {
			continue
		}
		n := t.nodes[i]
		n.parent = moved[n.parent]
		p := &t.nodes[n.parent]
		// The parent in its new place: it may be swallowed if this is all that needs it.
		if old := t.nodes[i].parent; n.parent != 0 && needed[old] == 1 && joinable(kept[p.parent].end, n.end, cuts) {
			p.join(&n)
			moved[i] = n.parent
			continue
		}
		kept = append(kept, n)
		moved[i] = int32(len(kept) - 1)
	}
	clear(t.nodes[len(kept):])
	t.nodes = kept
	for _, leaf := range leaves {
		*leaf = moved[*leaf]
	}
	t.compact = max(compactAt, 2*len(kept))
}

// joinable reports whether no cut lies within the time.
func joinable(start, end int64, cuts []int64) bool {
	for _, cut := range cuts {
		if start < cut && cut < end {
			return false
		}
	}
	return true
}

// join adds the piece that follows n.
func (n *node) join(next *node) {
	n.end = next.end
	n.add(&next.part)
	if next.more != nil {
		for i := range *next.more {
			n.add(&(*next.more)[i])
		}
	}
}

func (n *node) add(p *part) {
	if n.part.entry == p.entry {
		n.part.spent.add(&p.spent)
		return
	}
	if n.more == nil {
		n.more = new([]part)
	}
	more := *n.more
	i := slices.IndexFunc(more, func(have part) bool { return have.entry == p.entry })
	switch {
	case i >= 0:
		more[i].spent.add(&p.spent)
	case len(more) < maxParts:
		*n.more = append(more, *p)
	default:
		more[0].entry = 0
		more[0].spent.add(&p.spent)
	}
}

// walk adds up what was spent on the way to the leaf since a time, and returns how many
// nodes that were.
func (t *tree) walk(leaf int32, since int64, sums map[stream.FrameID]*spent) (steps int) {
	for i := leaf; i != 0; i = t.nodes[i].parent {
		n := &t.nodes[i]
		if n.end <= since {
			return steps
		}
		steps++
		share := 1.0
		if start := t.nodes[n.parent].end; start < since {
			share = float64(n.end-since) / float64(n.end-start)
		}
		collect(sums, &n.part, share)
		if n.more != nil {
			for j := range *n.more {
				collect(sums, &(*n.more)[j], share)
			}
		}
	}
	return steps
}

func collect(sums map[stream.FrameID]*spent, p *part, share float64) {
	s := sums[p.entry]
	if s == nil {
		s = new(spent)
		sums[p.entry] = s
	}
	for i, n := range p.spent {
		s[i] += int64(math.Round(float64(n) * share))
	}
}
