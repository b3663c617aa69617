package main

import (
	"cmp"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/internal/input"
	"github.com/concdoctor/concdoctor/internal/memory"
)

// maxMemory is the flag for the memory of a command that reads files.
type maxMemory struct{ size byteSize }

func newMaxMemory(flags *pflag.FlagSet) *maxMemory {
	m := new(maxMemory)
	flags.Var(&m.size, "max-memory", "use at most this `size` of memory, such as 300MB; default: 2 GB, or half of the machine's if that is less")
	return m
}

func (m *maxMemory) bytes() int64 { return cmp.Or(int64(m.size), memory.Default()) }

// input returns how to open inputs within the limit.
func (m *maxMemory) input(std *streams) input.Options {
	return input.Options{Stdin: std.in, Limit: memory.NewLimit(m.bytes())}
}

// watch ends the process with a message if it outgrows the limit all the same, until the
// returned function is called.
func (m *maxMemory) watch(std *streams) (stop func()) {
	if std.exit == nil {
		return func() {}
	}
	return memory.Watch(m.bytes(), func(e *memory.ExceededError) {
		std.say("giving up: the analysis needs more memory than %d MB; allow more with --max-memory, or give less at a time", e.Limit/1e6)
		std.exit(statusFailed)
	})
}
