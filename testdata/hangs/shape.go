package main

import (
	"bufio"
	"bytes"
	"embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// sources are the shapes; package shapes tells how they are written.
//
//go:embed shapes
var sources embed.FS

// shape is a function that hangs, and what a report of it should say.
type shape struct {
	name  string
	file  string
	rules []finding.RuleID
	// least is the least certainty, 0 where no rule has to fire.
	least  finding.Certainty
	ends   bool // it returns
	asleep bool // the runtime finds all goroutines asleep
	marks  []mark
}

// mark is a line of a shape at which goroutines wait, or have taken what they hold.
type mark struct {
	line int
	role string // "waits", "holds" or "victim"
	kind string // "lock", "chan", "group", "cond", "once" or "network"
	name string // "-" for none
}

const healthySuffix = "Healthy"

// readShapes reads all shapes, in the order of their files.
func readShapes() (all []shape, err error) {
	entries, err := sources.ReadDir("shapes")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		data, err := sources.ReadFile("shapes/" + e.Name())
		if err != nil {
			return nil, err
		}
		some, err := readFile(e.Name(), data)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// readFile reads the shapes of a file.
func readFile(name string, data []byte) (all []shape, err error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, data, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	marks, err := readMarks(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	begin := 0
	var twins []string
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Recv != nil || !f.Name.IsExported() {
			continue
		}
		end := set.Position(f.End()).Line
		if twin, is := strings.CutSuffix(f.Name.Name, healthySuffix); is {
			twins = append(twins, twin)
			begin = end
			continue
		}
		s := shape{name: f.Name.Name, file: name, asleep: true, least: finding.Potential}
		if err := s.read(f.Doc.Text()); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", name, s.name, err)
		}
		for _, m := range marks {
			if begin < m.line && m.line <= end {
				s.marks = append(s.marks, m)
			}
		}
		begin = end
		all = append(all, s)
	}
	for _, s := range all {
		if !slices.Contains(twins, s.name) || len(s.marks) == 0 {
			return nil, fmt.Errorf("%s: %s has no healthy twin or no marks", name, s.name)
		}
	}
	return all, nil
}

// read reads what the doc comment says.
func (s *shape) read(doc string) error {
	for line := range strings.Lines(doc) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "rule":
			for r := range strings.SplitSeq(value, ", ") {
				s.rules = append(s.rules, finding.RuleID(r))
			}
		case "least":
			s.least = 0
			if value != "facts" {
				if err := s.least.UnmarshalText([]byte(value)); err != nil {
					return err
				}
			}
		case "ends":
			s.ends = value == "yes"
		case "asleep":
			s.asleep = value != "no"
		}
	}
	for _, r := range s.rules {
		if _, known := finding.LookupRule(r); !known {
			return fmt.Errorf("unknown rule %q", r)
		}
	}
	if s.rules == nil {
		return fmt.Errorf("no rule")
	}
	return nil
}

var markForm = regexp.MustCompile(`// (waits|holds|victim) (lock|chan|group|cond|once|network) (\S+)`)

// readMarks reads the marks of a file.
func readMarks(data []byte) (all []mark, err error) {
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		if strings.HasPrefix(lines.Text(), "//") {
			continue
		}
		for _, m := range markForm.FindAllStringSubmatch(lines.Text(), -1) {
			all = append(all, mark{line: n, role: m[1], kind: m[2], name: m[3]})
		}
	}
	return all, lines.Err()
}

// isPlainChannels reports whether no goroutine of the shape waits for what package sync has.
func (s *shape) isPlainChannels() bool {
	return !slices.ContainsFunc(s.marks, func(m mark) bool { return m.role == "waits" && m.kind != "chan" && m.kind != "network" })
}

// isMixed reports whether channels are among what has to be seen.
func (s *shape) isMixed() bool {
	return slices.ContainsFunc(s.marks, func(m mark) bool { return m.role != "victim" && (m.kind == "chan" || m.kind == "network") })
}
