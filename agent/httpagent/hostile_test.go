//go:build !concdoctor_off

package httpagent_test

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/httpagent"
)

// TestHostileNames: whatever a program calls its locks, pages are clean, and drawings
// well-formed.
func TestHostileNames(t *testing.T) {
	agent.Configure(agent.Options{Output: io.Discard})
	defer agent.Configure(agent.Options{})
	const hostile = "</text>\x1b[31m\u009b2J\u202e\xff\x00\x01\ufffe"
	var a, b agent.Mutex
	agent.Name(&a, "first"+hostile)
	agent.Name(&b, "second"+hostile)
	done := make(chan bool)
	go func() {
		a.Lock()
		b.Lock()
		b.Unlock()
		a.Unlock()
		done <- true
	}()
	<-done
	a.Lock()
	defer a.Unlock()
	server := httptest.NewServer(httpagent.Handler())
	defer server.Close()
	for _, page := range []string{"", "held", "waits", "order", "order.svg", "order.dot", "contention", "findings", "snapshot.json", "held.json", "order.json"} {
		status, _, body := get(t, server.URL+"/"+page)
		if status != 200 || !strings.Contains(body, "first") && page != "waits" && page != "contention" && page != "findings" && page != "" {
			t.Errorf("%s: status %d, the lock is not there", page, status)
		}
		unclean := func(r rune) bool {
			return unicode.IsControl(r) && r != '\n' && r != '\t' || r == '\u202e' || r == '\ufffe'
		}
		if !utf8.ValidString(body) || strings.ContainsFunc(body, unclean) || strings.Contains(body, `\u001b`) {
			t.Errorf("%s: hostile text came through", page)
		}
	}
	_, _, drawing := get(t, server.URL+"/order.svg")
	for d := xml.NewDecoder(strings.NewReader(drawing)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("order.svg: %v", err)
		}
	}
}
