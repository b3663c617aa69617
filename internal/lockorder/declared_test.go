package lockorder

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestDeclared(t *testing.T) {
	var d Declared[string, string]
	if !d.Empty() || d.Path("a", "b") != nil {
		t.Error("the empty order says something")
	}
	for _, pair := range []string{"ab", "bc", "cd", "ac", "aa", "xy"} {
		if got := d.Declare(pair[:1], pair[1:], pair); got != nil {
			t.Errorf("%s contradicts %q", pair, got)
		}
	}
	for pair, want := range map[string][]string{
		"ab": {"ab"}, "ad": {"ab", "bc", "cd"}, "bd": {"bc", "cd"}, "xy": {"xy"}, "ba": nil, "da": nil, "ay": nil, "aa": nil,
	} {
		if got := d.Path(pair[:1], pair[1:]); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", pair, got, want)
		}
	}
	if got := d.Declare("d", "b", "db"); !slices.Equal(got, []string{"bc", "cd"}) {
		t.Errorf("d before b contradicts %q", got)
	}
	d.Forget("b")
	if got := d.Path("a", "d"); !slices.Equal(got, []string{"ab", "cd"}) {
		t.Errorf("without b, a comes before d by %q", got)
	}
	for _, k := range []string{"a", "c", "d", "y", "x", "nobody"} {
		d.Forget(k)
	}
	if !d.Empty() {
		t.Errorf("left over: %v", d.after)
	}
}

// TestDeclaredAgainstClosure compares with a relation that is closed after every step.
func TestDeclaredAgainstClosure(t *testing.T) {
	const keys = 7
	rng := rand.New(rand.NewPCG(3, 4))
	refused := 0
	for range 300 {
		var d Declared[int, string]
		var before [keys][keys]bool
		for range 25 {
			a, b := rng.IntN(keys), rng.IntN(keys)
			if rng.IntN(6) == 0 {
				d.Forget(a)
				for k := range keys {
					before[a][k], before[k][a] = false, false
				}
			} else if contradicts := d.Declare(a, b, fmt.Sprint(a, b)) != nil; contradicts != before[b][a] {
				t.Fatalf("%d before %d: contradicts %v, want %v", a, b, contradicts, before[b][a])
			} else if contradicts {
				refused++
			} else if a != b {
				for i := range keys {
					for j := range keys {
						before[i][j] = before[i][j] || (i == a || before[i][a]) && (j == b || before[b][j])
					}
				}
			}
			for i := range keys {
				for j := range keys {
					if got := d.Path(i, j) != nil; got != before[i][j] {
						t.Fatalf("%d before %d: %v, want %v", i, j, got, before[i][j])
					}
				}
			}
		}
	}
	if refused < 100 {
		t.Errorf("only %d contradictions", refused)
	}
}
