// Package progress calls back at intervals while a long operation runs.
package progress

import "time"

// interval is short enough for a progress line to look alive.
const interval = 250 * time.Millisecond

// Watch calls report a few times a second, from one goroutine, until the returned function
// is called, and never after that.
func Watch(report func()) (stop func()) {
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
				report()
			}
		}
	}()
	return func() {
		close(quit)
		<-ended
	}
}
