package verdict

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a process that was killed at once leaves behind is no failure; what is no tape is.
func TestUnreadableTapes(t *testing.T) {
	for _, tt := range []struct {
		name, content string
		warning, err  string
	}{
		{"empty", "", "before it recorded anything", ""},
		{"blank", strings.Repeat("\x00", 4096), "before it recorded anything", ""},
		{"other", "package main\n\nfunc main() {}\n", "", "is not one"},
		{"none", "-", "", ""},
	} {
		dir := t.TempDir()
		if tt.content != "-" {
			if err := os.WriteFile(filepath.Join(dir, "1.tape"), []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		rep, err := Watch(t.Context(), dir, Options{}).Finish()
		warning, failed := "", ""
		if len(rep.Warnings) > 0 {
			warning = rep.Warnings[0].Text
		}
		if err != nil {
			failed = err.Error()
		}
		if !strings.Contains(warning, tt.warning) || warning == "" != (tt.warning == "") {
			t.Errorf("%s: warning %q, want %q", tt.name, warning, tt.warning)
		}
		if !strings.Contains(failed, tt.err) || failed == "" != (tt.err == "") {
			t.Errorf("%s: error %q, want %q", tt.name, failed, tt.err)
		}
	}
	rep, err := Watch(t.Context(), filepath.Join(t.TempDir(), "gone"), Options{}).Finish()
	if err == nil || rep == nil {
		t.Errorf("a directory that is not there: %v, %v", rep, err)
	}
}
