package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer/render"
	"github.com/concdoctor/concdoctor/internal/untrusted"
)

// hostile is a name with escape sequences, a reversal, and a byte that is no UTF-8; hostileLine
// is what of it can stand in a line of a protocol.
const (
	hostile     = "x\x1b[31m\x1b]0;title\a\u009b2J\u202etxt\xff"
	hostileLine = "x\x1b[31m\u009b2J\u202etxt\xff"
)

// hostileService answers every request with a hostile status line and body.
func hostileService(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for in := bufio.NewScanner(conn); in.Scan() && in.Text() != ""; {
				}
				fmt.Fprintf(conn, "HTTP/1.1 500 Oh no %s\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nsaid %s\n", hostileLine, hostile)
			}()
		}
	}()
	return l.Addr().String()
}

// TestHostile gives hostile names, paths, URLs, answers and reports to every command that
// takes them, and looks at both streams.
func TestHostile(t *testing.T) {
	dir := t.TempDir()
	rep := finding.NewReport(finding.Tool{Name: hostile, Version: hostile})
	rep.Warn(hostile, "%s", hostile)
	rep.Inputs = []finding.Input{{Name: hostile, Kind: hostile}}
	rep.Findings = []finding.Finding{{
		Rule: finding.RuleContention, Certainty: finding.Observed, Severity: finding.Error, Title: hostile, Detail: hostile, Fix: hostile,
		Places: []finding.Place{{Role: hostile, Stack: finding.Stack{{Func: hostile, File: "/" + hostile, Line: 1}}}},
	}}
	report := filepath.Join(dir, "report"+hostile+".json")
	text, err := json.Marshal(rep)
	if err != nil {
		t.Fatal(err)
	}
	wrong := filepath.Join(dir, "wrong"+hostile)
	for name, content := range map[string]string{report: string(text), wrong: hostile + "\nRULE " + hostile, filepath.Join(dir, "empty"): ""} {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	service := hostileService(t)
	commands := [][]string{
		{hostile}, {"help", hostile}, {"explain", hostile}, {"demo", hostile}, {"completion", hostile}, {"analyze", "--" + hostile}, {"version", hostile},
		{"analyze", hostile}, {"analyze", wrong}, {"analyze", report}, {"analyze", report, wrong},
		{"analyze", "--base", wrong, report}, {"analyze", "--base", report, report}, {"analyze", "--suppress", hostile, report},
		{"analyze", "--suppress-file", wrong, report}, {"analyze", "--baseline", wrong, report}, {"analyze", "--region", hostile, report},
		{"analyze", "--format", hostile, report}, {"analyze", "-o", filepath.Join(dir, hostile, "out"), report},
		{"analyze", "http://" + service + "/" + hostile}, {"analyze", "http://" + service + "/debug/pprof/trace?seconds=0.1"}, {"analyze", "http://" + hostile},
		{"record", hostile}, {"record", "http://" + service}, {"record", "--time", "100ms", "http://u:" + hostileLine + "@" + service}, {"record", service + "/\u202e\u009b"},
		{"render", wrong}, {"render", hostile}, {"diff", wrong, report}, {"diff", report, report, "--all"}, {"diff", filepath.Join(dir, "empty"), report}, {"diff", "--format", "json", report, report},
		{"test", "--suppress", hostile}, {"test", "--perturb", hostile}, {"run", "--at", hostile, "--perturb", "all"}, {"run", "--keep", filepath.Join(report, hostile), "."},
	}
	for _, format := range render.Formats() {
		if format != "pprof" { // it is binary, and tested in package render
			commands = append(commands, []string{"render", "--format", format, report}, []string{"render", "--format", format, "--color", "always", "--verbose", report})
		}
	}
	for _, args := range commands {
		var out, errs bytes.Buffer
		status := run(context.Background(), args, &streams{in: strings.NewReader(hostile), out: &out, err: &errs, getenv: func(string) string { return "" }})
		shown := out.String()
		if slices.Contains(args, "always") {
			shown = withoutColors(shown)
		}
		for stream, text := range map[string]string{"standard output": shown, "standard error": errs.String()} {
			if untrusted.Text(text) != text {
				t.Errorf("%q: hostile text on %s: %q", args, stream, text)
			}
		}
		if lines := strings.Count(errs.String(), "\n"); lines > maxMessageLines+2 {
			t.Errorf("%q: %d lines on standard error", args, lines)
		}
		if status == statusOK && errs.Len() > 0 && args[0] != "diff" {
			t.Errorf("%q: status 0, but %q", args, errs.String())
		}
	}
}

// withoutColors removes what the text form writes for emphasis.
func withoutColors(text string) string {
	for _, code := range []string{"0", "1", "2", "1;31", "1;33", "36"} {
		text = strings.ReplaceAll(text, "\x1b["+code+"m", "")
	}
	return text
}
