package finding

import (
	"fmt"
	"path"
	"strings"
)

// Frame is one function call of a stack. Func is the full name as the Go runtime
// prints it (import path, receiver, function); Line is 1-based and 0 if unknown.
type Frame struct {
	Func string `json:"func"`
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

// Stack is a call stack, innermost call first. Nil means unknown.
type Stack []Frame

// Place is a position in the code with the part that it plays in a finding:
// "waits here", "holds it here", "created here".
type Place struct {
	Role     string    `json:"role"`
	Stack    Stack     `json:"stack"`
	Measures []Measure `json:"measures,omitempty"`
}

// IsZero reports whether nothing is known of the frame.
func (f Frame) IsZero() bool { return f == Frame{} }

// Package returns the import path of the frame's function, or "" if it has none.
func (f Frame) Package() string {
	name := f.Func[:f.typeArguments()]
	slash := strings.LastIndexByte(name, '/') + 1
	dot := strings.IndexByte(name[slash:], '.')
	if dot < 0 {
		return ""
	}
	return name[:slash+dot]
}

// typeArguments returns where the function's type arguments begin, or its length.
// They may hold import paths of their own.
func (f Frame) typeArguments() int {
	if i := strings.IndexByte(f.Func, '['); i >= 0 {
		return i
	}
	return len(f.Func)
}

// ShortFunc returns the function with its package's name only, as in
// "bank.(*Account).Move". Of github.com/x/bank/v4 that is bank too: the last
// element is a major version.
func (f Frame) ShortFunc() string {
	slash := strings.LastIndexByte(f.Func[:f.typeArguments()], '/')
	name := f.Func[slash+1:]
	if version := majorVersion(name); version > 0 && slash > 0 {
		name = path.Base(f.Func[:slash]) + name[version:]
	}
	return strings.ReplaceAll(name, "%2e", ".") // the linker's escape in an import path such as nats.go
}

// majorVersion returns the length of the "v4" that the name starts with as a path
// element of its own, else 0.
func majorVersion(name string) int {
	digits := strings.TrimLeft(strings.TrimPrefix(name, "v"), "0123456789")
	n := len(name) - len(digits)
	if n < 2 || name[0] != 'v' || digits == "" || digits[0] != '.' {
		return 0
	}
	return n
}

// Position returns "file.go:12", with the file's base name, or "" if unknown.
func (f Frame) Position() string {
	if f.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", path.Base(strings.ReplaceAll(f.File, `\`, "/")), f.Line)
}

// String returns "bank.(*Account).Move bank.go:12".
func (f Frame) String() string {
	if pos := f.Position(); pos != "" {
		return f.ShortFunc() + " " + pos
	}
	return f.ShortFunc()
}

// IsStandard reports whether the function belongs to the standard library. The
// rule is the go command's: the first element of such an import path has no dot;
// "main" and "command-line-arguments" are user code. A module whose path has no
// dot is taken for the standard library too, unless its file says otherwise.
func (f Frame) IsStandard() bool {
	pkg := f.Package()
	if pkg == "" || pkg == "main" || strings.HasPrefix(pkg, "command-line-arguments") {
		return false
	}
	if f.File != "" && path.IsAbs(f.File) && !strings.Contains(f.File, "/src/"+pkg+"/") && !strings.Contains(f.File, "/src/runtime/") {
		return false // std files lie in GOROOT/src/<import path>/; time.Sleep and others in runtime's
	}
	first, _, _ := strings.Cut(pkg, "/")
	return !strings.Contains(first, ".")
}

// agentPath is the import path of the instrumented types; their frames are ours,
// not the user's.
const agentPath = "github.com/concdoctor/concdoctor/agent"

// enginePath is the import path of what the instrumented types call.
const enginePath = "github.com/concdoctor/concdoctor/internal/detect"

// goDeadlockPath is another package of instrumented locks, in wide use.
const goDeadlockPath = "github.com/sasha-s/go-deadlock"

// IsMachinery reports whether the frame belongs to the mechanism of waiting and
// not to the code that waits: packages runtime, sync and below internal, and the
// agent's own types or those of go-deadlock.
func (f Frame) IsMachinery() bool {
	switch pkg := f.Package(); {
	case pkg == agentPath, pkg == enginePath:
		return !strings.HasSuffix(f.File, "_test.go")
	case pkg == goDeadlockPath:
		return true
	case pkg == "sync", pkg == "time" && strings.HasPrefix(f.Func, "time.Sleep"):
		return f.IsStandard()
	case pkg == "runtime", strings.HasPrefix(pkg, "runtime/"), strings.HasPrefix(pkg, "internal/"):
		return f.IsStandard() || f.File == ""
	}
	return false
}

// Site returns the frame that called the machinery: the line that says
// mu.Lock(), ch <- v or time.Sleep. It is the zero Frame for an empty stack, and
// the innermost frame where all are machinery.
func (s Stack) Site() Frame {
	for _, f := range s {
		if !f.IsMachinery() {
			return f
		}
	}
	if len(s) > 0 {
		return s[0]
	}
	return Frame{}
}

// User returns the innermost frame outside the standard library and the agent,
// or Site where there is none.
func (s Stack) User() Frame {
	for _, f := range s {
		if !f.IsMachinery() && !f.IsStandard() {
			return f
		}
	}
	return s.Site()
}

// Trim returns s without the machinery above its site.
func (s Stack) Trim() Stack {
	for i, f := range s {
		if !f.IsMachinery() {
			return s[i:]
		}
	}
	return s
}
