package web

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/browser"
)

// full is a report with everything in it; the file says nothing of its kinds of text.
const full = "../../testdata/full.json"

func readReport(t *testing.T, name string) *finding.Report {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rep, err := finding.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// show opens a report's page in a browser.
func show(t *testing.T, name string) *browser.Page {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(page(t, readReport(t, name), nil)), 0o600); err != nil {
		t.Fatal(err)
	}
	return browser.Open(t, "file://"+file)
}

// width is what share of its graph a box takes now, in percent; 0 if it is hidden.
func width(t *testing.T, p *browser.Page, box string) float64 {
	t.Helper()
	got := browser.Eval[string](p, `(() => { const b = [...document.querySelectorAll(".box")].find((b) => b.querySelector("text").textContent === "`+box+`");
		return b.style.display === "none" ? "0%" : b.getAttribute("width"); })()`)
	v, err := strconv.ParseFloat(strings.TrimSuffix(got, "%"), 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestFlameGraphZooms(t *testing.T) {
	p := show(t, full)
	before := width(t, p, "bank.(*Account).Move")
	if before <= 0 || before >= 50 {
		t.Fatalf("at first the box takes %v %%", before)
	}
	browser.Eval[string](p, `[...document.querySelectorAll(".box")].find((b) => b.querySelector("text").textContent === "bank.(*Account).Move").id = "move"`)
	p.Click("#move")
	for box, want := range map[string]float64{"bank.(*Account).Move": 100, "bank.worker": 100, "locks": 100, "bank.(*Ledger).Append": 0} {
		if got := width(t, p, box); got != want {
			t.Errorf("after a click %s takes %v %%, want %v", box, got, want)
		}
	}
	if got := p.Text(".flame .reading"); !strings.HasPrefix(got, "bank.(*Account).Move: 49 s, ") {
		t.Errorf("it says %q", got)
	}
	p.Type("#move", kb.Escape)
	if got := width(t, p, "bank.(*Account).Move"); got < before-0.01 || got > before+0.01 {
		t.Errorf("after Escape the box takes %v %%, before %v", got, before)
	}
	p.Type(".box.root", kb.ArrowDown)
	if got := browser.Eval[string](p, `document.activeElement.querySelector("text").textContent`); got != "bank.worker" {
		t.Errorf("the arrow down leads to %q", got)
	}
}

func TestKindsOfWaitingAreApart(t *testing.T) {
	p := show(t, full)
	shown := `[...document.querySelectorAll(".flame")].filter((f) => getComputedStyle(f).display !== "none").map((f) => f.querySelector("text").textContent).join()`
	if got := browser.Eval[string](p, shown); got != "locks" {
		t.Errorf("at first: %q", got)
	}
	p.Click(`label[for="pick0io"]`)
	if got := browser.Eval[string](p, shown); got != "I/O and timers" {
		t.Errorf("after a click: %q", got)
	}
}

// TestFindingLeadsToItsStacks: the button of the loop's finding finds nothing among
// locks; that of the leak leads to its send on a channel.
func TestFindingLeadsToItsStacks(t *testing.T) {
	p := show(t, full)
	p.Click("#f5 .find")
	if got := browser.Eval[string](p, `document.querySelector(".search input").value`); got != "bank.notify" {
		t.Errorf("it looks for %q", got)
	}
	if got := browser.Eval[string](p, `[...document.querySelectorAll(".flame")].filter((f) => getComputedStyle(f).display !== "none").map((f) => [...f.querySelectorAll(".found text")].map((b) => b.textContent).join()).join()`); got != "bank.notify" {
		t.Errorf("shown and found: %q", got)
	}
	p.Type(".search input", "zzz")
	p.Wait(`document.querySelectorAll(".found").length === 0`)
}

func TestChartsAreRead(t *testing.T) {
	p := show(t, full)
	p.Type(".plots svg", kb.ArrowRight+kb.ArrowRight)
	got := browser.Eval[[]string](p, `[...document.querySelector(".plots").querySelectorAll("output")].map((o) => o.textContent)`)
	want := []string{"at 50.2 ms: 45.33", "at 50.2 ms: 1.54", "at 50.2 ms: 0.89", "at 50.2 ms: 21.66"}
	if strings.Join(got, "; ") != strings.Join(want, "; ") {
		t.Errorf("the charts read %q, want %q", got, want)
	}
}

// TestLoopsAreRead: the charts of a loop read the same moment, each in its unit, and
// those of a loop without any do not show.
func TestLoopsAreRead(t *testing.T) {
	p := show(t, full)
	if got := browser.Eval[int](p, `document.querySelectorAll("details.loop").length`); got != 1 {
		t.Fatalf("%d loops with charts", got)
	}
	p.Type(".loop svg", kb.ArrowRight)
	p.Type(".loop svg", strings.Repeat(kb.ArrowRight, 60))
	got := browser.Eval[[]string](p, `[...document.querySelectorAll(".loop output")].map((o) => o.textContent)`)
	want := []string{"at 3.01 s: 80 ms", "at 3.01 s: 3", "at 3.01 s: 60 %"}
	if strings.Join(got, "; ") != strings.Join(want, "; ") {
		t.Errorf("the charts read %q, want %q", got, want)
	}
	p.Picture("loop")
}

func TestRuleOpens(t *testing.T) {
	p := show(t, full)
	p.Click("#f3 .tags a")
	p.Wait(`document.querySelector("#rule-contention").open`)
	if got := p.Text("#rule-contention pre"); !strings.Contains(got, "## How to fix") {
		t.Errorf("the rule's page says %q", got)
	}
}

// TestWithoutScripts: everything but the help of the script is there.
func TestWithoutScripts(t *testing.T) {
	p := show(t, full)
	with := strings.Fields(p.Text("main"))
	p.Scripts(false)
	without := strings.Fields(p.Text("main"))
	if hidden := browser.Eval[string](p, `getComputedStyle(document.querySelector(".find")).display`); hidden != "none" {
		t.Errorf("a button without a script shows: %s", hidden)
	}
	have := make(map[string]bool)
	for _, word := range without {
		have[word] = true
	}
	help := " A click on a box makes it the whole; Escape goes back. find show in blocked time "
	for _, word := range with {
		if !have[word] && !strings.Contains(help, " "+word+" ") {
			t.Errorf("%q is missing", word)
		}
	}
	p.Click(`label[for="pick0sync"]`)
	if got := browser.Eval[string](p, `getComputedStyle(document.querySelectorAll(".flame")[1]).display`); got != "block" {
		t.Error("without a script the kinds of waiting cannot be chosen")
	}
}

// TestFits: no width makes the page itself scroll sideways, and pictures of it can be
// taken for people to look at.
func TestFits(t *testing.T) {
	p := show(t, full)
	for _, size := range []struct {
		name  string
		width int64
	}{{"wide", 1280}, {"middle", 760}, {"narrow", 360}} {
		p.Resize(size.width, 900)
		if got := browser.Eval[int64](p, "document.documentElement.scrollWidth"); got > size.width {
			t.Errorf("at %d the page is %d wide", size.width, got)
		}
		p.Picture("full-" + size.name)
	}
	p.Resize(1280, 900)
	p.Prefer("prefers-color-scheme", "dark")
	if got := browser.Eval[string](p, "getComputedStyle(document.body).backgroundColor"); got == "rgb(255, 255, 255)" {
		t.Error("the dark page is white")
	}
	p.Picture("full-dark")
	if pdf := p.PDF(); !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		t.Error("printing gives no PDF")
	}
}

// TestEverythingHasAName: what is no text has a text alternative.
func TestEverythingHasAName(t *testing.T) {
	p := show(t, full)
	if got := browser.Eval[string](p, `[...document.querySelectorAll("[role=img], [role=group], [role=button], nav")].filter((e) => !e.getAttribute("aria-label")).map((e) => e.outerHTML.slice(0, 80)).join("; ")`); got != "" {
		t.Errorf("without a name: %s", got)
	}
	if got := browser.Eval[string](p, `[...document.querySelectorAll("th")].filter((e) => !e.scope).map((e) => e.outerHTML).join("; ")`); got != "" {
		t.Errorf("heads of nothing: %s", got)
	}
	if got := browser.Eval[string](p, `[...document.querySelectorAll("input")].filter((e) => e.labels.length !== 1).map((e) => e.outerHTML).join("; ")`); got != "" {
		t.Errorf("inputs without a label: %s", got)
	}
	if got := browser.Eval[string](p, `document.documentElement.lang`); got != "en" {
		t.Errorf("language %q", got)
	}
}

// TestHostilePage: a report that tries everything runs nothing, loads nothing and
// looks like text.
func TestHostilePage(t *testing.T) {
	p := show(t, "../../testdata/hostile.json")
	if got := p.Text("h1"); !strings.HasPrefix(got, "<script>alert(1)</script>") {
		t.Errorf("the verdict reads %q", got)
	}
	if got := browser.Eval[int](p, `document.scripts.length`); got != 1 {
		t.Errorf("%d scripts", got)
	}
	p.Click("#findings a")
}
