package main

import (
	"cmp"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/concdoctor/concdoctor/analyzer/render"
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

// useCharts decides on charts for w, nil for a file. They are drawn with block
// elements where the locale can show them (POSIX.1-2017, 8.2: the first of these
// variables that is set counts), else with ASCII.
func useCharts(choice string, w io.Writer, getenv func(string) string) render.Charts {
	if choice == "never" || choice == "auto" && (!isTerminal(w) || getenv("TERM") == "dumb") {
		return render.NoCharts
	}
	locale := cmp.Or(getenv("LC_ALL"), getenv("LC_CTYPE"), getenv("LANG"))
	if charset := strings.ToLower(strings.ReplaceAll(locale, "-", "")); strings.Contains(charset, "utf8") || runtime.GOOS == "windows" {
		return render.BlockCharts
	}
	return render.ASCIICharts
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
