// Package gocmd runs the user's own go command so that the programs it builds observe
// themselves: with -toolexec set to concdoctor, and everything else as the user wrote it.
//
// [Parse] reads the arguments of go test, go run or go build as far as is needed: which
// are flags, which of them take a value, where the flags end. [ReadSettings] asks the
// go command which toolchain it will use, in that directory and with that environment:
// go.mod can name another one than is installed. [Command.Run] runs it. The streams are
// the process's own, signals go on to the go command, and the exit status comes back.
//
// A -toolexec that the user has set, as a flag or in GOFLAGS, runs the tools in turn. go
// test gets -count=1 unless the user says otherwise: it would take results from its cache
// that no observed program gave.
package gocmd
