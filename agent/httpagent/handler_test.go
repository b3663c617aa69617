//go:build !concdoctor_off

package httpagent_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/httpagent"
	"github.com/concdoctor/concdoctor/agent/snapshot"
)

// holdPattern exists for its name: it is the site of a lock that the tests hold.
//
//go:noinline
func holdPattern(mu *agent.Mutex) { mu.Lock() }

//go:noinline
func wantPattern(mu *agent.Mutex) { mu.Lock() }

// scene is a process with something to see: a lock that is held and waited for, an
// order, statistics and a finding. It lasts until the test ends.
func scene(t *testing.T) {
	t.Helper()
	agent.Configure(agent.Options{Output: io.Discard, Statistics: true})
	var a, b, held agent.Mutex
	done := make(chan bool)
	pair := func(first, second *agent.Mutex) {
		holdPattern(first)
		wantPattern(second)
		second.Unlock()
		first.Unlock()
		done <- true
	}
	go pair(&a, &b)
	<-done
	go pair(&b, &a)
	<-done
	holdPattern(&held)
	go func() {
		wantPattern(&held)
		held.Unlock()
		done <- true
	}()
	for !slices.ContainsFunc(agent.Snapshot(snapshot.Options{MaxStacks: -1}).Goroutines, func(g snapshot.Goroutine) bool {
		return g.Wait != nil && strings.HasSuffix(g.Wait.Stack.Site().Func, ".wantPattern")
	}) {
	}
	t.Cleanup(func() {
		held.Unlock()
		<-done
		agent.Configure(agent.Options{})
	})
}

// mounts are ways in which people mount a handler.
var mounts = map[string]func(h http.Handler) http.Handler{
	"/debug/concdoctor/": func(h http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("/debug/concdoctor/", h)
		return mux
	},
	"/ops/locks/": func(h http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("/ops/locks/", http.StripPrefix("/ops/locks", h))
		return mux
	},
	"/": func(h http.Handler) http.Handler { return h },
}

func get(t *testing.T, address string) (status int, kind, body string) {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("Content-Type"), string(text)
}

var link = regexp.MustCompile(`(?:href|action)="([^"]*)"`)

// TestEveryLinkLeadsSomewhere follows all links from the first page on, under each prefix.
func TestEveryLinkLeadsSomewhere(t *testing.T) {
	scene(t)
	for prefix, mount := range mounts {
		t.Run(prefix, func(t *testing.T) {
			server := httptest.NewServer(mount(httpagent.Handler()))
			defer server.Close()
			queue := []string{server.URL + prefix}
			seen := map[string]bool{queue[0]: true}
			for ; len(queue) > 0; queue = queue[1:] {
				status, kind, body := get(t, queue[0])
				if strings.Contains(queue[0], "/statistics") {
					continue // for POST
				}
				if status != http.StatusOK {
					t.Errorf("%s: status %d", queue[0], status)
				}
				if !strings.HasPrefix(kind, "text/html") {
					continue
				}
				if strings.Contains(body, "<script") || strings.Contains(body, "ZgotmplZ") || strings.Contains(body, "<no value>") {
					t.Errorf("%s has a script or a hole", queue[0])
				}
				base, err := url.Parse(queue[0])
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range link.FindAllStringSubmatch(body, -1) {
					next, err := base.Parse(strings.ReplaceAll(m[1], "&amp;", "&"))
					if err != nil {
						t.Fatal(err)
					}
					next.Fragment = ""
					if next.Scheme == "data" {
						continue
					}
					if !strings.HasPrefix(next.String(), server.URL+prefix) {
						t.Errorf("%s leads out: %s", queue[0], next)
					} else if !seen[next.String()] {
						seen[next.String()] = true
						queue = append(queue, next.String())
					}
				}
			}
			if len(seen) < 15 {
				t.Errorf("only %d addresses were found", len(seen))
			}
		})
	}
}

