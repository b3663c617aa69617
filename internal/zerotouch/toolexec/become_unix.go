//go:build unix

package toolexec

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// become lets a tool take the place of this process: its streams, signals and exit
// status are exactly its own.
func become(words []string) error {
	path, err := exec.LookPath(words[0])
	if err == nil {
		err = syscall.Exec(path, words, os.Environ())
	}
	return fmt.Errorf("running a tool of the go command: %s: %w", words[0], err)
}
