package naming

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockset"
)

// WaitsAlone reports whether the source shows that the line at the frame waits for what
// nothing but its function has: see [lockset.Sources.WaitsAlone].
func (n *Namer) WaitsAlone(at finding.Frame) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	is, known := n.alone[at]
	if !known {
		if n.alone == nil {
			n.alone = make(map[finding.Frame]bool)
		}
		is = lockset.New(nil).WaitsAlone(at)
		n.alone[at] = is
	}
	return is
}
