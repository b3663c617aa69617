package lockorder

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// classes reads dependencies whose locks are a letter, the class, and a digit, the
// instance: "1: A1 > B1-". Letters in join are one class.
type classes struct {
	Classes[string]
	ids map[byte]ClassID
}

func (c *classes) id(class byte) ClassID {
	if c.ids == nil {
		c.ids = make(map[byte]ClassID)
	}
	if c.ids[class] == 0 {
		c.ids[class] = c.NewClass()
	}
	return c.ids[class]
}

func (c *classes) parse(t testing.TB, text string) ClassRequest {
	t.Helper()
	var r ClassRequest
	who, rest, ok := strings.Cut(text, ": ")
	held, asked, ok2 := strings.Cut(rest, "> ")
	if _, err := fmt.Sscan(who, &r.Goroutine); err != nil || !ok || !ok2 {
		t.Fatalf("bad request %q", text)
	}
	lock := func(s string) ClassHeld {
		h := ClassHeld{Lock: LockID(s[0])<<8 | LockID(s[1]), Class: c.id(s[0])}
		if strings.HasSuffix(s, "-") {
			h.Mode = Shared
		}
		return h
	}
	for _, h := range strings.Fields(held) {
		r.Held = append(r.Held, lock(h))
	}
	a := lock(asked)
	r.Lock, r.Class, r.Mode = a.Lock, a.Class, a.Mode
	return r
}

// add returns the inversions as "first | second".
func (c *classes) add(t testing.TB, text string) (found []string) {
	t.Helper()
	var all []Inversion[string]
	if joined, ok := strings.CutPrefix(text, "join "); ok {
		all = c.Join(c.id(joined[0]), c.id(joined[1]))
	} else if covered, ok := strings.CutPrefix(text, "cover "); ok {
		c.Cover(c.id(covered[0]), c.id(covered[1]))
	} else {
		all = c.Add(c.parse(t, text), func() string { return text })
	}
	for _, i := range all {
		first, second := c.parse(t, i.First), c.parse(t, i.Second)
		if c.root(first.Held[i.HeldFirst].Class) != c.root(second.Class) || c.root(second.Held[i.HeldSecond].Class) != c.root(first.Class) {
			t.Errorf("%+v is no inversion", i)
		}
		found = append(found, i.First+" | "+i.Second)
	}
	return found
}

