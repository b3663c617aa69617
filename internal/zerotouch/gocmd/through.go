package gocmd

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/concdoctor/concdoctor/internal/zerotouch/toolexec"
)

// testTimeout is what go test allows a test binary without the flag -timeout.
const testTimeout = "10m"

// Through makes the go command start programs by way of other words, which get the
// program and its arguments after those of the user's own -exec. They may run it more
// than once: the go command sets no time limit for a test any more, and the one that
// was meant for a single run is returned, "" for a command that is no test.
func (c *Command) Through(words []string, s *Settings) (timeout string, err error) {
	inner, err := toolexec.Split(c.value("exec", s))
	if err != nil {
		return "", fmt.Errorf("reading -exec: %w", err)
	}
	through, err := toolexec.Join(slices.Concat(words, inner))
	if err != nil {
		return "", err
	}
	c.drop("exec")
	c.ours = append(c.ours, "-exec="+through)
	if c.Name != "test" {
		return "", nil
	}
	timeout = cmp.Or(c.value("timeout", s), testTimeout)
	c.drop("timeout")
	c.ours = append(c.ours, "-timeout=0")
	return timeout, nil
}

// drop takes a flag out of the arguments.
func (c *Command) drop(name string) {
	c.args = slices.DeleteFunc(c.args, func(a argument) bool { return a.flag == name })
}
