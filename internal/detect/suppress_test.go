//go:build !concdoctor_off

package detect_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/internal/detect"
)

//go:noinline
func takeIgnored(l locker) {
	l.Lock() //concdoctor:ignore lock-cycle,deadlock the test wants it so
}

//go:noinline
func takeIgnoredBelow(l locker) {
	//concdoctor:ignore lock-cycle the test wants it so
	l.Lock()
}

//go:noinline
func takeOtherwiseIgnored(l locker) {
	l.Lock() //concdoctor:ignore self-deadlock another rule
}

//go:noinline
func takeForNoReason(l locker) {
	l.Lock() //concdoctor:ignore lock-cycle
}

func TestIgnoreComments(t *testing.T) {
	for _, tt := range []struct {
		name     string
		take     func(locker)
		evidence string
		silent   bool
	}{
		{"at the line", takeIgnored, "", true},
		{"on the line before", takeIgnoredBelow, "", true},
		{"of another rule", takeOtherwiseIgnored, "", false},
		{"without a reason", takeForNoReason, "it gives no reason", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			detect.ResetForTest(t)
			for range 2 { // the second time the comment is known
				var a, b agent.Mutex
				run(func() {
					takeFirst(&a)
					tt.take(&b)
					b.Unlock()
					a.Unlock()
				}, nest(&b, &a))
			}
			found := agent.Findings()
			if (len(found) == 0) != tt.silent {
				t.Fatalf("findings %v", briefs(found))
			}
			if tt.silent {
				return
			}
			if f := found[0]; (len(f.Evidence) == 1 && strings.Contains(f.Evidence[0].Text, tt.evidence)) != (tt.evidence != "") {
				t.Errorf("evidence %v, want %q", f.Evidence, tt.evidence)
			}
		})
	}
}

func TestProcessSuppressFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "known.txt")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const end = "the program ends\n"
	write("# known\nlock-cycle:takeSecond  callers sort\n")
	if _, stderr := child(t, "inversion", "suppress_file="+file); stderr != end {
		t.Errorf("standard error %q", stderr)
	}
	write("lock-cicle\ndeadlock\n")
	status, stderr := child(t, "inversion", "suppress_file="+file)
	if status != 0 || !strings.HasPrefix(stderr, "concdoctor: "+file+`:1: suppressing "lock-cicle": no rule`) || !strings.Contains(stderr, "lock-cycle (potential)") {
		t.Errorf("status %d: %s", status, stderr)
	}
	if _, stderr := child(t, "inversion", "suppress_file="+file+".gone"); !strings.HasPrefix(stderr, "concdoctor: reading suppressions: open "+file+".gone") {
		t.Errorf("standard error %q", stderr)
	}
}

// A baseline that is read and written makes each finding heard once in all runs.
func TestProcessBaseline(t *testing.T) {
	file := filepath.Join(t.TempDir(), "baseline")
	options := "baseline=" + file + " write_baseline=" + file
	_, first := child(t, "inversion", options)
	if !strings.HasPrefix(first, "concdoctor: lock-cycle (potential): ") {
		t.Errorf("standard error %q", first)
	}
	for range 2 {
		if _, stderr := child(t, "inversion", options); stderr != "the program ends\n" {
			t.Errorf("standard error %q", stderr)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil || strings.Count(string(text), "\n") != 1 || !strings.Contains(string(text), ": lock-cycle (potential): ") {
		t.Errorf("%v: %q", err, text)
	}
	if _, stderr := child(t, "inversion", "baseline="+file+".gone"); !strings.HasPrefix(stderr, "concdoctor: reading suppressions: open ") {
		t.Errorf("standard error %q", stderr)
	}
	if _, stderr := child(t, "inversion", "write_baseline="+filepath.Join(file, "in", "no", "folder")); !strings.Contains(stderr, "concdoctor: writing baseline: open ") {
		t.Errorf("standard error %q", stderr)
	}
}
