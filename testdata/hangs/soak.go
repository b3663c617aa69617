package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/concdoctor/concdoctor/testdata/internal/sidebyside"
)

// soakSlow is how long the healthy twins keep others waiting in a soak: longer than any
// patience with goroutines that wait.
const soakSlow = 25 * time.Second

// soakAll runs all healthy twins at once, beside a listener, each again and again, and
// prints what is said of the program: nothing serious should be.
func (r *runner) soakAll(ctx context.Context) error {
	t := &trial{built: r.built, shape: &shape{name: "soak"}, healthy: true, slow: soakSlow, at: filepath.Join(r.built.dir, "trials", "soak")}
	if err := os.MkdirAll(t.at, 0o777); err != nil {
		return err
	}
	p, err := t.doctorRuns(ctx, "run", "--", ".", "-listen", "-soak", r.soak.String())
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-time.After(r.soak):
	}
	_ = p.signal(syscall.SIGINT)
	if err := t.finish(p); err != nil {
		return err
	}
	serious := 0
	for i := range t.findings {
		f := &t.findings[i]
		if sidebyside.IsSerious(f) {
			serious++
		}
		fmt.Printf("%s, %s, %s: %s\n", f.Rule, f.Certainty, f.Severity, f.Title)
	}
	lines := len(liveLine.FindAllString(t.text, -1))
	fmt.Printf("%s: %d serious findings, %d lines while it ran\n", r.soak, serious, lines)
	if r.strict && serious+lines > 0 {
		return fmt.Errorf("a healthy program is not told healthy")
	}
	return ctx.Err()
}
