package verdict

import (
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/naming"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

func TestShippedHasReasons(t *testing.T) {
	for _, s := range shipped() {
		if s.Reason == "" || s.Func == "" || s.Fingerprint != "" {
			t.Errorf("%s at %s: want RULE:FUNC and a reason", s.Pattern(), s.Where)
		}
	}
}

func TestSetAside(t *testing.T) {
	const src = "/go/src/"
	flush := finding.Frame{Func: "testing.(*common).flushToParent", File: src + "testing/testing.go", Line: 1}
	destination := finding.Frame{Func: "testing.(*common).destination", File: src + "testing/testing.go", Line: 2}
	dial := finding.Frame{Func: "net/http.(*Transport).dial", File: src + "net/http/transport.go", Line: 3}
	idle := finding.Frame{Func: "net/http.(*Transport).idle", File: src + "net/http/transport.go", Line: 4}
	user := finding.Frame{Func: "bank.Move", File: "/w/bank/bank.go", Line: 5}
	for _, tt := range []struct {
		name          string
		first, second finding.Frame
		by            string
	}{
		{"known", flush, destination, "lock-cycle:testing.(*common).destination: it takes"},
		{"all of it in the standard library", dial, idle, "all of it is inside"},
		{"half of it in the standard library", dial, user, ""},
	} {
		w := newWorld()
		a, b := w.mutex(), w.mutex()
		g, h := pair(w)
		g.nest("f", a, b)
		h.nest("g", b, a)
		for i, site := range []finding.Frame{tt.first, tt.second} {
			d := &w.t.Dependencies[i]
			d.Stack, d.Held[0].Stack = finding.Stack{site}, finding.Stack{site}
		}
		c := newCollector(Options{}, new(naming.Namer))
		c.add(newScene(&w.t, new(naming.Namer)), "bank", "bank.tape", new(followed))
		rep, err := c.report()
		if err != nil {
			t.Fatal(err)
		}
		if n := len(rep.Findings) + len(rep.Suppressed); n != 1 {
			t.Errorf("%s: %d findings, want 1", tt.name, n)
			continue
		}
		by := ""
		if len(rep.Suppressed) > 0 {
			by = rep.Suppressed[0].By
		}
		if !strings.HasPrefix(by, tt.by) || by == "" != (tt.by == "") {
			t.Errorf("%s: set aside by %q, want %q", tt.name, by, tt.by)
		}
	}
}

func TestForeignUnlockWhereAskedFor(t *testing.T) {
	for _, wanted := range []bool{false, true} {
		w := newWorld()
		w.t.Misuses = []tape.Misuse{{Rule: "foreign-unlock", Object: w.mutex(), Stack: at("free")}}
		c := newCollector(Options{ForeignUnlock: wanted}, new(naming.Namer))
		c.add(newScene(&w.t, new(naming.Namer)), "bank", "bank.tape", new(followed))
		if rep, err := c.report(); err != nil || len(rep.Findings) == 1 != wanted {
			t.Errorf("wanted %v: %v, %d findings", wanted, err, len(rep.Findings))
		}
	}
}
