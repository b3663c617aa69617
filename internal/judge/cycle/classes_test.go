package cycle

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

func TestClasses(t *testing.T) {
	const head = "warning lock-cycle (suspected): bank.f bank.go:2 and bank.g bank.go:4 might deadlock: " +
		"they acquire locks of the same two classes in opposite orders: A1 B1 B2 A2"
	tests := []struct {
		name     string
		requests []string
		change   func(d *lockorder.Dependency[*testSite])
		want     string
	}{
		{"two functions", []string{"1 f: A1:1 > B1:2", "2 g: B2:3 > A2:4"}, nil, head},
		{"one function acquires both", []string{"1 f: A1:1 > B1:2", "2 f: B2:3 > A2:4"}, nil, ""},
		{"a lock that another goroutine released", []string{"1 f: A1:1! > B1:2", "2 g: B2:3 > A2:4"}, nil, ""},
		{"kept apart", []string{"1 f: A1:1 > B1:2", "2 g: B2:3 > A2:4"}, func(d *lockorder.Dependency[*testSite]) { d.Goroutine += 100 }, ""},
		{"no function acquires both", []string{"1 f: A1:1 > B1:2", "2 g: B2:3 > A2:4"}, func(d *lockorder.Dependency[*testSite]) {
			d.Site.Stack[1].Func = "bank.other"
		}, ""},
		{"a function of the standard library calls both", []string{"1 f: A1:1 > B1:2", "2 g: B2:3 > A2:4"}, func(d *lockorder.Dependency[*testSite]) {
			std := finding.Frame{Func: "slices.SortFunc", File: "/go/src/slices/sort.go", Line: 9}
			d.Site.Stack = append(d.Site.Stack[:1:1], finding.Frame{Func: "bank.less", File: "/w/bank/bank.go", Line: 5}, std)
			d.Held[0].Site.Stack = append(d.Held[0].Site.Stack[:1:1], finding.Frame{Func: "bank.swap", File: "/w/bank/bank.go", Line: 6}, std)
		}, ""},
		{"under a lock without a class", []string{"1 f: O1:9 A1:1 > B1:2", "2 g: B2:3 > A2:4"}, nil, head},
		{"both under one lock without a class", []string{"1 f: O1:9 A1:1 > B1:2", "2 g: O1:9 B2:3 > A2:4"}, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newProgram()
			p.apart = func(a, b *lockorder.Dependency[*testSite]) bool { return b.Goroutine > 100 }
			k := NewClasses(p.areApart)
			classes := make(map[byte]lockorder.ClassID)
			of := func(s *testSite) lockorder.ClassID {
				letter := s.lock.name[0]
				if letter != 'O' && classes[letter] == 0 {
					classes[letter] = k.NewClass()
				}
				return classes[letter]
			}
			got := ""
			for i, text := range tt.requests {
				d := p.request(text)
				if tt.change != nil && i == 1 {
					tt.change(&d)
				}
				r := lockorder.ClassRequest{Goroutine: d.Goroutine, Lock: d.Lock, Class: of(d.Site), Mode: d.Mode}
				for _, h := range d.Held {
					r.Held = append(r.Held, lockorder.ClassHeld{Lock: h.Lock, Class: of(h.Site), Mode: h.Mode})
				}
				for _, found := range k.Add(r, func() lockorder.Dependency[*testSite] { return d }) {
					got = sayOf(found.Finding()).Head
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("finding (-want +got):\n%s", diff)
			}
		})
	}
}
