//go:build !concdoctor_off

package httpagent_test

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/httpagent"
	"github.com/concdoctor/concdoctor/agent/snapshot"
	"github.com/concdoctor/concdoctor/internal/browser"
)

// open shows the first page of a service with something to see.
func open(t *testing.T, query string) *browser.Page {
	t.Helper()
	scene(t)
	const prefix = "/debug/concdoctor/"
	server := httptest.NewServer(mounts[prefix](httpagent.Handler()))
	t.Cleanup(server.Close)
	return browser.Open(t, server.URL+prefix+query)
}

// titles are the pages in the order of the navigation, by the link that leads there.
var titles = []struct{ href, title string }{
	{"held", "Held locks"}, {"waits", "Waits"}, {"order", "Lock order"},
	{"contention", "Contention"}, {"findings", "Findings"}, {"./", "Overview"},
}

func visit(p *browser.Page, href, title string) {
	p.Click(fmt.Sprintf(`nav a[href^="%s"]`, href))
	p.Wait(fmt.Sprintf(`document.title.startsWith(%q) && document.readyState === "complete"`, title))
}

// TestPagesInTheBrowser walks through all pages in narrow and wide windows, light and
// dark. None may be wider than its window; what is wide scrolls in a box of its own.
func TestPagesInTheBrowser(t *testing.T) {
	p := open(t, "?refresh=0")
	for _, width := range []int64{360, 800, 1400} {
		for _, scheme := range []string{"light", "dark"} {
			p.Resize(width, 900)
			p.Prefer("prefers-color-scheme", scheme)
			for _, page := range titles {
				visit(p, page.href, page.title)
				if over := browser.Eval[int](p, "document.documentElement.scrollWidth - window.innerWidth"); over > 0 {
					t.Errorf("%s is %d pixels too wide for %d", page.title, over, width)
				}
				if n := browser.Eval[int](p, `document.querySelectorAll("nav a[aria-current=page]").length`); n != 1 {
					t.Errorf("%s: %d links are the current one", page.title, n)
				}
				p.Picture(fmt.Sprintf("httpagent-%s-%d-%s", page.title, width, scheme))
			}
		}
	}
}

// letters finds text that has too little contrast with what is behind it: WCAG asks
// for 4.5 to 1.
const letters = `(() => {
	const parse = c => c.match(/[\d.]+/g).map(Number);
	const luminance = c => parse(c).slice(0, 3).map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (parse(c)[3] !== 0) return c; } return "rgb(255,255,255)"; };
	const bad = [];
	for (const e of document.querySelectorAll("body *:not(svg *)")) {
		if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.getClientRects().length) continue;
		const a = luminance(getComputedStyle(e).color), b = luminance(ground(e));
		const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (contrast < 4.5) bad.push(e.tagName + "." + e.className + " " + contrast.toFixed(2));
	}
	return bad.join(", ");
})()`

func TestTextIsReadable(t *testing.T) {
	p := open(t, "?refresh=0")
	for _, scheme := range []string{"light", "dark"} {
		p.Prefer("prefers-color-scheme", scheme)
		for _, page := range titles {
			visit(p, page.href, page.title)
			if bad := browser.Eval[string](p, letters); bad != "" {
				t.Errorf("%s, %s: %s", page.title, scheme, bad)
			}
		}
	}
}

// TestDrawing looks at the drawn lock order: every name fits into its box.
func TestDrawing(t *testing.T) {
	p := open(t, "?refresh=0")
	visit(p, "order", "Lock order")
	if n := browser.Eval[int](p, `document.querySelectorAll("svg.graph g rect").length`); n < 2 {
		t.Errorf("%d boxes are drawn", n)
	}
	over := browser.Eval[int](p, `[...document.querySelectorAll("svg.graph g")].filter(g => {
		const box = g.querySelector("rect").getBoundingClientRect();
		return [...g.querySelectorAll("text")].some(t => { const r = t.getBoundingClientRect(); return r.width === 0 || r.left < box.left || r.right > box.right || r.bottom > box.bottom; });
	}).length`)
	if over != 0 {
		t.Errorf("%d names do not fit into their boxes", over)
	}
}

// TestPagesWithoutScripts switches the statistics by the form, and stops and starts
// the refresh by links.
func TestPagesWithoutScripts(t *testing.T) {
	p := open(t, "")
	p.Scripts(false)
	const reloads = `document.querySelector("meta[http-equiv=refresh]") !== null`
	p.Wait(reloads)
	p.Click(`.when a[href="?refresh=0"]`)
	p.Wait("!(" + reloads + ")")
	visit(p, "contention", "Contention")
	if browser.Eval[bool](p, reloads) {
		t.Error("another page loads itself though it was stopped")
	}
	isOn := func() bool { return agent.Snapshot(snapshot.Options{MaxStacks: -1}).Statistics }
	for _, want := range []bool{false, true} {
		word := map[bool]string{true: "on", false: "off"}[want]
		p.Click(".switch button")
		p.Wait(fmt.Sprintf(`document.querySelector(".switch strong") && document.querySelector(".switch strong").textContent === %q && document.title.startsWith("Contention")`, word))
		if isOn() != want {
			t.Errorf("statistics are %t, want %t", isOn(), want)
		}
	}
	p.Click(`.when a[href="?refresh=5"]`)
	p.Wait(reloads)
}

// TestPageLoadsItself waits until a page has shown two moments.
func TestPageLoadsItself(t *testing.T) {
	p := open(t, "?refresh=1")
	first := p.Text("time")
	p.Wait(fmt.Sprintf(`document.querySelector("time") && document.querySelector("time").textContent !== %q`, first))
}
