package scratch

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// TestSweep makes a directory beside those of a command that lives, of one that was
// killed, of one that just begins, and of something else.
func TestSweep(t *testing.T) {
	place := t.TempDir()
	living, err := makeForTapesIn([]string{place})
	if err != nil {
		t.Fatal(err)
	}
	killed, build, begun := filepath.Join(place, "concdoctor-tapes-123"), filepath.Join(place, "concdoctor-build-4567"), filepath.Join(place, "concdoctor-tapes-1")
	other, mine := filepath.Join(place, "other"), filepath.Join(place, "concdoctor-build-of-mine")
	for _, dir := range []string{killed, build, begun, other, mine} {
		if err := os.MkdirAll(filepath.Join(dir, "in"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-2 * young)
	for _, dir := range []string{living.Path, killed, build, other, mine} {
		if err := os.Chtimes(dir, past, past); err != nil {
			t.Fatal(err)
		}
	}
	second, err := makeForTapesIn([]string{place})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{living.Path: true, killed: runtime.GOOS != "linux", build: runtime.GOOS != "linux", begun: true, other: true, mine: true, second.Path: true}
	check := func() {
		t.Helper()
		for dir, there := range want {
			if _, err := os.Stat(dir); (err == nil) != there {
				t.Errorf("%s is there: %v, want %v", dir, err == nil, there)
			}
		}
	}
	check()
	for _, d := range []*Dir{living, second} {
		if err := d.Remove(); err != nil {
			t.Error(err)
		}
		want[d.Path] = false
	}
	check()
}

// TestChoose prefers a place with room to one that cannot be written.
func TestChoose(t *testing.T) {
	place := t.TempDir()
	if runtime.GOOS != "linux" {
		t.Skip("room is not known here")
	}
	if got := choose([]string{filepath.Join(place, "missing"), place}); got != place {
		t.Errorf("chose %s, want %s", got, place)
	}
	if got := choose([]string{"/proc"}); got != os.TempDir() {
		t.Errorf("chose %s where nothing can be written", got)
	}
}
