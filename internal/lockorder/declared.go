package lockorder

import "slices"

// Declared is an order of locks that the program declares, as opposed to the one
// that was seen. K names a lock or a class of locks; S is where it was declared. The
// zero value is empty and ready to use.
//
// Invariant: the relation has no cycle.
type Declared[K comparable, S any] struct {
	after map[K][]declaration[K, S]
}

// declaration says that a lock comes before next.
type declaration[K comparable, S any] struct {
	next K
	site S
}

// Empty reports whether nothing is declared.
func (d *Declared[K, S]) Empty() bool { return len(d.after) == 0 }

// Declare says that a comes before b. If that contradicts what was declared before,
// nothing changes, and the result is the declarations that it contradicts.
func (d *Declared[K, S]) Declare(a, b K, site S) (contradicts []S) {
	if a == b {
		return nil
	}
	if back := d.Path(b, a); back != nil {
		return back
	}
	if d.Path(a, b) != nil {
		return nil
	}
	if d.after == nil {
		d.after = make(map[K][]declaration[K, S])
	}
	d.after[a] = append(d.after[a], declaration[K, S]{b, site})
	return nil
}

// Path returns the declarations by which a comes before b, nil if there are none.
func (d *Declared[K, S]) Path(a, b K) []S {
	type step struct {
		from K
		site S
	}
	came := map[K]step{}
	for todo := []K{a}; len(todo) > 0; todo = todo[1:] {
		for _, decl := range d.after[todo[0]] {
			if _, met := came[decl.next]; met {
				continue
			}
			came[decl.next] = step{todo[0], decl.site}
			todo = append(todo, decl.next)
		}
	}
	if _, reached := came[b]; !reached {
		return nil
	}
	var path []S
	for at := b; at != a; at = came[at].from {
		path = append(path, came[at].site)
	}
	slices.Reverse(path)
	return path
}

// Forget removes a lock. What it stood between stays in order.
func (d *Declared[K, S]) Forget(k K) {
	for a, decls := range d.after {
		i := slices.IndexFunc(decls, func(decl declaration[K, S]) bool { return decl.next == k })
		if i < 0 || a == k {
			continue
		}
		site := decls[i].site
		d.after[a] = slices.Delete(decls, i, i+1)
		for _, decl := range d.after[k] {
			if d.Path(a, decl.next) == nil {
				d.after[a] = append(d.after[a], declaration[K, S]{decl.next, site})
			}
		}
		if len(d.after[a]) == 0 {
			delete(d.after, a)
		}
	}
	delete(d.after, k)
}
