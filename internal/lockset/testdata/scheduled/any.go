package scheduled

import "time"

func later(d time.Duration, f func()) { time.AfterFunc(d, func() { f() }) }
