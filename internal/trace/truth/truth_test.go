package truth

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	Child()
	os.Exit(m.Run())
}

// TestTruth holds every figure of every program to its tolerance.
func TestTruth(t *testing.T) {
	for _, p := range Programs() {
		t.Run(p.Name, func(t *testing.T) {
			figures, err := Settle(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			if len(figures) == 0 {
				t.Error("nothing is compared")
			}
			for _, f := range figures {
				if !f.OK() {
					t.Error(f)
				} else {
					t.Log(f)
				}
			}
		})
	}
}

// TestFigure holds that a figure can be wrong.
func TestFigure(t *testing.T) {
	for _, tt := range []struct {
		f  Figure
		ok bool
	}{
		{Nanos("", 1e9, 1.009e9, 0.01), true},
		{Nanos("", 1e9, 1.011e9, 0.01), false},
		{Nanos("", 1e9, 0.989e9, 0.01), false},
		{Nanos("", 0, 2e6, 0.01), false},
		{Share("", 0.5, 0.54, 0.05), true},
		{Share("", 0.5, 0.56, 0.05), false},
		{Number("", 100, 106, 0.05), false},
		{Set("", []string{"a", "b"}, []string{"b", "a"}), true},
		{Set("", nil, nil), true},
		{Set("", nil, []string{"a"}), false},
		{Set("", []string{"a", "a"}, []string{"a"}), false},
	} {
		if tt.f.OK() != tt.ok {
			t.Errorf("%v: OK is %v", tt.f, !tt.ok)
		}
	}
}
