package concdoctor_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/concdoctor/concdoctor"

// pkg is what go list says of a package.
type pkg struct {
	ImportPath, Dir string
	Standard        bool
	Imports, Deps   []string
	CgoFiles        []string
}

// areas are the parts of the tree between which arrows are drawn, the longest first where
// one lies in another.
var areas = []string{
	"agent/finding", "agent/snapshot", "agent", "analyzer", "cmd", "demo", "testdata",
	"internal/clock", "internal/lockorder", "internal/waitfor", "internal/layered", "internal/cputime", "internal/judge", "internal/detect",
	"internal/dump/diagnosis", "internal/dump", "internal/logtext", "internal/untrusted",
	"internal/zerotouch", "internal/browser", "internal",
}

// area returns the part of the tree that a package of this module belongs to, "" for
// others.
func area(path string) string {
	rest, ours := strings.CutPrefix(path, module+"/")
	if !ours {
		return ""
	}
	for _, a := range areas {
		if rest == a || strings.HasPrefix(rest, a+"/") {
			return a
		}
	}
	return rest
}

var (
	// The agent reads dumps of its own process.
	ground = []string{"agent/finding", "internal/cputime", "internal/layered", "internal/logtext", "internal/dump", "internal/untrusted"}
	graphs = []string{"internal/clock", "internal/lockorder", "internal/waitfor"}
	court  = slices.Concat(ground, graphs, []string{"internal/judge"})
	engine = slices.Concat(court, []string{"agent/snapshot", "internal/detect"})
	reader = slices.Concat(court, []string{"internal", "internal/dump/diagnosis", "analyzer"})
)

// arrows says what each area may import of the others: cmd -> zerotouch -> analyzer and
// its readers -> judge -> graphs -> findings, and agent -> detect -> judge; never back.
var arrows = map[string][]string{
	"agent/finding":      {"agent/finding", "internal/untrusted"},
	"internal/untrusted": nil,
	"agent/snapshot":     ground,
	"internal/layered":   {"internal/layered"},
	"internal/cputime":   nil,
	"internal/logtext":   nil,
	"internal/dump":      {"agent/finding", "internal/logtext"},
	"internal/clock":     graphs,
	"internal/lockorder": graphs,
	"internal/waitfor":   graphs,
	"internal/judge":     court,
	"internal/detect":    engine,
	// The types that stand for sync's know the engine, and not what that is made of.
	"agent":    {"agent", "agent/finding", "agent/snapshot", "internal/detect", "internal/layered", "internal/untrusted"},
	"analyzer": reader,
	// What a dump shows is judged beside it, for the analyzer.
	"internal/dump/diagnosis": reader,
	// The truth programs measure themselves with the agent.
	"internal":           slices.Concat(reader, []string{"agent"}),
	"internal/zerotouch": slices.Concat(reader, []string{"internal/zerotouch"}),
	"demo":               slices.Concat(reader, []string{"agent", "demo"}),
	"cmd":                slices.Concat(reader, []string{"agent", "cmd", "demo", "internal/zerotouch"}),
	"testdata":           slices.Concat(reader, []string{"agent", "testdata", "internal/zerotouch"}),
	// It serves tests, whose imports are not listed: no program may have it.
	"internal/browser": {"internal/browser"},
}

// homes says which areas may import a foreign module directly.
var homes = map[string][]string{
	"github.com/spf13/pflag":         {"cmd"},
	"golang.org/x/exp":               {"internal", "testdata"},
	"github.com/google/pprof":        {"analyzer", "internal", "testdata"},
	"github.com/sasha-s/go-deadlock": {"demo", "testdata"},
	"golang.org/x/mod":               {"analyzer"},
	"github.com/chromedp":            {"internal/browser"},
}

// lodgers are packages below agent that may import one foreign module: the programs that want
// them pay for it, and no package below agent may import them.
var lodgers = map[string]string{module + "/agent/promagent": "github.com/prometheus/client_golang"}

func list(t *testing.T) map[string]pkg {
	t.Helper()
	// With a profile the go command lists each package of the command once more.
	out, err := exec.CommandContext(t.Context(), "go", "list", "-pgo=off", "-deps", "-json=ImportPath,Dir,Standard,Imports,Deps,CgoFiles", "./...").Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("listing packages: %v\n%s", err, exit.Stderr)
		}
		t.Fatalf("listing packages: %v", err)
	}
	all := make(map[string]pkg)
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("decoding go list: %v", err)
		}
		all[p.ImportPath] = p
		if area(p.ImportPath) != "" {
			// The go command keeps a test's result until a file changes that the test
			// itself opened; what go list read does not count.
			if _, err := os.ReadDir(p.Dir); err != nil {
				t.Fatalf("reading package directory: %v", err)
			}
		}
	}
}

// violations returns every broken rule of the layering, one line each.
func violations(all map[string]pkg) []string {
	var broken []string
	for path, p := range all {
		from := area(path)
		if from == "" {
			continue
		}
		for _, imported := range p.Imports {
			if !mayImport(from, imported, all) && !lodges(path, imported) {
				broken = append(broken, path+" imports "+imported)
			}
		}
		if isAgents(from) {
			broken = append(broken, agentViolations(p, all)...)
		}
	}
	slices.Sort(broken)
	return broken
}

