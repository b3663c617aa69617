//go:build !concdoctor_off

package agent

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// selfOnce is what the diagnosis of a goroutine that waits for itself says of a Once.
func selfOnce(f *finding.Finding) {
	f.Certainty = finding.Observed
	f.Measures = nil // it is reported at once
	f.Title = fmt.Sprintf("%s calls Do of a Once whose function the same goroutine is running", f.Goroutines[0].Wait.Stack.Site())
	f.Detail = "Do returns when the function has, and the function waits for Do: nobody else can end that."
	f.Fix = "call from inside the function what it needs directly, without the Once around it"
}
