package verdict

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// request is a request for a lock as it stands on a tape.
type request struct {
	*tape.Dependency
	*occurrences
}

// occurrences are when one goroutine asked for one lock while it held the same others: it is
// written down again where the goroutine has let others go on in between.
type occurrences struct{ times []int64 }

func (s *scene) newRequest(d *tape.Dependency, same map[string]*occurrences) *request {
	r := &request{Dependency: d}
	name := r.name()
	if same[name] == nil {
		same[name] = new(occurrences)
	}
	r.occurrences = same[name]
	r.times = append(r.times, d.Time)
	for _, lock := range r.locks() {
		s.byLock[keyOf(lock)] = append(s.byLock[keyOf(lock)], r)
	}
	return r
}

// name distinguishes the requests of all goroutines.
func (r *request) name() string {
	var held []string
	for _, h := range r.Held {
		held = append(held, fmt.Sprint(keyOf(h.Object), h.Mode))
	}
	slices.SortFunc(held, cmp.Compare[string])
	return fmt.Sprint(r.Goroutine, keyOf(r.Lock), r.Mode, r.Try, strings.Join(held, ""))
}

// moment is one of the times of the request.
func (r *request) moment(time int64) moment {
	return moment{r.Goroutine, time, inTest(r.Stack)}
}

// locks are the one that is asked for and those that are held.
func (r *request) locks() []tape.Object {
	all := []tape.Object{r.Lock}
	for _, h := range r.Held {
		all = append(all, h.Object)
	}
	return all
}

func (r *request) hasLock(o tape.Object) bool {
	return slices.ContainsFunc(r.locks(), func(l tape.Object) bool { return keyOf(l) == keyOf(o) })
}
