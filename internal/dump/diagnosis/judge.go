package diagnosis

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockset"
	"github.com/concdoctor/concdoctor/internal/profile"
)

// Options are what is known beside the dump. The zero value is ready to use.
type Options struct {
	// Name is the input that holds the dump.
	Name string
	// Grown, if not nil, reports of a place whether more goroutines are there than in the dump
	// or profile of before.
	Grown func(profile.Role, finding.Stack) bool
	// Sources reads the source of calls; nil reads none.
	Sources *lockset.Sources
	// Still, if not nil, reports whether a goroutine has not moved for as long as the process
	// was watched.
	Still func(id uint64) bool
}

// judging gathers what one dump shows.
type judging struct {
	*Dump
	opts  Options
	found []finding.Finding
	// signals says that the process handles signals.
	signals bool
	// stands and brief say of each goroutine what it may do for others, and whether a
	// timer, a context or a signal may end its wait.
	stands []standing
	brief  []chance
	// seen keeps what the source says of calls.
	seen map[factsKey]sourceFacts
	used map[finding.Frame]lockset.Uses
	// timed is what timers may run, nil until it is asked about.
	timed *lockset.Timed
	// others keeps the partners of goroutines that wait on channels.
	others map[int]partners
	// frames are all calls of the dump, wanted the packages of which all are asked about.
	frames map[finding.Frame]bool
	wanted map[string]bool
	byID   map[uint64]int
	needs  []*resource // for each goroutine what it waits for, nil if not known
	// resources are all of them; why is for each goroutine the finding that explains its
	// wait, -1 if none does.
	resources []*resource
	why       []int
}

func newJudging(d *Dump, opts Options) *judging {
	if opts.Sources == nil {
		opts.Sources = lockset.New(func(string) string { return "" })
	}
	n := len(d.goroutines)
	j := &judging{
		Dump: d, opts: opts, signals: d.handlesSignals(),
		stands: make([]standing, n), brief: make([]chance, n), needs: make([]*resource, n), why: make([]int, n),
		seen: make(map[factsKey]sourceFacts), used: make(map[finding.Frame]lockset.Uses), others: make(map[int]partners), frames: make(map[finding.Frame]bool), wanted: make(map[string]bool), byID: make(map[uint64]int, n),
	}
	for i := range d.goroutines {
		if id := d.goroutines[i].ID; id != 0 {
			j.byID[id] = i
		}
	}
	for i := range d.goroutines {
		d.goroutines[i].wrappers = 0
		j.unwrap(&d.goroutines[i])
	}
	j.want()
	for i := range d.goroutines {
		g := &d.goroutines[i]
		j.stands[i], j.brief[i] = j.stand(g)
		j.why[i] = -1
	}
	j.resources = j.findResources()
	for _, r := range j.resources {
		for _, i := range r.waiters {
			j.needs[i] = r
		}
	}
	j.findHolds(j.resources)
	return j
}

// uses returns what the source of the function does to channels and wait groups.
func (j *judging) uses(f finding.Frame) (lockset.Uses, bool) {
	u, known := j.used[f]
	if !known {
		u, _ = j.opts.Sources.UsesOf(f)
		j.used[f] = u
	}
	return u, true
}

func (j *judging) evidence(format string, args ...any) []finding.Evidence {
	return []finding.Evidence{{Source: j.opts.Name, Text: j.origin() + fmt.Sprintf(format, args...)}}
}

// origin says where in the input the goroutines are.
func (j *judging) origin() string {
	if j.anonymous {
		return ""
	}
	return fmt.Sprintf("goroutine dump, line %d: ", j.Line)
}
