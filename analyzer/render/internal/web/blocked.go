package web

import (
	"strings"
	"unicode/utf8"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// blockedProcess is what is shown of a process with blocked goroutines.
type blockedProcess struct {
	*finding.BlockedProcess
	Groups []blockedGroup
	// Rest counts the blocked goroutines of no group.
	Rest int
}

// blockedGroup is a group, with its stack and what else is known of it as lines of text.
type blockedGroup struct {
	*finding.BlockedGroup
	Calls []call
	Facts []string
	// Finding is the number of the finding that says why they wait, 0 for none. Calls and
	// Facts are empty where it shows where they do.
	Finding int
}

func newBlockedProcess(rep *finding.Report, p *finding.BlockedProcess, source func(finding.Frame) string) blockedProcess {
	out := blockedProcess{BlockedProcess: p, Rest: int(p.Count)}
	for i := range p.Groups {
		g := &p.Groups[i]
		out.Rest -= int(g.Count)
		shown := blockedGroup{BlockedGroup: g}
		var known bool
		if shown.Finding, known = rep.Explains(g); !known {
			shown.Calls, shown.Facts = newCalls(g.Stack, source), g.Facts()
		}
		out.Groups = append(out.Groups, shown)
	}
	out.Rest = max(out.Rest, 0)
	return out
}

// Title names the section.
func (p *blockedProcess) Title() string {
	if p.Ended == "" {
		return "Blocked"
	}
	return "Blocked when it ended"
}

// Text is the headline as a sentence.
func (p *blockedProcess) Text() string {
	text := p.Headline()
	_, first := utf8.DecodeRuneInString(text)
	return strings.ToUpper(text[:first]) + text[first:] + "."
}
