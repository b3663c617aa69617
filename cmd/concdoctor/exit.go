package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// The exit statuses; see the package comment.
const (
	statusOK       = 0
	statusFailed   = 1
	statusUsage    = 2
	statusFindings = 3
)

// usageError is a wrong command line.
type usageError struct {
	command *command // nil before a command was known
	text    string
}

func (e *usageError) Error() string { return e.text }

// usagef is a usage error of the command with that name.
func usagef(command, format string, args ...any) error {
	return &usageError{command: lookup(command), text: fmt.Sprintf(format, args...)}
}

// errFindings says that there are findings at or above --fail-on. The report and the exit
// status show that; no message is written.
var errFindings = errors.New("there are findings")

// programStatus is the exit status of another program that a command ran, which has
// written its own messages.
type programStatus int

func (s programStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// judge returns errFindings if the report has findings as bad as least.
func judge(rep *finding.Report, least finding.Severity) error {
	if rep.CountAtOrAbove(least) > 0 {
		return errFindings
	}
	return nil
}

// exitStatus turns a command's error into an exit status and writes the messages for the
// user. A failure of the tool takes precedence over findings: half an answer must not pass
// for a whole one.
func exitStatus(std *streams, err error) int {
	var usage *usageError
	var program programStatus
	switch {
	case err == nil:
		return statusOK
	case errors.As(err, &usage):
		writeUsageError(std, usage)
		return statusUsage
	case errors.As(err, &program):
		return int(program)
	case err == errFindings:
		return statusFindings
	case errors.Is(err, context.Canceled):
		std.say("interrupted")
		return statusFailed
	}
	std.say("%v", err)
	return statusFailed
}

func writeUsageError(std *streams, e *usageError) {
	name, more := "concdoctor", "help"
	line := "COMMAND [ARGUMENT...]"
	if e.command != nil {
		name += " " + e.command.name
		line = e.command.line()
		more += " " + e.command.name
	}
	writeMessage(std.err, "", fmt.Sprintf("%s: %s", name, e.text))
	fmt.Fprintf(std.err, "usage: %s %s\nsee concdoctor %s\n", name, line, more)
}
