package sarif

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer/render/internal/repo"
)

// spot is a stack with the part that it plays.
type spot struct {
	role  string
	stack finding.Stack
}

// spots returns every stack of the finding, the most telling first.
func spots(f *finding.Finding) []spot {
	var all []spot
	for _, p := range f.Places {
		all = append(all, spot{p.Role, p.Stack})
	}
	for i := range f.Goroutines {
		g := &f.Goroutines[i]
		if g.Wait != nil {
			all = append(all, spot{fmt.Sprintf("%s waits for %s here", name(g), resource(f, g.Wait.Resource)), g.Wait.Stack})
		}
		for _, h := range g.Holds {
			all = append(all, spot{fmt.Sprintf("%s holds %s since here", name(g), resource(f, h.Resource)), h.Stack})
		}
		all = append(all, spot{name(g) + " " + doing(g) + " here", g.Stack})
	}
	for i := range f.Goroutines {
		if g := &f.Goroutines[i]; !g.Created.IsZero() {
			all = append(all, spot{name(g) + " is created here", finding.Stack{g.Created}})
		}
	}
	known := all[:0]
	for _, s := range all {
		if len(s.stack) > 0 {
			known = append(known, s)
		}
	}
	return known
}

func name(g *finding.Goroutine) string {
	switch {
	case g.ID != 0 && g.Name != "":
		return fmt.Sprintf("goroutine %d (%s)", g.ID, g.Name)
	case g.ID != 0:
		return fmt.Sprintf("goroutine %d", g.ID)
	case g.Name != "":
		return "goroutine " + g.Name
	}
	return "a goroutine"
}

// doing is what a goroutine does at its stack: "reads", "is blocked".
func doing(g *finding.Goroutine) string {
	if g.State == "" {
		return "is"
	}
	return g.State
}

// resource names a finding's resource as its text does.
func resource(f *finding.Finding, i int) string {
	return finding.ResourceLabel(i) + " (" + f.Resources[i].String() + ")"
}

// primary is the one place that a code host shows: the first that lies in the
// repository, else the first of all.
func (c *converter) primary(f *finding.Finding) []location {
	all := spots(f)
	for _, s := range all {
		if frame, ours := c.root.First(s.stack); ours {
			return []location{c.location(frame, "")}
		}
	}
	for _, s := range all {
		if frame := s.stack.User(); frame.File != "" {
			return []location{c.location(frame, "")}
		}
	}
	for _, r := range f.Resources {
		if r.Class.File != "" {
			return []location{c.location(r.Class, "")}
		}
	}
	return nil
}

// at is the frame of a stack to show: in the repository, else the site.
func (c *converter) at(s finding.Stack) finding.Frame {
	if frame, ours := c.root.First(s); ours {
		return frame
	}
	return s.Site()
}

func (c *converter) location(frame finding.Frame, text string) location {
	var l location
	if frame.File != "" {
		l.PhysicalLocation = &physicalLocation{ArtifactLocation: c.artifact(frame.File)}
		if frame.Line > 0 {
			l.PhysicalLocation.Region = &region{StartLine: frame.Line}
		}
	}
	if frame.Func != "" {
		l.LogicalLocations = []logicalLocation{{FullyQualifiedName: frame.Func, Kind: "function"}}
	}
	if text != "" {
		m := plain(text)
		l.Message = &m
	}
	return l
}

func (c *converter) artifact(file string) artifactLocation {
	if rel, ours := c.root.Rel(file); ours {
		return artifactLocation{URI: repo.Reference(rel), URIBaseID: rootBase}
	}
	return artifactLocation{URI: repo.URI(file)}
}

// related are all places with what happens there.
func (c *converter) related(f *finding.Finding) []location {
	var all []location
	for _, s := range spots(f) {
		l := c.location(c.at(s.stack), s.role)
		id := len(all) + 1
		l.ID = &id
		all = append(all, l)
	}
	return all
}

// flows is the way of each goroutine to its wait: one flow of several threads.
func (c *converter) flows(f *finding.Finding) []codeFlow {
	var threads []threadFlow
	for i := range f.Goroutines {
		g := &f.Goroutines[i]
		var steps []threadFlowLocation
		add := func(frame finding.Frame, text string) {
			if !frame.IsZero() {
				steps = append(steps, threadFlowLocation{c.location(frame, text)})
			}
		}
		add(g.Created, name(g)+" is created here")
		for _, h := range g.Holds {
			add(c.at(h.Stack), "takes "+resource(f, h.Resource))
		}
		if w := g.Wait; w != nil {
			add(c.at(w.Stack), "waits for "+resource(f, w.Resource))
		} else if len(g.Holds) == 0 {
			add(c.at(g.Stack), doing(g)+" here")
		}
		if len(steps) > 0 {
			threads = append(threads, threadFlow{ID: fmt.Sprintf("%d: %s", i+1, name(g)), Locations: steps})
		}
	}
	if len(threads) == 0 {
		return nil
	}
	return []codeFlow{{Message: plain(f.Title), ThreadFlows: threads}}
}

func (c *converter) stacks(f *finding.Finding) []stack {
	var all []stack
	for _, s := range spots(f) {
		frames := make([]stackFrame, len(s.stack))
		for i, frame := range s.stack {
			frames[i].Location = c.location(frame, "")
		}
		all = append(all, stack{Message: plain(s.role), Frames: frames})
	}
	return all
}
