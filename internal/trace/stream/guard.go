package stream

import "fmt"

// Guard turns a panic of a decoder, which may trust its input too much, into an error. It
// is for a batch at a time: a deferred call an event would cost.
func Guard(decode func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the decoder failed: %v", p)
		}
	}()
	return decode()
}
