package verdict

import (
	"fmt"
	"syscall"

	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// endedEarly says, as the end of a sentence, how a process ended that was not done; ""
// for one that was, as far as is known. Tests that fail are done: package testing exits on
// the main goroutine.
func (s *scene) endedEarly() string {
	switch s.End {
	case tape.Asleep:
		return "was ended by the runtime (all goroutines are asleep)"
	case tape.Fatal:
		return "was ended by a fatal error"
	case tape.Panicked:
		return "panicked"
	case tape.TimedOut:
		return "timed out after " + s.Limit.String()
	case tape.Killed:
		return "was killed"
	case tape.Signaled:
		return signalText(syscall.Signal(s.Signal))
	case tape.Exited:
		isTests := len(s.Tests) > 0 && s.EndedBy == mainID
		if s.ExitCode != 0 && !isTests {
			return fmt.Sprintf("exited with status %d", s.ExitCode)
		}
	}
	return ""
}

// signalNames are the signals by which people and their tools end programs.
var signalNames = map[syscall.Signal]string{
	syscall.SIGTERM: "SIGTERM", syscall.SIGQUIT: "SIGQUIT", syscall.SIGHUP: "SIGHUP", syscall.SIGABRT: "SIGABRT",
	syscall.SIGSEGV: "SIGSEGV", syscall.SIGBUS: "SIGBUS",
}

func signalText(signal syscall.Signal) string {
	if signal == syscall.SIGINT {
		return "was interrupted"
	}
	if name := signalNames[signal]; name != "" {
		return "was ended by " + name
	}
	return fmt.Sprintf("was ended by signal %d", int(signal))
}

// hungForSure reports whether the process ended since it stood still.
func (s *scene) hungForSure() bool { return s.End == tape.TimedOut || s.End == tape.Asleep }

// runningTests are the tests and subtests that had begun and were not over, outermost
// first.
func (s *scene) runningTests() (names []string) {
	for i := range s.Tests {
		if t := &s.Tests[i]; t.End == 0 && t.Name != "" {
			names = append(names, t.Name)
		}
	}
	return names
}
