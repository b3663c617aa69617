package demo

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/concdoctor/concdoctor/agent/finding"
)

func TestMessagesArriveAsSent(t *testing.T) {
	m := finding.Number("lost", 3)
	sent := []message{
		{Kind: kindMark, Text: "all hold <one> fork\nnow"},
		{Kind: kindMeasure, Measure: &m},
		{Kind: kindFinding, Finding: &finding.Finding{Rule: "deadlock", Certainty: finding.Observed, Severity: finding.Error}},
		{Kind: kindPeer, Text: "POTENTIAL DEADLOCK"},
		{Kind: kindEnded},
	}
	var stream bytes.Buffer
	out := &sender{begin: time.Now(), w: &stream}
	for _, m := range sent {
		out.send(m)
	}
	var got []message
	if err := receive(&stream, func(m message) { got = append(got, m) }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sent, got, cmpopts.IgnoreFields(message{}, "Nanos")); diff != "" {
		t.Errorf("-sent +received\n%s", diff)
	}
}

func TestManySendersKeepLinesWhole(t *testing.T) {
	var stream bytes.Buffer
	out := &sender{begin: time.Now(), w: &stream}
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			for range 100 {
				out.send(message{Kind: kindMark, Text: "x"})
			}
		})
	}
	senders.Wait()
	n := 0
	if err := receive(&stream, func(message) { n++ }); err != nil || n != 800 {
		t.Errorf("received %d of 800 messages, error %v", n, err)
	}
}

func TestBrokenStreamSaysWhere(t *testing.T) {
	err := receive(strings.NewReader(`{"kind":"ended","nanos":1}`+"\n"+"panic"), func(message) {})
	if err == nil || !strings.Contains(err.Error(), "byte 26") {
		t.Errorf("error %v, want one that names byte 26", err)
	}
}

func TestFindingSentTwiceCountsOnce(t *testing.T) {
	var run Run
	f := &finding.Finding{Fingerprint: "1"}
	run.take(message{Kind: kindFinding, Finding: f, Nanos: 5})
	run.take(message{Kind: kindFinding, Finding: f, Nanos: 9})
	run.take(message{Kind: kindFinding, Finding: &finding.Finding{Fingerprint: "2"}})
	if len(run.Sightings) != 2 || run.Sightings[0].At != 5 {
		t.Errorf("sightings %+v, want the first at 5 ns and the other", run.Sightings)
	}
}

func TestSinceCountsFromTheLastMarkBefore(t *testing.T) {
	run := Run{Marks: []Mark{{"one", 10}, {"two", 20}}}
	for at, want := range map[time.Duration]string{5: "the start", 10: "one", 19: "one", 25: "two"} {
		if _, got := run.Since(at); got != want {
			t.Errorf("Since(%d) counts from %q, want %q", at, got, want)
		}
	}
	if d, _ := run.Since(25); d != 5 {
		t.Errorf("Since(25) = %d, want 5", d)
	}
}
