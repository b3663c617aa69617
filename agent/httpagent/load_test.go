//go:build !concdoctor_off

package httpagent

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent"
)

// TestForeignHosts holds that a name which leads here by another's will is refused, also where
// it would switch the statistics.
func TestForeignHosts(t *testing.T) {
	agent.SetStatistics(false)
	h := Handler("debug.example.com")
	for host, want := range map[string]int{
		"localhost": 200, "localhost:6060": 200, "LOCALHOST.": 200, "shop.localhost:80": 200, "127.0.0.1:6060": 200, "[::1]:6060": 200, "[fe80::1]": 200,
		"10.1.2.3": 200, "": 200, "debug.example.com": 200, "Debug.Example.com:6060": 200,
		"evil.example": 421, "evil.example:6060": 421, "localhost.evil.example": 421, "example.com": 421, "127.0.0.1.evil.example": 421, "notlocalhost": 421, "e\x1bvil": 421,
	} {
		r := httptest.NewRequest(http.MethodGet, "/held", nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want || strings.Contains(w.Body.String(), "\x1b") {
			t.Errorf("host %q: status %d, want %d: %q", host, w.Code, want, w.Body)
		}
		for _, profile := range []http.Handler{HeldProfile("debug.example.com"), WaitsProfile("debug.example.com")} {
			w := httptest.NewRecorder()
			if profile.ServeHTTP(w, r); w.Code != want {
				t.Errorf("profile, host %q: status %d, want %d", host, w.Code, want)
			}
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/statistics", strings.NewReader("on=true"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin") // so it looks to the browser
	r.Host = "evil.example"
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != http.StatusMisdirectedRequest || new(camera).shoot().Statistics {
		t.Errorf("a foreign name switches: status %d", w.Code)
	}
}

// TestSharedSnapshots lets a crowd ask at once: it gets one snapshot, and one page of it.
func TestSharedSnapshots(t *testing.T) {
	var c camera
	var crowd sync.WaitGroup
	shots := make([]*shot, 50)
	made := make([]int, len(shots))
	for i := range shots {
		crowd.Go(func() {
			shots[i] = c.shoot()
			shots[i].page("p", func() rendered { made[i]++; return rendered{} })
		})
	}
	crowd.Wait()
	sum := 0
	for i := range shots {
		if sum += made[i]; shots[i] != shots[0] {
			t.Fatal("two snapshots")
		}
	}
	if sum != 1 {
		t.Errorf("the page was made %d times", sum)
	}
	c.usual.taken = c.usual.taken.Add(-mostShared)
	second := c.shoot()
	if second == shots[0] {
		t.Error("an old snapshot is shared")
	}
	if c.forget(); c.shoot() == second {
		t.Error("a snapshot is shared that was to be forgotten")
	}
}

// TestAllStacksAreRare holds that the program is not stopped again and again on request.
func TestAllStacksAreRare(t *testing.T) {
	var mu agent.Mutex
	mu.Lock()
	defer mu.Unlock()
	s := new(server)
	ask := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		s.serve(w, httptest.NewRequest(http.MethodGet, "/held?stacks=all", nil))
		return w
	}
	if w := ask(); w.Code != http.StatusOK || !s.camera.stacks.Stacks || s.camera.stacks.PauseNanos == 0 {
		t.Fatalf("status %d, %+v", w.Code, s.camera.stacks.Snapshot)
	}
	if w := ask(); w.Code != http.StatusOK {
		t.Errorf("at once: status %d, the snapshot is not shared", w.Code)
	}
	s.camera.stacks.taken = s.camera.stacks.taken.Add(-mostShared)
	s.camera.next = time.Now().Add(30 * time.Second)
	if w := ask(); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "30" {
		t.Errorf("too early: status %d, again after %q", w.Code, w.Header().Get("Retry-After"))
	}
	s.camera.next = time.Now()
	if w := ask(); w.Code != http.StatusOK {
		t.Errorf("later: status %d", w.Code)
	}
}

// TestGate holds how answers are spread.
func TestGate(t *testing.T) {
	var g gate
	now := time.Now()
	for i := range burst {
		if wait, ok := g.enter(now); wait != 0 || !ok {
			t.Errorf("answer %d waits %v, %v", i, wait, ok)
		}
	}
	if wait, ok := g.enter(now); wait != 0 || !ok {
		t.Errorf("the next one waits %v, %v", wait, ok)
	}
	if wait, ok := g.enter(now); wait != perAnswer || !ok {
		t.Errorf("the one after it waits %v, %v, want %v", wait, ok, perAnswer)
	}
	g.sent(16 << 20)
	if wait, _ := g.enter(now); wait < 900*time.Millisecond {
		t.Errorf("after 16 MB the next waits %v", wait)
	}
	refused := 0
	for range 1000 {
		if _, ok := g.enter(now); !ok {
			refused++
		}
	}
	if refused < 800 {
		t.Errorf("of a thousand %d were refused", refused)
	}
	if wait, ok := g.enter(now.Add(time.Minute)); wait != 0 || !ok {
		t.Errorf("a minute later: %v, %v", wait, ok)
	}
}
