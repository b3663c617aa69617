//go:build !concdoctor_off

package agent

// OnceFunc returns a function that calls f only once, as [sync.OnceFunc] does, and that
// takes part in deadlock detection as a [Once] does. If f panics, the returned function
// panics with the same value on every call.
func OnceFunc(f func()) func() {
	d := struct {
		outcome
		f func()
	}{f: f}
	return func() {
		d.once.Do(func() {
			f := d.f
			d.f = nil // it may be large, and is needed no more
			defer d.settle()
			f()
			d.returned = true
		})
		d.replay()
	}
}

// OnceValue returns a function that calls f only once and returns its value, as
// [sync.OnceValue] does, and that takes part in deadlock detection as a [Once] does. If f
// panics, the returned function panics with the same value on every call.
func OnceValue[T any](f func() T) func() T {
	d := struct {
		outcome
		f     func() T
		value T
	}{f: f}
	return func() T {
		d.once.Do(func() {
			f := d.f
			d.f = nil
			defer d.settle()
			d.value = f()
			d.returned = true
		})
		d.replay()
		return d.value
	}
}

// OnceValues returns a function that calls f only once and returns its values, as
// [sync.OnceValues] does, and that takes part in deadlock detection as a [Once] does. If f
// panics, the returned function panics with the same value on every call.
func OnceValues[T1, T2 any](f func() (T1, T2)) func() (T1, T2) {
	d := struct {
		outcome
		f      func() (T1, T2)
		first  T1
		second T2
	}{f: f}
	return func() (T1, T2) {
		d.once.Do(func() {
			f := d.f
			d.f = nil
			defer d.settle()
			d.first, d.second = f()
			d.returned = true
		})
		d.replay()
		return d.first, d.second
	}
}

// outcome is how the one call of a function ended.
type outcome struct {
	once     Once
	returned bool
	panicked any
}

// settle is deferred around the one call. A panic goes on from within the deferred
// call, so that its traceback shows where it began.
func (o *outcome) settle() {
	o.panicked = recover()
	if !o.returned {
		panic(o.panicked)
	}
}

// replay panics again if the one call did.
func (o *outcome) replay() {
	if !o.returned {
		panic(o.panicked)
	}
}
