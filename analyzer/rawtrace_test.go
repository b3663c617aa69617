package analyzer

import (
	"encoding/binary"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// traceData is where Go keeps the test data of its own trace reader.
func traceData() string { return filepath.Join(build.Default.GOROOT, "src/internal/trace/testdata") }

// rawEvents returns the numbers of the trace format's event types, read from the
// declaration in the installed Go: an unexported package, so not to be imported.
func rawEvents(t *testing.T) map[string]byte {
	t.Helper()
	name := filepath.Join(build.Default.GOROOT, "src/internal/trace/tracev2/events.go")
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	events := make(map[string]byte)
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.CONST || gen.Specs[0].(*ast.ValueSpec).Names[0].Name != "EvNone" {
			continue
		}
		for i, spec := range gen.Specs {
			events[strings.TrimPrefix(spec.(*ast.ValueSpec).Names[0].Name, "Ev")] = byte(i)
		}
	}
	if len(events) < 40 {
		t.Fatalf("%s declares %d event types", name, len(events))
	}
	return events
}

// assemble turns the text form of a trace, as in the installed Go's own tests,
// into bytes.
func assemble(text string, events map[string]byte) ([]byte, error) {
	var out []byte
	for n, line := range strings.Split(text, "\n") {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0:
			continue
		case fields[0] == "Trace":
			out = append(out, "go "+strings.TrimPrefix(fields[1], "Go")+" trace\x00\x00\x00"...)
			continue
		case strings.HasPrefix(fields[0], "data="):
			data, err := strconv.Unquote(strings.TrimPrefix(strings.TrimSpace(line), "data="))
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", n+1, err)
			}
			out = binary.AppendUvarint(out, uint64(len(data)))
			out = append(out, data...)
			continue
		case line[0] != '\t':
			typ, ok := events[fields[0]]
			if !ok {
				return nil, fmt.Errorf("line %d: no event %s", n+1, fields[0])
			}
			out = append(out, typ)
			fields = fields[1:]
		}
		for _, arg := range fields {
			_, value, _ := strings.Cut(arg, "=")
			v, err := strconv.ParseUint(value, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", n+1, err)
			}
			out = binary.AppendUvarint(out, v)
		}
	}
	return out, nil
}

// goTrace is one of Go's own test traces.
type goTrace struct {
	name string
	data []byte
	// good says that Go's reader is to accept it.
	good bool
}

// goTraces returns Go's golden traces, assembled.
func goTraces(t *testing.T) []goTrace {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(traceData(), "tests/*.test"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no traces in %s: %v", traceData(), err)
	}
	events := rawEvents(t)
	var traces []goTrace
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		expect, body, ok := strings.Cut(string(text), "-- trace --\n")
		if !ok {
			t.Fatalf("%s: no trace section", name)
		}
		data, err := assemble(body, events)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		traces = append(traces, goTrace{filepath.Base(name), data, strings.Contains(expect, "SUCCESS")})
	}
	return traces
}

// fuzzCorpus returns the inputs that once broke Go's reader.
func fuzzCorpus(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(traceData(), "fuzz/*/*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus in %s: %v", traceData(), err)
	}
	corpus := make(map[string][]byte)
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, value, _ := strings.Cut(string(text), "[]byte(")
		data, err := strconv.Unquote(strings.TrimSuffix(strings.TrimSpace(value), ")"))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		corpus[filepath.Base(name)] = []byte(data)
	}
	return corpus
}
