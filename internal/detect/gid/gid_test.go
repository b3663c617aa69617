package gid

import "testing"

func TestSlowIsStable(t *testing.T) {
	if first, second := Slow(), Slow(); first == 0 || first != second {
		t.Fatalf("Slow() = %d, then %d", first, second)
	}
}

func TestParseHeader(t *testing.T) {
	for text, want := range map[string]uint64{
		"goroutine 18 [running]:\nmain":     18,
		"goroutine 18446744073709551615 [x": 18446744073709551615,
		"goroutine x [running]":             0,
		"gopher 1 [":                        0,
		"":                                  0,
	} {
		if got := parseHeader([]byte(text)); got != want {
			t.Errorf("parseHeader(%q) = %d, want %d", text, got, want)
		}
	}
}
