package web

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"sync"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer/render/internal/figures"
)

//go:embed assets/*.html
var pages embed.FS

// The style and the script are in the page as they are here: the policy has their
// hashes.
var (
	//go:embed assets/style.css
	style string
	//go:embed assets/script.js
	script string
)

// templates are parsed when a page is wanted: most commands write none, and start for each tool of a build.
var templates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(functions).ParseFS(pages, "assets/*.html"))
})

var functions = template.FuncMap{
	"thousands": finding.Thousands[int64],
	"span":      finding.FormatDuration[int64],
	"mean":      figures.Mean,
	"share":     finding.FormatShare,
	"plural":    finding.Plural[int],
	"label":     finding.ResourceLabel,
	"inc":       func(i int) int { return i + 1 },
	"bytes":     func(n int64) string { return finding.Measure{Value: float64(n), Unit: finding.Bytes}.Text() },
	"stamp":     func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
}

// Write writes the report as a page. source returns the text of the line at a frame,
// "" if it is not at hand; it may be nil.
func Write(w io.Writer, rep *finding.Report, source func(finding.Frame) string) error {
	if source == nil {
		source = func(finding.Frame) string { return "" }
	}
	if err := templates().ExecuteTemplate(w, "page.html", newDocument(rep, source)); err != nil {
		return fmt.Errorf("writing report: %w", err)
	}
	return nil
}

// policy lets the page do nothing but show itself (W3C, Content Security Policy 3).
func policy() string {
	return "default-src 'none'; style-src " + hash(style) + "; script-src " + hash(script) + "; img-src data:; base-uri 'none'; form-action 'none'"
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