// isAgents reports whether packages of the area are, or may be, linked into services.
func isAgents(area string) bool { return area == "agent" || slices.Contains(engine, area) }

func lodges(path, imported string) bool {
	host := lodgers[path]
	return host != "" && strings.HasPrefix(imported, host+"/")
}

func mayImport(from, imported string, all map[string]pkg) bool {
	if to := area(imported); to != "" {
		return slices.Contains(arrows[from], to)
	}
	for prefix, areas := range homes {
		if imported == prefix || strings.HasPrefix(imported, prefix+"/") {
			return slices.Contains(areas, from)
		}
	}
	return all[imported].Standard || imported == "C" || imported == "unsafe"
}

// agentViolations looks through all dependencies: a service pays for every one.
func agentViolations(p pkg, all map[string]pkg) []string {
	var broken []string
	for _, dep := range p.Deps {
		switch d := all[dep]; {
		case area(dep) == "" && !d.Standard && lodgers[p.ImportPath] == "":
			broken = append(broken, p.ImportPath+" depends on "+dep)
		case p.ImportPath != module+"/agent":
		case dep == "net/http", dep == "os/user", dep == "net", dep == "runtime/cgo", len(d.CgoFiles) > 0:
			// A cgo import would also switch off the runtime's own check that all
			// goroutines are asleep.
			broken = append(broken, p.ImportPath+" depends on "+dep)
		}
	}
	return broken
}

func TestLayering(t *testing.T) {
	all := list(t)
	for _, want := range []string{"agent", "agent/finding", "analyzer", "cmd/concdoctor"} {
		if _, listed := all[module+"/"+want]; !listed {
			t.Errorf("package %s was not listed", want)
		}
	}
	for _, broken := range violations(all) {
		t.Error(broken)
	}
}

// TestLayeringSees holds the rules against packages that break each of them.
func TestLayeringSees(t *testing.T) {
	std := func(path string, cgo ...string) pkg { return pkg{ImportPath: path, Standard: true, CgoFiles: cgo} }
	ours := func(path string, imports ...string) pkg {
		return pkg{ImportPath: module + "/" + path, Imports: imports, Deps: imports}
	}
	tests := []struct {
		name string
		pkg  pkg
		want []string
	}{
		{"agent on the standard library", ours("agent", "sync"), nil},
		{"agent back to analyzer", ours("agent", module+"/analyzer"), []string{"agent imports " + module + "/analyzer"}},
		{"agent with net/http", ours("agent", "net/http"), []string{"agent depends on net/http"}},
		{"agent with cgo", ours("agent", "crypto/x"), []string{"agent depends on crypto/x"}},
		{"a package below agent with net/http", ours("agent/httpagent", "net/http"), nil},
		{"agent on a module", ours("agent/finding", "github.com/spf13/pflag"), []string{"agent/finding depends on github.com/spf13/pflag", "agent/finding imports github.com/spf13/pflag"}},
		{"promagent on its module", ours("agent/promagent", "github.com/prometheus/client_golang/prometheus"), nil},
		{"promagent on another", ours("agent/promagent", "github.com/spf13/pflag"), []string{"agent/promagent imports github.com/spf13/pflag"}},
		{"httpagent on promagent's module", ours("agent/httpagent", "github.com/prometheus/client_golang/prometheus"), []string{
			"agent/httpagent depends on github.com/prometheus/client_golang/prometheus", "agent/httpagent imports github.com/prometheus/client_golang/prometheus",
		}},
		{"analyzer on pflag", ours("analyzer", "github.com/spf13/pflag"), []string{"analyzer imports github.com/spf13/pflag"}},
		{"cmd on pprof", ours("cmd/concdoctor", "github.com/google/pprof/profile"), []string{"cmd/concdoctor imports github.com/google/pprof/profile"}},
		{"analyzer back to cmd", ours("analyzer", module+"/cmd/concdoctor"), []string{"analyzer imports " + module + "/cmd/concdoctor"}},
		{"analyzer on zerotouch", ours("analyzer", module+"/internal/zerotouch/tape"), []string{"analyzer imports " + module + "/internal/zerotouch/tape"}},
		{"analyzer on what tests use", ours("analyzer", module+"/internal/browser"), []string{"analyzer imports " + module + "/internal/browser"}},
		{"a module nobody knows", ours("analyzer", "example.com/left/pad"), []string{"analyzer imports example.com/left/pad"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			all := map[string]pkg{tt.pkg.ImportPath: tt.pkg, "sync": std("sync"), "net/http": std("net/http"), "crypto/x": std("crypto/x", "x.go")}
			var want []string
			for _, w := range tt.want {
				want = append(want, module+"/"+w)
			}
			if got := violations(all); !slices.Equal(got, want) {
				t.Errorf("violations = %q, want %q", got, want)
			}
		})
	}
}
