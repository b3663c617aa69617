package main

import (
	"io"
	"os"
)

// useColor decides on colour for w. On "auto" the environment has a say
// (https://no-color.org: any value of NO_COLOR but the empty one); "always" is
// the user's own word and overrides it.
func useColor(choice string, w io.Writer, getenv func(string) string) bool {
	switch choice {
	case "always":
		return true
	case "never":
		return false
	}
	return isTerminal(w) && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}

// isTerminal reports whether w is a character device. That includes /dev/null,
// which does not mind.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
