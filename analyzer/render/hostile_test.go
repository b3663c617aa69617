package render

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/pprof/profile"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/untrusted"
)

// hostile is what no output may hold: escape sequences in both forms, a mark of this
// package, a reversal, a byte that is no UTF-8, and a NUL.
const hostile = "\x1b[31m\x1b]0;title\a\u009b2J\ue003\u202e\xff\x00"

// poison appends hostile text to every string.
func poison(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + hostile)
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				poison(v.Field(i))
			}
		}
	}
}

// TestHostileText writes a report whose every string is hostile in every form.
func TestHostileText(t *testing.T) {
	file, err := os.Open(filepath.Join("testdata", "full.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rep, err := finding.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	poison(reflect.ValueOf(rep))
	for _, format := range Formats() {
		opts := Options{Format: format, Top: -1, Verbose: true, Charts: BlockCharts, Source: func(finding.Frame) string { return "mu.Lock() //" + hostile }}
		var b bytes.Buffer
		if err := Write(&b, rep, opts); err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		if format == "pprof" {
			checkPprof(t, &b)
			continue
		}
		if text := b.String(); untrusted.Text(text) != text {
			t.Errorf("%s: hostile text came through: %.200q", format, text[firstDifference(text, untrusted.Text(text)):])
		}
	}
	var plain, colored bytes.Buffer
	if err := Write(&plain, rep, Options{}); err != nil {
		t.Fatal(err)
	}
	if err := Write(&colored, rep, Options{Color: true}); err != nil {
		t.Fatal(err)
	}
	text := colored.String()
	for _, escape := range escapes {
		text = strings.ReplaceAll(text, escape, "")
	}
	if text != plain.String() {
		t.Error("with colour the text has other escape sequences than those of this package")
	}
}

func firstDifference(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

func checkPprof(t *testing.T, b *bytes.Buffer) {
	t.Helper()
	p, err := profile.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range p.Function {
		if name := f.Name + f.Filename; untrusted.Text(name) != name {
			t.Errorf("pprof: hostile text came through: %q", name)
		}
	}
}
