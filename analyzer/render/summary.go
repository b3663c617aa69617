package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer/render/internal/figures"
)

// maxGroups keeps the groups of goroutines on the first screen.
const maxGroups = 5

// schedules writes, for each trace, how much ran at once, and which goroutines.
func (p *page) schedules() {
	for _, s := range p.rep.Summary.Schedules {
		p.heading("concurrency and parallelism  " + faint(s.Input))
		p.b.WriteString(fill(fmt.Sprintf("%s goroutines in flight on average (at most %d), %s running at once (at most %d) on %s, over %s",
			figures.Mean(s.Concurrency.Mean), s.Concurrency.Max, figures.Mean(s.Parallelism.Mean), s.Parallelism.Max,
			finding.Plural(s.MaxProcs, "processor"), finding.FormatDuration(s.WallNanos)), 2, 4))
		p.series(s.Timeline, s.WallNanos, "  ")
		p.groups(s.Groups)
		p.course(&s)
	}
}

func (p *page) groups(groups []finding.Group) {
	if len(groups) == 0 {
		return
	}
	t := table{head: []string{">count", ">lifetime", ">running", ">runnable", ">I/O", ">lock", ">sync", "verdict", "goroutines of"}}
	advice := make([]string, 0, maxGroups)
	for i, g := range groups {
		if i == maxGroups {
			break
		}
		share := func(nanos int64) string { return finding.FormatShare(float64(nanos) / float64(max(g.LifeNanos, 1))) }
		t.add(finding.Thousands(int64(g.Count)), finding.FormatDuration(g.LifeNanos), share(g.RunningNanos), share(g.RunnableNanos),
			share(g.IONanos), share(g.LockNanos), share(g.SyncNanos), known(g.Verdict != "", string(g.Verdict)), g.Entry.String())
		if g.Advice != "" {
			advice = append(advice, g.Entry.ShortFunc()+": "+g.Advice)
		}
	}
	t.write(&p.b, "  ")
	if n := len(groups) - maxGroups; n > 0 {
		p.b.WriteString("  " + faint("… "+finding.Plural(n, "more group")) + "\n")
	}
	for _, text := range advice {
		p.b.WriteString(fill(text, 2, 4))
	}
}

// profiles writes a table of places for each profile.
func (p *page) profiles() {
	for i := range p.rep.Summary.Profiles {
		prof := &p.rep.Summary.Profiles[i]
		p.heading(prof.Kind + "  " + faint(prof.Input))
		text := totalText(prof)
		if prof.Base != "" {
			text += ", compared with " + prof.Base
		}
		if prof.Cause != "" {
			text += "; written on " + prof.Cause
		}
		p.b.WriteString(fill(text, 2, 4))
		p.hotspots(prof)
		p.internal(prof)
	}
}

// totalText says what a profile counts, in all. Of a profile of the program's own
// making the kind says it, as in "locks profile".
func totalText(prof *finding.Profile) string {
	nanos := finding.FormatDuration(prof.TotalNanos)
	switch what := strings.TrimSuffix(prof.Kind, " profile"); {
	case strings.HasPrefix(what, "goroutine"):
		return finding.Plural(prof.TotalCount, "goroutine")
	case strings.HasPrefix(what, "mutex"), strings.HasPrefix(what, "block"):
		return fmt.Sprintf("%s waited in %s", nanos, finding.Plural(prof.TotalCount, "wait"))
	default:
		text := finding.Thousands(prof.TotalCount) + " " + what
		if prof.TotalNanos > 0 {
			text += ", " + nanos + " in total"
		}
		return text
	}
}

// column is one column of the table of places.
type column struct {
	head string
	cell func(h *finding.Hotspot) string
	// timed and compared limit it to profiles with times, and with a base; aged to
	// those that say how long goroutines have waited.
	timed, compared, aged bool
}

var hotspotColumns = []column{
	{head: ">share", cell: func(h *finding.Hotspot) string { return known(h.Change != gone, finding.FormatShare(h.Share)) }},
	{head: ">waited", cell: func(h *finding.Hotspot) string { return known(h.Change != gone, finding.FormatDuration(h.Nanos)) }, timed: true},
	{head: ">count", cell: func(h *finding.Hotspot) string { return known(h.Change != gone, finding.Thousands(h.Count)) }},
	{head: ">mean", cell: func(h *finding.Hotspot) string { return known(h.Change != gone, finding.FormatDuration(h.MeanNanos)) }, timed: true},
	{head: ">oldest", cell: oldestText, aged: true},
	{head: ">before", cell: beforeText, compared: true},
	{head: "change", cell: func(h *finding.Hotspot) string { return changeText(h.Change) }, compared: true},
	{head: "for", cell: func(h *finding.Hotspot) string { return h.Role }},
	{head: "at", cell: func(h *finding.Hotspot) string { return at(h.Stack) }},
}

func oldestText(h *finding.Hotspot) string {
	return known(h.OldestMinutes > 0, fmt.Sprintf("%d min", h.OldestMinutes))
}

// gone is the change of a place that the later profile no longer has.
const gone = "gone"

// known gives a dash for what is not there, which is not the same as 0.
func known(is bool, text string) string {
	if is {
		return text
	}
	return "–"
}

func beforeText(h *finding.Hotspot) string {
	if h.BaseNanos > 0 {
		return finding.FormatDuration(h.BaseNanos)
	}
	return known(h.BaseCount > 0, finding.Thousands(h.BaseCount))
}

func (p *page) hotspots(prof *finding.Profile) {
	if len(prof.Hotspots) == 0 {
		return
	}
	var t table
	var cells []column
	aged := slices.ContainsFunc(prof.Hotspots, func(h finding.Hotspot) bool { return h.OldestMinutes > 0 })
	for _, c := range hotspotColumns {
		if (!c.timed || prof.TotalNanos > 0) && (!c.compared || prof.Base != "") && (!c.aged || aged) {
			t.head = append(t.head, c.head)
			cells = append(cells, c)
		}
	}
	for i := range prof.Hotspots {
		if i == p.top {
			break
		}
		row := make([]string, len(cells))
		for j, c := range cells {
			row[j] = c.cell(&prof.Hotspots[i])
		}
		t.add(row...)
	}
	t.write(&p.b, "  ")
	p.more(len(prof.Hotspots), "place")
}

func changeText(change string) string {
	switch change {
	case "new", "worse":
		return mark(markWarning, change)
	case "same":
		return faint(change)
	}
	return change
}

// at names the site, and the user's code that led to a site in the standard library.
func at(s finding.Stack) string {
	site, user := s.Site(), s.User()
	if user == site {
		return site.String()
	}
	return site.String() + " " + faint("from "+user.String())
}

// internal sums up the runtime's own locks: their code cannot be changed, but
// their weight says that the program asks too much of the scheduler or allocator.
func (p *page) internal(prof *finding.Profile) {
	var count, nanos int64
	var share float64
	for _, h := range prof.Runtime {
		count, nanos, share = count+h.Count, nanos+h.Nanos, share+h.Share
	}
	if count == 0 {
		return
	}
	p.b.WriteString(fill(faint(fmt.Sprintf("in addition, %s (%s) in %s inside the runtime, on its own locks and in its own goroutines",
		finding.FormatDuration(nanos), finding.FormatShare(share), finding.Plural(count, "wait"))), 2, 4))
}
