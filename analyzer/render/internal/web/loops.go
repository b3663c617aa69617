package web

import "github.com/concdoctor/concdoctor/agent/finding"

// eventLoop is a loop with its iterations over time.
type eventLoop struct {
	*finding.EventLoop
	// Open says that its pictures are shown at first.
	Open  bool
	Plots []plot
}

// maxOpenLoops are shown with their pictures at first.
const maxOpenLoops = 2

func newEventLoop(n int, l *finding.EventLoop, length int64) eventLoop {
	out := eventLoop{EventLoop: l, Open: n < maxOpenLoops}
	for _, series := range l.Timeline {
		if p, ok := newPlot(series, 0, length); ok {
			out.Plots = append(out.Plots, p)
		}
	}
	return out
}

// Title is the loop's name or the line at which it waits.
func (l eventLoop) Title() string {
	if l.Name != "" {
		return l.Name
	}
	return l.Home.String()
}
