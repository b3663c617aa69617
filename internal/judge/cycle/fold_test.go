package cycle

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// ring returns a cycle of goroutines that each acquire at the first line and ask at the
// second one; the last one is odd.
func ring(apart bool, lines ...[2]string) lockorder.Cycle[*testSite] {
	p := newProgram()
	c := lockorder.Cycle[*testSite]{Odd: len(lines) - 1, Apart: apart}
	for i, l := range lines {
		name := func(i int) string { return string(rune('A' + i%len(lines))) }
		d := p.request("1 f: " + name(i) + ":" + l[0] + " > " + name(i+1) + ":" + l[1])
		d.Goroutine = uint64(i + 1)
		c.Deps = append(c.Deps, d)
	}
	return c
}

func TestFolder(t *testing.T) {
	pair := ring(false, [2]string{"1", "2"}, [2]string{"3", "4"})
	turned := ring(false, [2]string{"3", "4"}, [2]string{"1", "2"})
	apart := ring(true, [2]string{"1", "2"}, [2]string{"3", "4"})
	triple := ring(false, [2]string{"5", "6"}, [2]string{"7", "8"}, [2]string{"3", "4"})
	other := ring(false, [2]string{"5", "6"}, [2]string{"9", "8"}, [2]string{"3", "4"})
	apartTriple := ring(true, [2]string{"5", "6"}, [2]string{"7", "8"}, [2]string{"3", "4"})
	elsewhere := ring(false, [2]string{"3", "4"}, [2]string{"7", "8"}, [2]string{"5", "6"})
	tests := []struct {
		name string
		sets [][]lockorder.Cycle[*testSite]
		want []string // lengths of the reported, "?" for one that is apart
	}{
		{"many instances of one pair of places", [][]lockorder.Cycle[*testSite]{{pair, pair, turned}, {pair}}, []string{"2", "2"}},
		{"a longer one through the same wrong place", [][]lockorder.Cycle[*testSite]{{triple, pair}}, []string{"2"}},
		{"the same, later", [][]lockorder.Cycle[*testSite]{{pair}, {triple}}, []string{"2", ""}},
		{"an equally long one", [][]lockorder.Cycle[*testSite]{{triple, other}, {triple}}, []string{"3", "3"}},
		{"a pair is always worth it", [][]lockorder.Cycle[*testSite]{{triple}, {pair}}, []string{"3", "2"}},
		{"another wrong place", [][]lockorder.Cycle[*testSite]{{triple, elsewhere}}, []string{"3 3"}},
		{"the more certain first", [][]lockorder.Cycle[*testSite]{{apart, pair}}, []string{"2"}},
		{"the more certain later", [][]lockorder.Cycle[*testSite]{{apart}, {pair}, {apart}}, []string{"2?", "2", "2?"}},
		{"the more certain later, of three", [][]lockorder.Cycle[*testSite]{{apartTriple}, {triple, apartTriple}}, []string{"3?", "3"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var o Folder[*testSite]
			var got []string
			for _, set := range tt.sets {
				var worth []string
				for _, c := range o.Fold(slices.Clone(set)) {
					text := string(rune('0' + len(c.Deps)))
					if c.Apart {
						text += "?"
					}
					worth = append(worth, text)
				}
				got = append(got, strings.Join(worth, " "))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("reported (-want +got):\n%s", diff)
			}
		})
	}
}
