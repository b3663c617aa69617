package format

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/input"
)

const (
	nextEmpty = "; a recording needs a directory with room; the file of an agent that found nothing is for concdoctor render"
	nextPages = "name one of the pages below it, as in http://HOST/debug/pprof/trace?seconds=5, or take them all: concdoctor record URL"
	nextTrace = "for concurrency take an execution trace: go test -trace=trace.out, or curl -o trace.out 'HOST/debug/pprof/trace?seconds=5'"
)

// htmlPage is what an HTML page looks like.
const htmlPage = "an HTML page"

// mistakes maps the first bytes of what people hand in by mistake to its name and
// the next step, "" for the list of what is read; the first that matches is taken.
var mistakes = []struct {
	start       string // a regular expression
	looks, next string
}{
	{`^go 1\.`, "an execution trace that was cut off within its header", input.NextAgain},
	{`^\x00{64}`, "a file of zeros", "a recording whose directory has no room is one: name a directory with more room in CONCDOCTOR_TAPE_DIR, and run the program again"},
	{`^\x7fELF`, "a program (an ELF binary)", "run it with a trace or a profile on and analyze that file"},
	{`^(\xfe\xed\xfa|\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe)`, "a program (a Mach-O binary)", "run it with a trace or a profile on and analyze that file"},
	{`^MZ`, "a program (a Windows binary)", "run it with a trace or a profile on and analyze that file"},
	{`^PK\x03\x04`, "a zip archive", "unpack it and name the files"},
	{`^\x28\xb5\x2f\xfd`, "a zstd file", "decompress it first: zstd -d FILE"},
	{`^BZh`, "a bzip2 file", "decompress it first: bunzip2 FILE"},
	{`^\xfd7zXZ`, "an xz file", "decompress it first: xz -d FILE"},
	{`(?i)^\s*<(!doctype html|html|head|body)`, htmlPage, "a download through a proxy or a login page gives this; fetch the raw file, as in curl -o trace.out 'HOST/debug/pprof/trace?seconds=5'"},
	{`^\s*\{\s*"(Time|Action)"\s*:`, "the output of go test -json without a race report or a goroutine dump", nextTrace},
	{`^\s*[\[{]`, "JSON, but not a report that concdoctor saved", ""},
}

// unknown builds the error for an input whose head was not recognised.
func (t Table) unknown(in *input.Input, head []byte) error {
	looks, next := looksLike(head)
	if next == "" {
		next = t.nextKinds()
	}
	if in.Fetched && looks == htmlPage {
		next = nextPages
	}
	return &input.UnknownError{Name: in.Name, Looks: looks, Next: next}
}

func looksLike(head []byte) (looks, next string) {
	if len(head) == 0 {
		return "an empty file", input.NextAgain + nextEmpty
	}
	for _, l := range mistakes {
		if regexp.MustCompile(l.start).Match(head) {
			return l.looks, l.next
		}
	}
	if input.IsText(head) {
		return "text that starts with " + quoteStart(head), ""
	}
	return fmt.Sprintf("binary data that starts with % x", head[:min(len(head), 8)]), ""
}

// nextKinds lists what is read.
func (t Table) nextKinds() string {
	names := make([]string, len(t))
	for i, f := range t {
		names[i] = f.Name + "s"
	}
	return "concdoctor analyze reads " + finding.Join(names)
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