func TestClasses(t *testing.T) {
	for _, tt := range []struct {
		name  string
		steps []string
		want  []string
	}{
		{"other instances", []string{"1: A1 > B1", "2: B2 > A2"}, []string{"1: A1 > B1 | 2: B2 > A2"}},
		{"one instance in common", []string{"1: A1 > B1", "2: B2 > A1"}, []string{"1: A1 > B1 | 2: B2 > A1"}},
		{"once a pair", []string{"1: A1 > B1", "2: B2 > A2", "3: A3 > B3", "4: B4 > A4"}, []string{"1: A1 > B1 | 2: B2 > A2"}},
		{"a second goroutine later", []string{"1: A1 > B1", "1: B2 > A2", "2: A3 > B3"}, []string{"1: B2 > A2 | 2: A3 > B3"}},
		{"from the first of two held", []string{"1: A1 C1 > B1", "2: B2 > A2"}, []string{"1: A1 C1 > B1 | 2: B2 > A2"}},
		{"two pairs", []string{"1: A1 B1 > C1", "2: C2 > A2", "3: C3 > B3"}, []string{"1: A1 B1 > C1 | 2: C2 > A2", "1: A1 B1 > C1 | 3: C3 > B3"}},
		{"a read gate", []string{"1: G1- A1 > B1", "2: G1- B2 > A2"}, []string{"1: G1- A1 > B1 | 2: G1- B2 > A2"}},
		{"joined classes", []string{"join AD", "1: A1 > B1", "2: B2 > D2"}, []string{"1: A1 > B1 | 2: B2 > D2"}},
		{"joined later", []string{"1: A1 > B1", "2: B2 > D2", "join AD"}, []string{"1: A1 > B1 | 2: B2 > D2"}},
		{"one side reads only", []string{"1: A1- > B1-", "2: B2 > A2"}, []string{"1: A1- > B1- | 2: B2 > A2"}},
		{"behind a gate, then without", []string{"1: G1 A1 > B1", "2: G1 B2 > A2", "3: B3 > A3"}, []string{"1: G1 A1 > B1 | 3: B3 > A3"}},

		{"the same two locks", []string{"1: A1 > B1", "2: B1 > A1"}, nil},
		{"one goroutine", []string{"1: A1 > B1", "1: B2 > A2"}, nil},
		{"one order", []string{"1: A1 > B1", "2: A2 > B2"}, nil},
		{"a gate", []string{"1: G1 A1 > B1", "2: G1 B2 > A2"}, nil},
		{"a gate by class", []string{"1: G1 A1 > B1", "2: G2 B2 > A2"}, nil},
		{"readers", []string{"1: A1- > B1-", "2: B2- > A2-"}, nil},
		{"an edge of readers", []string{"1: A1 > B1-", "2: B2- > A2"}, nil},
		{"one class", []string{"1: A1 > A2", "2: A2 > A1"}, nil},
		{"one class after all", []string{"join AB", "1: A1 > B1", "2: B2 > A2"}, nil},
		{"one of the class is held already", []string{"1: A1 > B1", "2: A3 B2 > A2"}, nil},
		{"nothing held", []string{"1: > B1", "2: B2 > A2"}, nil},
		{"known already", []string{"cover AB", "1: A1 > B1", "2: B2 > A2"}, nil},
		{"known before it is joined", []string{"cover BA", "join AD", "1: D1 > B1", "2: B2 > D2"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var c classes
			for class := byte('A'); class < 'H'; class++ {
				c.id(class)
			}
			var got []string
			for _, step := range tt.steps {
				got = append(got, c.add(t, step)...)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestClassesAreJudged(t *testing.T) {
	var c classes
	c.SetJudge(func(i *Inversion[string]) bool { return i.First[0] != '1' || i.Second[0] != '2' })
	if got := c.add(t, "1: A1 > B1"); got != nil {
		t.Errorf("the first: %q", got)
	}
	if got := c.add(t, "2: B2 > A2"); got != nil {
		t.Errorf("what is not wanted: %q", got)
	}
	if got := c.add(t, "3: B3 > A3"); len(got) != 1 {
		t.Errorf("what is: %q", got)
	}
}

func TestClassesClear(t *testing.T) {
	var c classes
	c.add(t, "1: A1 > B1")
	c.add(t, "join BC")
	c.Clear()
	if got := c.add(t, "2: B2 > A2"); got != nil {
		t.Errorf("found %q", got)
	}
	if got := c.add(t, "3: A3 > C3"); got != nil {
		t.Errorf("still joined: %q", got)
	}
	if got := c.add(t, "3: A3 > B3"); len(got) != 1 {
		t.Errorf("found %q after it", got)
	}
}

// TestClassesAgainstReference compares with a search over all requests so far, in
// scripts short enough for the bounds not to matter.
func TestClassesAgainstReference(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	reported := 0
	for range 2000 {
		var c classes
		var texts []string
		told := make(map[classPair]bool)
		for class := byte('A'); class < 'F'; class++ {
			c.id(class)
		}
		for range 12 {
			step := randomStep(rng)
			got := c.add(t, step)
			var want int
			if strings.HasPrefix(step, "join ") {
				told = c.rootedAll(told)
			} else {
				texts = append(texts, step)
			}
			for pair := range c.inverted(t, texts) {
				if !told[pair] {
					told[pair] = true
					want++
				}
			}
			if len(got) != want {
				t.Fatalf("%q after %q: got %q, want %d", step, texts, got, want)
			}
			reported += want
		}
	}
	if reported < 500 {
		t.Errorf("only %d inversions", reported)
	}
}

func randomStep(rng *rand.Rand) string {
	lock := func() string {
		mode := ""
		if rng.IntN(4) == 0 {
			mode = "-"
		}
		return fmt.Sprintf("%c%d%s", 'A'+rng.IntN(5), rng.IntN(3), mode)
	}
	if rng.IntN(15) == 0 {
		return fmt.Sprintf("join %c%c", 'A'+rng.IntN(5), 'A'+rng.IntN(5))
	}
	held := lock()
	if rng.IntN(3) == 0 {
		held += " " + lock()
	}
	return fmt.Sprintf("%d: %s > %s", 1+rng.IntN(3), held, lock())
}

func (c *classes) rootedAll(told map[classPair]bool) map[classPair]bool {
	all := make(map[classPair]bool)
	for pair := range told {
		all[c.rooted(pair).sorted()] = true
	}
	return all
}

// inverted returns the pairs of classes of which two requests are an inversion.
func (c *classes) inverted(t *testing.T, texts []string) map[classPair]bool {
	pairs := make(map[classPair]bool)
	var all []classWitness[string]
	for _, text := range texts {
		r := c.parse(t, text)
		if !slices.ContainsFunc(r.Held, func(h ClassHeld) bool { return c.root(h.Class) == c.root(r.Class) }) {
			for i := range r.Held {
				all = append(all, classWitness[string]{r, i, text})
			}
		}
	}
	for i := range all {
		for j := range all {
			a, b := &all[i], &all[j]
			crosswise := c.root(a.request.Held[a.held].Class) == c.root(b.request.Class) && c.root(b.request.Held[b.held].Class) == c.root(a.request.Class)
			if crosswise && c.opposed(a, b) {
				pairs[c.rooted(classPair{a.request.Class, b.request.Class}).sorted()] = true
			}
		}
	}
	return pairs
}
