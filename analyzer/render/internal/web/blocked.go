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
}

func newBlockedProcess(p *finding.BlockedProcess, source func(finding.Frame) string) blockedProcess {
	out := blockedProcess{BlockedProcess: p, Rest: int(p.Count)}
	for i := range p.Groups {
		g := &p.Groups[i]
		out.Rest -= int(g.Count)
		out.Groups = append(out.Groups, blockedGroup{BlockedGroup: g, Calls: newCalls(g.Stack, source), Facts: g.Facts()})
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
