package gocmd

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/zerotouch/toolexec"
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

// value is what the flag is set to on the command line or else in GOFLAGS.
func (c *Command) value(name string, s *Settings) string {
	if value, has := c.flags[name]; has {
		return value
	}
	value, _ := s.flag(name)
	return value
}

// drop takes a flag with its value out of the arguments.
func (c *Command) drop(name string) {
	var kept []string
	for i := 0; i < len(c.args); i++ {
		flag, _, assigned := strings.Cut(c.args[i], "=")
		if !isFlag(flag) {
			if c.endsFlags(c.args[i]) {
				kept = append(kept, c.args[i:]...)
				break
			}
			kept = append(kept, c.args[i])
			continue
		}
		flag = strings.TrimPrefix(strings.TrimLeft(flag, "-"), "test.")
		words := 1
		if !assigned && c.takesValue(flag) {
			words = 2
		}
		if flag != name {
			kept = append(kept, c.args[i:i+words]...)
		}
		i += words - 1
	}
	c.args = kept
}