func serve(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(httpagent.Handler())
	t.Cleanup(server.Close)
	return server.URL + "/"
}

func TestPagesShowTheScene(t *testing.T) {
	scene(t)
	at := serve(t)
	for page, words := range map[string][]string{
		"":           {"goroutine waits", "finding", "holdPattern", "Loads itself every 5 s"},
		"?refresh=0": {"Stopped"},
		"held":       {"holdPattern", "What it does now", "waits for it"},
		"waits":      {"keeps 1 waiting", "wantPattern", "sync.Mutex.Lock"},
		"order":      {"<svg", "holdPattern", "marker-end"},
		"contention": {"holdPattern", "longest hold", "p99"},
		"findings":   {"lock-cycle", "Coffman", "Fix:"},
		"order.svg":  {"<svg xmlns=", "holdPattern"},
		"order.dot":  {"digraph", "holdPattern", "->"},
	} {
		_, _, body := get(t, at+page)
		for _, word := range words {
			if !strings.Contains(body, word) {
				t.Errorf("%q does not show %q", page, word)
			}
		}
	}
	if _, _, body := get(t, at+"held?refresh=0"); strings.Contains(body, `http-equiv="refresh"`) {
		t.Error("a page that was stopped loads itself again")
	}
}

func TestJSONOfEveryPage(t *testing.T) {
	scene(t)
	at := serve(t)
	for _, address := range []string{
		"snapshot.json", "?format=json", "held.json", "held?format=json", "waits.json", "order.json", "contention.json", "findings.json",
	} {
		status, kind, body := get(t, at+address)
		var object map[string]any
		if err := json.Unmarshal([]byte(body), &object); err != nil || status != http.StatusOK || kind != "application/json" || len(object) == 0 {
			t.Errorf("%s: status %d, %s, %v", address, status, kind, err)
		}
		if strings.Contains(body, "null") {
			t.Errorf("%s has a null where a list should be empty", address)
		}
	}
	var whole snapshot.Snapshot
	_, _, body := get(t, at+"snapshot.json")
	if err := json.Unmarshal([]byte(body), &whole); err != nil || len(whole.Goroutines) < 2 || len(whole.Findings) == 0 {
		t.Errorf("snapshot.json: %v, %+v", err, whole.Counters)
	}
}

func TestStatisticsSwitch(t *testing.T) {
	agent.SetStatistics(false)
	at := serve(t)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	post := func(path, value, site string) *http.Response {
		request, err := http.NewRequest(http.MethodPost, at+path, strings.NewReader("on="+value))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Sec-Fetch-Site", site)
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response
	}
	isOn := func() bool { return agent.Snapshot(snapshot.Options{MaxStacks: -1}).Statistics }

	if r := post("statistics", "true", "cross-site"); r.StatusCode != http.StatusForbidden || isOn() {
		t.Errorf("a foreign page may switch: status %d", r.StatusCode)
	}
	if r := post("statistics?refresh=0", "true", "same-origin"); r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "contention?refresh=0" || !isOn() {
		t.Errorf("switching on: status %d to %q, on: %t", r.StatusCode, r.Header.Get("Location"), isOn())
	}
	if r := post("statistics", "perhaps", "same-origin"); r.StatusCode != http.StatusBadRequest || !isOn() {
		t.Errorf("a bad value: status %d", r.StatusCode)
	}
	if r := post("statistics", "false", "same-origin"); r.StatusCode != http.StatusSeeOther || isOn() {
		t.Errorf("switching off: status %d", r.StatusCode)
	}
	if r := post("held", "true", "same-origin"); r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST to a page: status %d", r.StatusCode)
	}
	if status, _, _ := get(t, at+"statistics"); status != http.StatusMethodNotAllowed {
		t.Errorf("GET of the switch: status %d", status)
	}
	if status, _, _ := get(t, at+"no-such-page"); status != http.StatusNotFound {
		t.Errorf("an unknown page: status %d", status)
	}
}
