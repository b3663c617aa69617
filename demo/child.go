package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"sync"
	"time"

	"github.com/concdoctor/concdoctor/demo/internal/backend"
)

// childVariable holds the order for a child.
const childVariable = "CONCDOCTOR_DEMO_CHILD"

// The files that a child leaves in its directory.
const (
	traceFile     = "trace.out"
	mutexFile     = "mutex.pb.gz"
	blockFile     = "block.pb.gz"
	goroutineFile = "goroutine.pb.gz"
)

// Child runs a demo and returns true if this process was started by a [Driver] to
// do so; a program that uses a Driver calls it before anything else and ends if it
// returns true or an error. In every other process it does nothing.
func Child() (bool, error) {
	text, ok := os.LookupEnv(childVariable)
	if !ok {
		return false, nil
	}
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return true, fmt.Errorf("reading %s: %w", childVariable, err)
	}
	return true, o.obey()
}

// obey runs the program with everything recorded. If the parent closes our standard
// input before the program returns (because it hangs, or by dying), what was
// recorded is written and the process ends.
func (o order) obey() error {
	program, err := o.program()
	if err != nil {
		return err
	}
	// The locks come first: what watches them must not show up in the trace.
	out := &sender{begin: time.Now(), w: os.Stdout}
	newLock, flush := o.Locks.watch(out)
	stage := &Stage{Brief: o.Brief, NewLock: newLock, service: backend.Client{Address: o.Backend}, out: out}
	recording := make(chan func() error, 1)
	go endWithParent(recording)
	time.Sleep(settle)
	stop, err := o.record()
	if err != nil {
		return err
	}
	recording <- stop
	out.begin = time.Now()
	// On the main goroutine, since one that only waited for the program to end would
	// count as one more in flight.
	program(stage)
	flush()
	out.send(message{Kind: kindEnded})
	return stop()
}

// settle is time for the process's own goroutines to go to sleep: those that do
// nothing during the trace do not count as in flight. Nothing but the neatness of
// the figures depends on it.
const settle = 20 * time.Millisecond

// endWithParent ends the process, with its recording written, when standard input
// is closed.
func endWithParent(recording <-chan func() error) {
	io.Copy(io.Discard, os.Stdin)
	stop := <-recording
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// program returns the function that the order names.
func (o order) program() (Program, error) {
	d, ok := Lookup(o.Demo)
	if !ok {
		return nil, fmt.Errorf("unknown demo %q", o.Demo)
	}
	if o.Variant == "" {
		return d.Sick, nil
	}
	for _, twin := range d.Twins {
		if twin.Name == o.Variant {
			return twin.Run, nil
		}
	}
	return nil, fmt.Errorf("demo %s has no twin %q", o.Demo, o.Variant)
}

// record starts the trace and the profiles of this process; stop writes them out.
// Both profiles sample every event, which a service would not: a demo is short.
func (o order) record() (stop func() error, err error) {
	file, err := os.Create(filepath.Join(o.Dir, traceFile))
	if err != nil {
		return nil, fmt.Errorf("creating the demo's trace: %w", err)
	}
	runtime.SetMutexProfileFraction(1)
	runtime.SetBlockProfileRate(1)
	if err := trace.Start(file); err != nil {
		return nil, fmt.Errorf("starting the demo's trace: %w", err)
	}
	return sync.OnceValue(func() error {
		trace.Stop()
		return errors.Join(
			file.Close(),
			o.writeProfile("mutex", mutexFile),
			o.writeProfile("block", blockFile),
			o.writeProfile("goroutine", goroutineFile),
		)
	}), nil
}

func (o order) writeProfile(name, file string) error {
	f, err := os.Create(filepath.Join(o.Dir, file))
	if err != nil {
		return fmt.Errorf("creating the demo's %s profile: %w", name, err)
	}
	if err := pprof.Lookup(name).WriteTo(f, 0); err != nil {
		f.Close()
		return fmt.Errorf("writing the demo's %s profile: %w", name, err)
	}
	return f.Close()
}
