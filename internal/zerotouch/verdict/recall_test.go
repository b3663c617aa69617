package verdict

import (
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/internal/lockorder"
	"github.com/concdoctor/concdoctor/internal/zerotouch/naming"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// TestRecall has a deadlock reported live, and looks at what the report says of it.
func TestRecall(t *testing.T) {
	for _, tt := range []struct {
		name  string
		later func(w *world, g *actor)
		want  string
	}{
		{"as it was", func(*world, *actor) {}, ""},
		{"both have ended", func(w *world, _ *actor) { w.t.Goroutines = w.t.Goroutines[:1] }, "have gone on since"},
		{"one has moved", func(_ *world, g *actor) {
			g.g().Wait = nil
			g.g().Seq++
		}, "have gone on since"},
		{"a release by another goroutine came to light", func(w *world, g *actor) {
			held := g.g().Held[0]
			w.t.Misuses = append(w.t.Misuses, tape.Misuse{Rule: "foreign-unlock", Object: held.Object, Mode: lockorder.Shared})
			g.g().Wait.Since = w.t.Now
			w.t.Goroutines[2].Wait.Since = w.t.Now
		}, "makes it doubtful"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			a, b := w.mutex(), w.mutex()
			g, h := pair(w)
			g.hold(a, lockorder.Exclusive, "takeFirst")
			h.hold(b, lockorder.Exclusive, "takeFirst")
			g.blockOn(b, lockorder.Exclusive, "takeSecond")
			h.blockOn(a, lockorder.Exclusive, "takeSecond")
			w.t.Dependencies = nil
			w.later(long)
			live := newScene(&w.t, new(naming.Namer)).hangs(DefaultSelfWait)
			if len(live) != 1 {
				t.Fatalf("%d hangs", len(live))
			}
			seen := &sighting{reported: true, headline: live[0].Headline()}
			seen.begin(&live[0], w.t.Now)
			f := &followed{hangs: map[string]*sighting{live[0].ComputeFingerprint(): seen}}

			tt.later(w, g)
			c := newCollector(Options{}, new(naming.Namer))
			s := newScene(&w.t, c.namer)
			c.add(s, "bank", "a.tape", f)
			text := ""
			for _, warning := range c.rep.Warnings {
				text += warning.Text
			}
			if !strings.Contains(text, tt.want) || text == "" != (tt.want == "") {
				t.Errorf("warnings %q, want %q", text, tt.want)
			}
		})
	}
}
