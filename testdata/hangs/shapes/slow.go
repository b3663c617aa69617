package shapes

import (
	"os"
	"time"
)

// slowVariable is the environment variable that sets slow.
const slowVariable = "HANGS_SLOW"

// slow is how long healthy programs keep others waiting, half a minute if the environment does not say it.
var slow = func() time.Duration {
	if d, err := time.ParseDuration(os.Getenv(slowVariable)); err == nil {
		return d
	}
	return 30 * time.Second
}()

// moment is how long a little work takes: long enough for other goroutines to get going.
const moment = 60 * time.Millisecond
