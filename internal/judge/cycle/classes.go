package cycle

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// Classes is the order between classes of locks; see lockorder.Classes. Which locks are
// of one class is the witness's to say. It must be made with NewClasses.
type Classes[S Site] struct {
	lockorder.Classes[*Request[S]]
	apart func(a, b *lockorder.Dependency[S]) bool
}

// Request is a request for a lock under others, as evidence.
type Request[S Site] struct {
	lockorder.Dependency[S]
	// functions are those of the program in the stack of each hold and, last, of the
	// request, innermost first; nil before they are needed.
	functions [][]string
}

// NewClasses returns an empty order. Apart is that of the graph of instances.
func NewClasses[S Site](apart func(a, b *lockorder.Dependency[S]) bool) *Classes[S] {
	k := &Classes[S]{apart: apart}
	k.SetJudge(k.isEvidence)
	return k
}

// Add adds a request and returns the inversions that it completes. Evidence is called at
// most once, if the request is of interest.
func (k *Classes[S]) Add(r lockorder.ClassRequest, evidence func() lockorder.Dependency[S]) (found []Inversion[S]) {
	return inversions(k.Classes.Add(r, func() *Request[S] { return &Request[S]{Dependency: evidence()} }))
}

// Join says that two classes are one, and returns the inversions that this shows.
func (k *Classes[S]) Join(a, b lockorder.ClassID) []Inversion[S] {
	return inversions(k.Classes.Join(a, b))
}

func inversions[S Site](all []lockorder.Inversion[*Request[S]]) (found []Inversion[S]) {
	for _, i := range all {
		found = append(found, Inversion[S]{i})
	}
	return found
}

// isEvidence refuses what is too little: an order of the program keeps the two apart, a
// lock may serve as a signal, or one function acquires both. Such a function acquires
// locks in the order that its data has, as a loop over a sorted list does, and its data
// may have an order that is none of classes. Nor does a side count that no function of
// the program's acquires as a whole: then the first lock was left locked, as some code
// does with what it throws away.
func (k *Classes[S]) isEvidence(i *lockorder.Inversion[*Request[S]]) bool {
	a, b := i.First, i.Second
	if k.apart(&a.Dependency, &b.Dependency) || a.isUnowned() || b.isUnowned() {
		return false
	}
	first, second := a.acquirer(i.HeldFirst), b.acquirer(i.HeldSecond)
	return first != "" && second != "" && first != second
}

func (r *Request[S]) isUnowned() bool {
	return r.Site.Unowned() || slices.ContainsFunc(r.Held, func(h lockorder.Held[S]) bool { return h.Site.Unowned() })
}

// acquirer returns the innermost function of the program's that acquires both the held-th
// lock and the one asked for, itself or through others; "" if it is not in the stacks.
func (r *Request[S]) acquirer(held int) string {
	if r.functions == nil {
		for _, h := range r.Held {
			r.functions = append(r.functions, functions(h.Site.Frames()))
		}
		r.functions = append(r.functions, functions(r.Site.Frames()))
	}
	first := r.functions[held]
	for _, f := range r.functions[len(r.Held)] {
		if slices.Contains(first, f) {
			return f
		}
	}
	return ""
}

func functions(stack finding.Stack) (all []string) {
	for _, f := range stack {
		if !f.IsMachinery() && !f.IsStandard() {
			all = append(all, f.Func)
		}
	}
	return all
}

// Inversion is a pair of requests with the opposite order of classes.
type Inversion[S Site] struct {
	lockorder.Inversion[*Request[S]]
}

// Finding returns the diagnosis.
func (i Inversion[S]) Finding() finding.Finding {
	f := finding.Finding{Rule: finding.RuleLockCycle, Certainty: finding.Suspected}
	f.Severity = judge.SeverityOf(f.Certainty)
	var w writer[S]
	f.Goroutines = []finding.Goroutine{w.nested(i.First, i.HeldFirst), w.nested(i.Second, i.HeldSecond)}
	f.Resources = w.locks.List
	f.Title = judge.Sites(f.Goroutines) + " " + outcome(f.Certainty) + ": they acquire locks of the same two classes in opposite orders"
	f.Detail = "The two orders were seen on different locks of the same two classes: locks acquired at the same lines, or of the same name. " +
		"If two goroutines can acquire the same pair of locks in both orders, they can wait for each other."
	f.Fix = "acquire locks of A's class before those of B's class everywhere"
	return f
}

// nested shows the request with its held-th hold.
func (w *writer[S]) nested(r *Request[S], held int) finding.Goroutine {
	w.ring = []lockorder.LockID{r.Held[held].Lock}
	return w.goroutine(&r.Dependency)
}
