package render

import (
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// maxBlockedGroups is how many groups are shown of each process: those that the others
// wait for come first.
const maxBlockedGroups = 12

// blocked writes, for each process, the goroutines that were blocked when it ended.
func (p *page) blocked() {
	printer := finding.Printer{Source: p.opts.Source, Strong: strong, Faint: faint, Explained: p.rep.Explains}
	for i := range p.rep.Blocked {
		if i == p.top {
			break
		}
		process := &p.rep.Blocked[i]
		p.heading(blockedHeading(process))
		p.b.WriteString(fill(process.Headline(), 2, 4))
		var b strings.Builder
		printer.PrintBlocked(&b, process, min(p.top, maxBlockedGroups), "  ")
		p.b.WriteString(wrap(b.String()))
	}
	p.more(len(p.rep.Blocked), "process with blocked goroutines")
}

func blockedHeading(process *finding.BlockedProcess) string {
	text := "blocked when it ended"
	if process.Ended == "" {
		text = "blocked"
	}
	if process.Input != "" {
		text += "  " + faint(process.Input)
	}
	return text
}
