// Package progress calls back while something takes its time.
package progress

import "time"

// interval is short enough for a progress line to look alive.
const interval = 250 * time.Millisecond

// Watch calls tell a few times a second, from one goroutine, until the returned function
// is called, and never after that.
func Watch(tell func()) (stop func()) {
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
				tell()
			}
		}
	}()
	return func() {
		close(quit)
		<-ended
	}
}
