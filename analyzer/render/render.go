package render

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer/render/internal/repo"
	"github.com/concdoctor/concdoctor/analyzer/render/internal/sarif"
	"github.com/concdoctor/concdoctor/analyzer/render/internal/web"
	"github.com/concdoctor/concdoctor/internal/untrusted"
)

// DefaultTop is how many findings and places are shown if Options.Top is 0.
const DefaultTop = 10

// Options are the choices of a rendering. The zero value is plain text.
type Options struct {
	// Format is the name of the form, one of Formats; "" is text.
	Format string
	// Color lets text use escape sequences for colour and emphasis.
	Color bool
	// Charts lets text draw small charts.
	Charts Charts
	// Top limits the findings, and the places of each profile, that text shows;
	// 0 means DefaultTop, a negative number all.
	Top int
	// Verbose lets text show what it otherwise sums up: Coffman's four conditions.
	Verbose bool
	// Source returns the text of the line at a frame, "" if it is not at hand; nil
	// shows no source. See SourceLines.
	Source func(finding.Frame) string
	// SourceRoot is the directory of the user's repository, "" if there is none: what
	// a code host shows is named relative to it.
	SourceRoot string
}

// formats are the forms of a report by name.
var formats = [...]struct {
	name  string
	write func(io.Writer, *finding.Report, Options) error
	// escapes says that the form escapes what is not to be shown, and loses nothing.
	escapes bool
}{
	{"text", writeText, false},
	{"json", func(w io.Writer, r *finding.Report, _ Options) error { return r.Write(w) }, true},
	{"dot", writeDOT, false},
	{"pprof", writePprof, false},
	{"html", func(w io.Writer, r *finding.Report, o Options) error { return web.Write(w, r, o.Source) }, false},
	{"sarif", func(w io.Writer, r *finding.Report, o Options) error {
		return sarif.Write(w, r, repo.NewRoot(o.SourceRoot))
	}, false},
}

// Formats returns the names of the forms, the default first.
func Formats() []string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.name
	}
	return names
}

// Write writes the report in the form of opts, without control characters. It fails for a name that Formats does not
// list and with the error of w.
func Write(w io.Writer, r *finding.Report, opts Options) error {
	format := cmp.Or(opts.Format, formats[0].name)
	for _, f := range formats {
		if f.name != format {
			continue
		}
		if !f.escapes {
			r, opts = untrusted.Clean(r), opts.clean()
		}
		return f.write(w, r, opts)
	}
	return fmt.Errorf("rendering report: unknown format %q: want one of %s", format, strings.Join(Formats(), ", "))
}

// clean returns the options with source lines that are clean.
func (o Options) clean() Options {
	if source := o.Source; source != nil {
		o.Source = func(f finding.Frame) string { return untrusted.Text(source(f)) }
	}
	return o
}
