package finding

import (
	"fmt"
	"path"
	"slices"
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

// Package returns the import path of the package that the frame's function is declared
// in, or "" if it has none.
func (f Frame) Package() string {
	if !isMade(f.Func) {
		return packageOf(f.Func)
	}
	return f.parseFunc().pkg
}

// Function returns the function's name as the source has it, whatever compiler made the
// program and whatever it inlined: the import path, the declared function with its
// receiver, and ".func" for each function literal around the call, as in
// "example.com/bank.(*Account).Move.func". Func distinguishes closures of one function,
// Function does not: their lines do.
func (f Frame) Function() string {
	n := f.parseFunc()
	return n.full()
}

// ShortFunc returns Function with the package's name only, as in
// "bank.(*Account).Move.func". Of github.com/x/bank/v4 that is bank too: the last
// element is a major version.
func (f Frame) ShortFunc() string {
	n := f.parseFunc()
	if n.pkg == "" {
		return n.String()
	}
	pkg := path.Base(n.pkg)
	if dir := path.Dir(n.pkg); isMajorVersion(pkg) && dir != "." {
		pkg = path.Base(dir)
	}
	return strings.ReplaceAll(pkg, "%2e", ".") + "." + n.String() // the linker's escape in an import path such as nats.go
}

// isMajorVersion reports whether a path element is one such as v4.
func isMajorVersion(s string) bool {
	return len(s) > 1 && s[0] == 'v' && strings.Trim(s[1:], digits) == ""
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

// IsStandard reports whether the function belongs to the standard library, by the first
// element of its import path. A module of the user's that is named like one of those is
// taken for the standard library too, unless its file says otherwise.
func (f Frame) IsStandard() bool {
	pkg := f.Package()
	if pkg == "" || pkg == "main" || strings.HasPrefix(pkg, "command-line-arguments") {
		return false
	}
	if f.File != "" && path.IsAbs(f.File) && !strings.Contains(f.File, "/src/"+pkg+"/") && !strings.Contains(f.File, "/src/runtime/") {
		return false // std files lie in GOROOT/src/<import path>/; time.Sleep and others in runtime's
	}
	first, _, _ := strings.Cut(pkg, "/")
	_, found := slices.BinarySearch(standardRoots, first)
	return found
}

// standardRoots are the first elements of the standard library's import paths, in order. A
// program of the user's may have a package path without a dot too, such as "shop/cart".
var standardRoots = []string{
	"archive", "bufio", "builtin", "bytes", "cmd", "cmp", "compress", "container", "context", "crypto", "database", "debug",
	"embed", "encoding", "errors", "expvar", "flag", "fmt", "go", "hash", "html", "image", "index", "internal", "io", "iter",
	"log", "maps", "math", "mime", "net", "os", "path", "plugin", "reflect", "regexp", "runtime", "simd", "slices", "sort",
	"strconv", "strings", "structs", "sync", "syscall", "testing", "text", "time", "unicode", "unique", "unsafe", "uuid", "vendor", "weak",
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
	case strings.HasSuffix(f.File, "/src/sync/oncefunc.go"): // it is inlined, and named after what calls it
		return true
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

// IsWrapper reports whether the compiler made the frame's function up: what a go or defer
// statement with arguments starts, a method for a pointer or an embedded field. No stack
// that people read has them.
func (f Frame) IsWrapper() bool {
	return f.File == "<autogenerated>" || strings.Contains(f.Func, ".gowrap") || strings.Contains(f.Func, ".deferwrap")
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
