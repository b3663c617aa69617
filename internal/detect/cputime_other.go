//go:build !unix

package detect

import "time"

// processorTime is not known here.
func processorTime() (d time.Duration, known bool) { return 0, false }
