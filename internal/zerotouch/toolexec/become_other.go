//go:build !unix

package toolexec

// become runs a tool as a child: this system cannot put it in the place of a process.
func become(words []string) error { return run(command(words)) }
