package gotrace

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
)

// Dir is where Go keeps the test data of its own trace reader.
func Dir() string { return filepath.Join(build.Default.GOROOT, "src/internal/trace/testdata") }

// Trace is one of Go's own test traces.
type Trace struct {
	Name string
	Data []byte
	// Good says that Go's reader is to accept it.
	Good bool
}

// eventNumbers returns the numbers of the trace format's event types, read from the
// declaration in the installed Go: an unexported package, so not to be imported.
func eventNumbers() (map[string]byte, error) {
	name := filepath.Join(Dir(), "../tracev2/events.go")
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		return nil, err
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
		return nil, fmt.Errorf("%s declares %d event types", name, len(events))
	}
	return events, nil
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

// Golden returns the traces of Go's tests, good and bad, assembled from their text form.
func Golden() ([]Trace, error) {
	files, err := filepath.Glob(filepath.Join(Dir(), "tests/*.test"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no traces in %s: %v", Dir(), err)
	}
	events, err := eventNumbers()
	if err != nil {
		return nil, err
	}
	var traces []Trace
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		expect, body, ok := strings.Cut(string(text), "-- trace --\n")
		if !ok {
			return nil, fmt.Errorf("%s: no trace section", name)
		}
		data, err := assemble(body, events)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		traces = append(traces, Trace{filepath.Base(name), data, strings.Contains(expect, "SUCCESS")})
	}
	return traces, nil
}

// Corpus returns the inputs that once broke Go's reader. What it is to say of them
// is not told.
func Corpus() ([]Trace, error) {
	files, err := filepath.Glob(filepath.Join(Dir(), "fuzz/*/*"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no corpus in %s: %v", Dir(), err)
	}
	var corpus []Trace
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		_, value, _ := strings.Cut(string(text), "[]byte(")
		data, err := strconv.Unquote(strings.TrimSuffix(strings.TrimSpace(value), ")"))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		corpus = append(corpus, Trace{Name: filepath.Base(name), Data: []byte(data)})
	}
	return corpus, nil
}

// Old returns traces of Go 1.11 to 1.21, all of them good.
func Old() ([]Trace, error) {
	files, err := filepath.Glob(filepath.Join(Dir(), "../internal/tracev1/testdata/*_good"))
	if err != nil || len(files) < 10 {
		return nil, fmt.Errorf("%d traces in %s: %v", len(files), Dir(), err)
	}
	var traces []Trace
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		traces = append(traces, Trace{filepath.Base(name), data, true})
	}
	return traces, nil
}
