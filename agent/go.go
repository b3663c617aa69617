//go:build !concdoctor_off

package agent

import (
	"github.com/concdoctor/concdoctor/internal/detect"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
)

// Go runs f in a new goroutine, as the go statement does. The agent then knows
// where the goroutine was created, and when it ends; of a goroutine that a plain go
// statement started it knows less. A panic in f ends the program, as always.
func Go(f func()) {
	var at callers.Short
	callers.Take(&at)
	d := detect.Debt{Creator: at[0]}
	if parent := detect.Current(); parent != nil {
		d.Before, d.Errand = parent.Release(), parent.NewErrand()
	}
	go func() { detect.RunAs(d, f) }()
}
