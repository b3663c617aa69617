package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer/render/internal/graph"
)

// nodeShapes and edgeStyles are graphviz attributes by kind.
var (
	nodeShapes = [...]string{
		graph.Resource:  `shape=hexagon, style=filled, fillcolor="#fff3d6"`,
		graph.Goroutine: `shape=box, style="rounded,filled", fillcolor="#e3eefb"`,
		graph.Place:     `shape=box, style=filled, fillcolor="#eeeeee"`,
	}
	edgeStyles = [...]string{
		graph.Waits:   `color="#c0392b", fontcolor="#c0392b"`,
		graph.Asks:    `color="#c0392b", fontcolor="#c0392b", style=dashed`,
		graph.Holds:   `color="#1f5fa8", fontcolor="#1f5fa8"`,
		graph.Touches: `color="#777777", fontcolor="#777777", style=dotted`,
	}
)

// writeDOT writes the graphs of all findings, each a cluster, in graphviz's
// language. An arrow leads from the waiter to what it waits for, and from there to
// the holder.
func writeDOT(w io.Writer, r *finding.Report, _ Options) error {
	var b strings.Builder
	b.WriteString("digraph concdoctor {\n" +
		"  rankdir=LR;\n  fontname=\"sans-serif\";\n  node [fontname=\"sans-serif\", fontsize=11];\n  edge [fontname=\"sans-serif\", fontsize=10];\n")
	if r.Summary.Verdict != "" {
		fmt.Fprintf(&b, "  labelloc=t;\n  label=%s;\n", quoteDOT(r.Summary.Verdict))
	}
	for i := len(r.Findings) - 1; i >= 0; i-- { // graphviz piles them up: the worst comes to lie on top
		cluster(&b, i, &r.Findings[i])
	}
	b.WriteString("}\n")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing report: %w", err)
	}
	return nil
}

func cluster(b *strings.Builder, i int, f *finding.Finding) {
	g := graph.Of(f)
	if len(g.Nodes) == 0 {
		return
	}
	fmt.Fprintf(b, "  subgraph cluster_%d {\n    label=%s;\n    tooltip=%s;\n    labeljust=l;\n    color=\"#bbbbbb\";\n",
		i, quoteDOT(titleDOT(i, f)), quoteDOT(f.Fingerprint))
	for n, node := range g.Nodes {
		fmt.Fprintf(b, "    f%dn%d [label=%s, %s];\n", i, n, quoteDOT(strings.Join(node.Lines, "\n")), nodeShapes[node.Kind])
	}
	for _, e := range g.Edges {
		fmt.Fprintf(b, "    f%dn%d -> f%dn%d [label=%s, %s];\n", i, e.From, i, e.To, quoteDOT(e.Label), edgeStyles[e.Kind])
	}
	b.WriteString("  }\n")
}

func titleDOT(i int, f *finding.Finding) string {
	return strings.TrimSuffix(fill(fmt.Sprintf("%d. %s", i+1, f.Headline()), 0, 3), "\n")
}

// quoteDOT writes a quoted string: in the language only the quote is special, but
// labels know escapes of their own, which begin with a backslash.
func quoteDOT(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '"', r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
