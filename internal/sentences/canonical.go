package sentences

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// names are what resources of a kind are called in the file.
var names = map[finding.ResourceKind]string{
	finding.Mutex: "mu", finding.RWMutex: "rw", finding.Channel: "ch", finding.WaitGroup: "wg",
	finding.Cond: "cond", finding.Semaphore: "sem", finding.Once: "once", finding.Loop: "loop", finding.Variable: "v",
}

// canonical writes what a finding says in its canonical form.
type canonical struct{ replace []replacement }

type replacement struct{ old, new string }

func newCanonical(f *finding.Finding) *canonical {
	c := new(canonical)
	for _, frame := range frames(f) {
		c.add(frame.String(), "main.f main.go:9")
		c.add(frame.ShortFunc(), "main.f")
		c.add(frame.Position(), "main.go:9")
	}
	for _, r := range f.Resources {
		c.add(r.Name, names[r.Kind])
	}
	for _, g := range f.Goroutines {
		c.add(g.Name, "worker")
	}
	for _, s := range f.Seen {
		c.add(s.Test, "TestF")
		c.add(s.Program, "example.com/p")
	}
	for _, e := range f.Evidence {
		if strings.ContainsAny(e.Source, "./") { // else it may be a word of the sentence
			c.add(e.Source, "input")
		}
	}
	slices.SortStableFunc(c.replace, func(a, b replacement) int { return cmp.Compare(len(b.old), len(a.old)) })
	return c
}

// add leaves out names that might be words of the sentence.
func (c *canonical) add(old, new string) {
	if len(old) > 1 && !slices.ContainsFunc(c.replace, func(r replacement) bool { return r.old == old }) {
		c.replace = append(c.replace, replacement{old, new})
	}
}

func frames(f *finding.Finding) (all []finding.Frame) {
	add := func(stacks ...finding.Stack) {
		for _, s := range stacks {
			all = append(all, s...)
		}
	}
	for _, r := range f.Resources {
		all = append(all, r.Class)
	}
	for _, g := range f.Goroutines {
		all = append(all, g.Created)
		add(g.Stack)
		for _, h := range g.Holds {
			add(h.Stack)
		}
		if g.Wait != nil {
			add(g.Wait.Stack)
		}
	}
	for _, p := range f.Places {
		add(p.Stack)
	}
	for _, p := range f.Pairs {
		add(p.Waiter, p.Blamed)
	}
	return slices.DeleteFunc(all, finding.Frame.IsZero)
}

var (
	places    = regexp.MustCompile(`\b\w[\w/]*\.[\w.()*\[\]]+ \w+\.(?:go|s):\d+`)
	positions = regexp.MustCompile(`\b\w+\.(?:go|s):\d+`)
	tests     = regexp.MustCompile(`\bTest\w+(/\w+)*`)
	longTimes = regexp.MustCompile(`\b(\d+h)?\d+m\d*(\.\d+)?s\b|\b\d+ (minutes?|hours?|seconds?)\b|\b\d[\d.,]* (ns|µs|ms|s)\b`)
	numbers   = regexp.MustCompile(`\b\d[\d.,]*\d\b|\b\d\b`)
	oneOf     = regexp.MustCompile(`^1 [a-z]`)
)

// text returns a sentence in its canonical form.
func (c *canonical) text(s string) string {
	for _, r := range c.replace {
		s = replaceWord(s, r.old, r.new)
	}
	s = places.ReplaceAllString(s, "main.f main.go:9")
	s = positions.ReplaceAllString(s, "main.go:9")
	s = tests.ReplaceAllString(s, "TestF")
	s = longTimes.ReplaceAllString(s, "9 ms")
	var b strings.Builder
	last := 0
	for _, at := range numbers.FindAllStringIndex(s, -1) {
		b.WriteString(s[last:at[0]])
		if last = at[1]; oneOf.MatchString(s[at[0]:]) && !strings.HasSuffix(s[:at[0]], "goroutine ") {
			b.WriteString("1") // "1 wait" is another sentence than "2 waits"
		} else {
			b.WriteString("9")
		}
	}
	return b.String() + s[last:]
}

// replaceWord replaces old where it is not a part of a longer word.
func replaceWord(s, old, new string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, old)
		if i < 0 {
			return b.String() + s
		}
		end := i + len(old)
		if (i > 0 && isWord(s[i-1]) && isWord(old[0])) || (end < len(s) && isWord(s[end]) && isWord(old[len(old)-1])) {
			b.WriteString(s[:end])
		} else {
			b.WriteString(s[:i] + new)
		}
		s = s[end:]
	}
}

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
