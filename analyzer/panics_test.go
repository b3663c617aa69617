package analyzer

import (
	"bytes"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func sendAfterClose(http.ResponseWriter, *http.Request) {
	c := make(chan int)
	close(c)
	c <- 1
}

func closeTwice(http.ResponseWriter, *http.Request) {
	c := make(chan int)
	close(c)
	close(c)
}

func doneTooOften(http.ResponseWriter, *http.Request) {
	var wg sync.WaitGroup
	wg.Done()
}

func divide(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(int(r.ContentLength) / len(r.URL.Query()))
}

// TestServedPanics reads what a real server logs of handlers that panic: each misuse
// is a finding, however many requests met it, and other panics are none.
func TestServedPanics(t *testing.T) {
	var logged bytes.Buffer // a log.Logger writes from one goroutine at a time
	for _, handler := range []http.HandlerFunc{sendAfterClose, closeTwice, doneTooOften, divide, closeTwice} {
		server := httptest.NewUnstartedServer(handler)
		server.Config.ErrorLog = log.New(&logged, "", log.LstdFlags)
		server.Start()
		if _, err := server.Client().Get(server.URL); err == nil {
			t.Error("the handler did not panic")
		}
		server.Close()
	}
	rep, err := Analyze(t.Context(), []string{"-"}, Options{Stdin: &logged})
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]int64)
	for i := range rep.Findings {
		f := &rep.Findings[i]
		got[string(f.Rule)+" "+f.Certainty.String()+" "+where(f)] += f.Count
	}
	want := map[string]int64{
		"send-on-closed observed analyzer.sendAfterClose": 1,
		"double-close observed analyzer.closeTwice":       2,
		"waitgroup-misuse observed analyzer.doneTooOften": 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}
