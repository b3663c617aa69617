package main

import (
	"context"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // the first interrupt asks, the second kills
	status := run(ctx, os.Args[1:], &streams{in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv, exit: os.Exit})
	stop()
	os.Exit(status)
}

// streams are what a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
	// exit ends the process where a command cannot return; nil in tests.
	exit func(status int)
}

// run runs the command that args name and returns the exit status.
func run(ctx context.Context, args []string, std *streams) int {
	return exitStatus(std, dispatch(ctx, std, args))
}
