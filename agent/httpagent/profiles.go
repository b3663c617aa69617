package httpagent

import (
	"bytes"
	"net/http"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/agent/httpagent/internal/profile"
	"github.com/concdoctor/concdoctor/agent/snapshot"
)

// HeldProfile returns a handler of the profile of locks held now, which Handler
// serves as pprof/held. With
//
//	mux.Handle("/debug/pprof/concdoctor_held", httpagent.HeldProfile())
//
// it stands beside the runtime's own profiles. It cannot be registered with
// runtime/pprof itself: such a profile records every acquire when it happens, and the
// agent computes this one only on request.
// The hosts are those of Handler.
func HeldProfile(hosts ...string) http.Handler { return newProfileHandler(hosts, "held", renderHeld) }

// WaitsProfile returns a handler of the profile of waits for locks, which Handler
// serves as pprof/waits: those that are over, while the statistics were on, and
// those that last.
// The hosts are those of Handler.
func WaitsProfile(hosts ...string) http.Handler {
	return newProfileHandler(hosts, "waits", renderWaits)
}

func newProfileHandler(hosts []string, name string, render func(*snapshot.Snapshot) rendered) http.Handler {
	s := new(server)
	return guard(hosts, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		s.send(w, r, name, render)
	}))
}

func renderHeld(s *snapshot.Snapshot) rendered { return renderProfile("held", heldProfile(s)) }

func renderWaits(s *snapshot.Snapshot) rendered { return renderProfile("waits", waitsProfile(s)) }

func renderProfile(name string, p *profile.Profile) rendered {
	var body bytes.Buffer
	err := profile.Write(&body, p)
	return rendered{kind: "application/octet-stream", file: "concdoctor_" + name + ".pb.gz", body: body.String(), err: err}
}

// heldProfile has a sample for each hold, at the stack that took the lock.
func heldProfile(s *snapshot.Snapshot) *profile.Profile {
	p := &profile.Profile{
		Types:   []profile.ValueType{{Type: "locks", Unit: "count"}, {Type: "held", Unit: "nanoseconds"}},
		Default: "locks", Taken: s.Taken,
		Comments: []string{"locks held at this moment, by the stack that took them; held is 0 where statistics were off"},
	}
	for i := range s.Goroutines {
		g := &s.Goroutines[i]
		for _, h := range g.Holds {
			p.Samples = append(p.Samples, profile.Sample{
				Stack: h.Stack, Values: []int64{1, h.Nanos},
				Labels: append(labels(&s.Resources[h.Resource].Resource, h.Mode), profile.Label{Key: "goroutine", Number: int64(g.ID)}),
			})
		}
	}
	return p
}

// waitsProfile has a sample for each stack that has waited and each goroutine that waits.
func waitsProfile(s *snapshot.Snapshot) *profile.Profile {
	p := &profile.Profile{
		Types: []profile.ValueType{
			{Type: "waiting", Unit: "count"}, {Type: "contentions", Unit: "count"}, {Type: "delay", Unit: "nanoseconds"},
		},
		Default: "delay", Taken: s.Taken,
		Comments: []string{"waits for locks by the stack that waits: waiting are those at this moment, the others are over; they count while statistics are on"},
	}
	if len(s.WaitSites) == 0 {
		p.Default = "waiting"
	}
	for i := range s.WaitSites {
		w := &s.WaitSites[i]
		class := &s.Classes[w.ClassID]
		p.Samples = append(p.Samples, profile.Sample{
			Stack: w.Stack, Values: []int64{0, int64(w.Count), w.SumNanos},
			Labels: labels(&finding.Resource{Kind: class.Kind, Name: class.Name, Class: class.Site}, ""),
		})
	}
	for i := range s.Goroutines {
		g := &s.Goroutines[i]
		if g.Wait == nil || g.Wait.Op != "lock" {
			continue
		}
		p.Samples = append(p.Samples, profile.Sample{
			Stack: g.Wait.Stack, Values: []int64{1, 0, 0},
			Labels: labels(&s.Resources[g.Wait.Resources[0]].Resource, g.Wait.Mode),
		})
	}
	return p
}

func labels(r *finding.Resource, mode finding.Mode) []profile.Label {
	list := []profile.Label{{Key: "class", Text: r.String()}, {Key: "kind", Text: string(r.Kind)}}
	if mode != "" {
		list = append(list, profile.Label{Key: "mode", Text: string(mode)})
	}
	return list
}
