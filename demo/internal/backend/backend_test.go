package backend

import (
	"sync"
	"testing"
	"time"
)

func TestAnswersTakeTheirTimeAndOverlap(t *testing.T) {
	listener, err := Listen()
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	client := Client{Address: listener.Addr().String()}
	begin := time.Now()
	var questions sync.WaitGroup
	for range 10 {
		questions.Go(func() {
			if got := client.Ask(50 * time.Millisecond); got != answer {
				t.Errorf("answer %q", got)
			}
		})
	}
	questions.Wait()
	switch took := time.Since(begin); {
	case took < 50*time.Millisecond:
		t.Errorf("the answers came after %v, before their time", took)
	case took >= 10*50*time.Millisecond:
		t.Errorf("ten answers took %v: they did not overlap", took)
	}
}
