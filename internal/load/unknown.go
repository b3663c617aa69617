package load

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"unicode/utf8"
)

// UnknownError says that an input holds nothing that the analyzer reads.
type UnknownError struct {
	// Name is the input, Looks what it seems to be, Next what the user can do.
	Name, Looks, Next string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("%s: it looks like %s; %s", e.Name, e.Looks, e.Next)
}

const (
	nextAgain = "take it again and let the writer finish: a trace ends with trace.Stop, a profile with the end of its download"
	nextEmpty = "; the file of an agent that found nothing is for concdoctor render"
	nextKinds = "concdoctor analyze reads execution traces, mutex, block, goroutine and goroutineleak profiles, goroutine dumps, and logs of the race detector and of go-deadlock"
	nextTrace = "for concurrency take an execution trace: go test -trace=trace.out, or curl -o trace.out 'HOST/debug/pprof/trace?seconds=5'"
)

// htmlPage is what an HTML page looks like.
const htmlPage = "an HTML page"

// looks maps the first bytes of what people hand in by mistake to its name and
// the next step; the first that matches is taken.
var looks = []struct {
	start       *regexp.Regexp
	looks, next string
}{
	{regexp.MustCompile(`^go 1\.`), "an execution trace that was cut off within its header", nextAgain},
	{regexp.MustCompile(`^\x7fELF`), "a program (an ELF binary)", "run it with a trace or a profile on and analyze that file"},
	{regexp.MustCompile(`^(\xfe\xed\xfa|\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe)`), "a program (a Mach-O binary)", "run it with a trace or a profile on and analyze that file"},
	{regexp.MustCompile(`^MZ`), "a program (a Windows binary)", "run it with a trace or a profile on and analyze that file"},
	{regexp.MustCompile(`^PK\x03\x04`), "a zip archive", "unpack it and name the files"},
	{regexp.MustCompile(`^\x28\xb5\x2f\xfd`), "a zstd file", "decompress it first: zstd -d FILE"},
	{regexp.MustCompile(`^BZh`), "a bzip2 file", "decompress it first: bunzip2 FILE"},
	{regexp.MustCompile(`^\xfd7zXZ`), "an xz file", "decompress it first: xz -d FILE"},
	{regexp.MustCompile(`(?i)^\s*<(!doctype html|html|head|body)`), htmlPage, "a download through a proxy or a login page gives this; fetch the raw file, as in curl -o trace.out 'HOST/debug/pprof/trace?seconds=5'"},
	{regexp.MustCompile(`^\s*\{\s*"(Time|Action)"\s*:`), "the output of go test -json without a race report or a goroutine dump", nextTrace},
	{regexp.MustCompile(`^\s*\{\s*"rule"\s*:`), "findings that an agent wrote", "show them with: concdoctor render FILE"},
	{regexp.MustCompile(`^\s*[\[{]`), "JSON, but not a report that concdoctor saved", nextKinds},
}

// unknown builds the error for an input whose head was not recognised.
func unknown(name string, head []byte) error {
	if len(head) == 0 {
		return &UnknownError{Name: name, Looks: "an empty file", Next: nextAgain + nextEmpty}
	}
	for _, l := range looks {
		if l.start.Match(head) {
			return &UnknownError{Name: name, Looks: l.looks, Next: l.next}
		}
	}
	if isText(head) {
		return &UnknownError{Name: name, Looks: "text that starts with " + quoteStart(head), Next: nextKinds}
	}
	return &UnknownError{Name: name, Looks: fmt.Sprintf("binary data that starts with % x", head[:min(len(head), 8)]), Next: nextKinds}
}

// quoteStart quotes the first line that is not blank, at most 40 characters of it.
func quoteStart(head []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimSpace(head), []byte("\n"))
	text := strings.ToValidUTF8(strings.TrimSpace(string(line)), "")
	if utf8.RuneCountInString(text) > 40 {
		text = string([]rune(text)[:40]) + "…"
	}
	return fmt.Sprintf("%q", text)
}

// explainOpen turns an error of os.Open into one with the next step.
func explainOpen(name string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("opening %s: no such file; check the path (the current directory counts)", name)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("opening %s: permission denied; make it readable first: chmod +r %s", name, name)
	}
	return fmt.Errorf("opening %s: %w", name, err)
}
