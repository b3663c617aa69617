package profile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func changes(pairs []Pair) []string {
	var lines []string
	for _, p := range pairs {
		s, now, before := p.Now, int64(0), int64(0)
		if p.Base != nil {
			before = p.Base.weight()
			s = p.Base
		}
		if p.Now != nil {
			now = p.Now.weight()
			s = p.Now
		}
		lines = append(lines, fmt.Sprintf("%s %s %d %d", s.Stack.Site(), p.Change, before, now))
	}
	return lines
}

func holder(ms int64, site string) stack { return waits(10, ms, "sync.(*Mutex).Unlock", site) }

func TestDiff(t *testing.T) {
	const ms = millis
	tests := []struct {
		name              string
		baseTime, nowTime int64
		base, now         []stack
		want              []string
		scale             string
	}{
		{"every change at the same length", second, second,
			[]stack{holder(100, "main.same:1"), holder(100, "main.worse:2"), holder(100, "main.better:3"), holder(100, "main.gone:4")},
			[]stack{holder(110, "main.same:1"), holder(125, "main.worse:2"), holder(80, "main.better:3"), holder(50, "main.new:5")},
			[]string{
				fmt.Sprintf("main.worse main.go:2 worse %d %d", 100*ms, 125*ms), fmt.Sprintf("main.same main.go:1 same %d %d", 100*ms, 110*ms),
				fmt.Sprintf("main.better main.go:3 better %d %d", 100*ms, 80*ms), fmt.Sprintf("main.new main.go:5 new 0 %d", 50*ms),
				fmt.Sprintf("main.gone main.go:4 gone %d 0", 100*ms),
			}, "per second of profile (1 s now, 1 s before)"},
		{"twice the time, twice the waiting", second, 2 * second, []stack{holder(100, "main.f:1")}, []stack{holder(200, "main.f:1")},
			[]string{fmt.Sprintf("main.f main.go:1 same %d %d", 100*ms, 200*ms)}, "per second of profile (2 s now, 1 s before)"},
		{"unknown time: shares", 0, 0, []stack{holder(100, "main.f:1"), holder(100, "main.g:2")}, []stack{holder(900, "main.f:1"), holder(300, "main.g:2")},
			[]string{fmt.Sprintf("main.f main.go:1 worse %d %d", 100*ms, 900*ms), fmt.Sprintf("main.g main.go:2 better %d %d", 100*ms, 300*ms)}, "shares of each profile's total"},
		{"noise below 1 %", second, second, []stack{holder(10_000, "main.f:1"), holder(10, "main.g:2")}, []stack{holder(10_000, "main.f:1"), holder(90, "main.g:2")},
			[]string{fmt.Sprintf("main.f main.go:1 same %d %d", 10_000*ms, 10_000*ms), fmt.Sprintf("main.g main.go:2 same %d %d", 10*ms, 90*ms)}, "per second"},
		{"lines moved by an edit above", second, second, []stack{holder(500, "main.f:10"), holder(100, "main.f:20")}, []stack{holder(500, "main.f:13"), holder(100, "main.f:23")},
			[]string{fmt.Sprintf("main.f main.go:13 same %d %d", 500*ms, 500*ms), fmt.Sprintf("main.f main.go:23 same %d %d", 100*ms, 100*ms)}, "per second"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pairs, scale := Diff(read(t, encode(t, tt.nowTime, lockTypes, tt.now...)), read(t, encode(t, tt.baseTime, lockTypes, tt.base...)))
			if diff := cmp.Diff(tt.want, changes(pairs)); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if !strings.Contains(scale.Text, tt.scale) {
				t.Errorf("scale %q, want %q in it", scale.Text, tt.scale)
			}
		})
	}
}
