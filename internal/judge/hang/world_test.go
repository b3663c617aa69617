package hang

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// object is a witness's object, of the kind that its name begins with: A to N are mutexes,
// R RWMutexes, O Onces, c channels, g wait groups, s conds.
type object struct{ name string }

func (o *object) Resource(finding.Mode, finding.Stack) finding.Resource {
	kind := finding.Mutex
	switch o.name[0] {
	case 'R':
		kind = finding.RWMutex
	case 'O':
		kind = finding.Once
	case 'c':
		kind = finding.Channel
	case 'g':
		kind = finding.WaitGroup
	case 's':
		kind = finding.Cond
	}
	return finding.Resource{Kind: kind, Name: o.name}
}

// at is a stack of the program's function.
func at(function string) judge.Stack {
	return judge.Frames{{Func: "sync.(*Mutex).Lock", File: "/go/src/sync/mutex.go", Line: 1}, {Func: "bank." + function, File: "/w/bank/bank.go", Line: len(function)}}
}

// world is a witness whose facts a test writes.
type world struct {
	look     Look
	objects  map[string]*object
	users    map[Case]Users
	origins  map[judge.Object][]uint64
	services map[Case][]uint64
	unserved []uint64
	census   *Census
	noCount  bool // there is no census now
}

func newWorld() *world {
	w := &world{
		objects: make(map[string]*object), users: make(map[Case]Users), services: make(map[Case][]uint64), origins: make(map[judge.Object][]uint64),
		census: &Census{Living: make(map[uint64]Peer), Complete: true, Closed: true},
	}
	w.look.Enough, w.look.Knowledge = time.Second, w
	return w
}

func (w *world) Users(c Case) Users { return w.users[c] }

func (w *world) Origins(o judge.Object) (ids []uint64, known bool) {
	ids, known = w.origins[o]
	return ids, known
}

func (w *world) Services(_ *Goroutine, c Case) (ids []uint64, known bool) {
	ids, known = w.services[c]
	return ids, known
}

func (w *world) Unserved(ids []uint64) (left []uint64) {
	for _, id := range ids {
		if slices.Contains(w.unserved, id) {
			left = append(left, id)
		}
	}
	return left
}

func (w *world) Census() *Census {
	if w.noCount {
		return nil
	}
	return w.census
}

func (w *world) object(name string) judge.Object {
	if w.objects[name] == nil {
		w.objects[name] = &object{name}
	}
	return w.objects[name]
}

// fact changes what is said of a goroutine.
type fact func(w *world, g *Goroutine)

// g adds a goroutine that main, 1, has started.
func (w *world) g(id uint64, facts ...fact) {
	g := Goroutine{ID: id, Parent: 1}
	if id == 1 {
		g.Parent = 0
	}
	for _, f := range facts {
		f(w, &g)
	}
	w.look.Goroutines = append(w.look.Goroutines, g)
	w.census.Living[id] = Peer{Parent: g.Parent, Group: g.Group}
}

// alive adds a goroutine that goes on, to the census alone.
func (w *world) alive(id, parent uint64) { w.census.Living[id] = Peer{Parent: parent} }

func hold(name string, m lockorder.Mode) fact {
	return func(w *world, g *Goroutine) {
		g.Holds = append(g.Holds, judge.Hold{Lock: w.object(name), Mode: m, Stack: at("take" + name)})
	}
}

func holds(name string) fact { return hold(name, lockorder.Exclusive) }
func reads(name string) fact { return hold(name, lockorder.Shared) }

// unowned says that the last hold may be ended by another goroutine.
func unowned(_ *world, g *Goroutine) { g.Holds[len(g.Holds)-1].Unowned = true }

// gives says that the last hold may have been given to goroutines that were started meanwhile.
func gives(ids ...uint64) fact {
	return func(_ *world, g *Goroutine) { g.Holds[len(g.Holds)-1].Heirs = ids }
}

// long is longer than any patience, soon as long as most.
const (
	long = time.Hour
	soon = 2 * time.Second
)

func waits(m finding.Mode, names ...string) fact {
	return func(w *world, g *Goroutine) {
		g.Wait = &Wait{Mode: m, Stack: at("wait" + strings.Join(names, "")), Lasted: long}
		g.Suspect = long
		for _, name := range names {
			mode := m
			if m == finding.Select {
				mode = finding.Receive
				if strings.HasSuffix(name, "<-") {
					name, mode = strings.TrimSuffix(name, "<-"), finding.Send
				}
			}
			g.Wait.Cases = append(g.Wait.Cases, Case{Object: w.object(name), Mode: mode})
			g.Wait.Join = name[0] == 'g'
		}
	}
}

func locks(name string) fact    { return waits(finding.Exclusive, name) }
func rlocks(name string) fact   { return waits(finding.Shared, name) }
func sends(name string) fact    { return waits(finding.Send, name) }
func receives(name string) fact { return waits(finding.Receive, name) }
func awaits(name string) fact   { return waits(finding.Await, name) }

// dones is for how many calls of Done a wait group waits.
func dones(n int) fact { return func(_ *world, g *Goroutine) { g.Wait.Dones = n } }

func lasts(d time.Duration) fact {
	return func(_ *world, g *Goroutine) { g.Wait.Lasted, g.Suspect = d, d }
}

func unreachable(_ *world, g *Goroutine) { g.Proof = Unreachable }
func onlyGlobals(_ *world, g *Goroutine) { g.OnlyGlobals = true }

func awaited(_ *world, g *Goroutine)  { g.Awaited = true }
func reported(_ *world, g *Goroutine) { g.Reported = true }

func owes(name string) fact { return func(w *world, g *Goroutine) { g.Owes = w.object(name) } }

func from(parent uint64) fact { return func(_ *world, g *Goroutine) { g.Parent = parent } }

// used says that goroutines did what ends a wait for the object in the mode.
func (w *world) used(m finding.Mode, name string, ids ...uint64) {
	w.users[Case{Object: w.object(name), Mode: m}] = Users{Living: ids, Ever: true, Alike: AlikeFamily}
}

// made says which goroutine made an object.
func (w *world) made(name string, id uint64) {
	w.origins[w.object(name)] = append(w.origins[w.object(name)], id)
}

func (w *world) change(m finding.Mode, name string, f func(u *Users)) {
	c := Case{Object: w.object(name), Mode: m}
	u := w.users[c]
	f(&u)
	w.users[c] = u
}

// say returns what hangs: the headline, and the ids of members.
func (w *world) say() (all []string) {
	for _, h := range Judge(&w.look).Hangs {
		f := h.Finding()
		var ids []uint64
		for _, i := range h.Members {
			ids = append(ids, w.look.Goroutines[i].ID)
		}
		all = append(all, fmt.Sprintf("%s %s %v", f.Severity, f.Headline(), ids))
	}
	return all
}

type scenario struct {
	name  string
	write func(w *world)
	want  []string
}

func run(t *testing.T, all []scenario) {
	for _, sc := range all {
		t.Run(sc.name, func(t *testing.T) {
			w := newWorld()
			sc.write(w)
			if diff := cmp.Diff(sc.want, w.say()); diff != "" {
				t.Errorf("hangs (-want +got):\n%s", diff)
			}
		})
	}
}

func alone(_ *world, g *Goroutine) { g.Wait.Alone = true }
