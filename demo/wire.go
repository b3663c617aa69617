package demo

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// order says what a child is to run; it travels in the environment.
type order struct {
	Demo    string `json:"demo"`
	Variant string `json:"variant"` // "" is the disease
	Locks   Locks  `json:"locks"`
	Brief   bool   `json:"brief"`
	Dir     string `json:"dir"`     // where the trace and the profiles go
	Backend string `json:"backend"` // address of the slow service
}

// kind is what a message says.
type kind string

const (
	kindMark    kind = "mark"    // something of note happened: Text
	kindFinding kind = "finding" // the agent found: Finding
	kindPeer    kind = "peer"    // another tool reported: Text
	kindMeasure kind = "measure" // the program measured: Measure
	kindEnded   kind = "ended"   // the program returned
)

// message is one line that a child writes to its standard output.
type message struct {
	Kind kind `json:"kind"`
	// Nanos is the time since the program started.
	Nanos   int64            `json:"nanos"`
	Text    string           `json:"text,omitempty"`
	Finding *finding.Finding `json:"finding,omitempty"`
	Measure *finding.Measure `json:"measure,omitempty"`
}

// sender writes messages; several goroutines may use it at once.
type sender struct {
	begin time.Time

	mu sync.Mutex // mu keeps lines whole
	w  io.Writer
}

// send writes the message with the time of the call. A parent that is gone cannot
// be informed, so errors have nowhere to go: the child notices the parent's
// end by its standard input.
func (s *sender) send(m message) {
	m.Nanos = time.Since(s.begin).Nanoseconds()
	line, err := json.Marshal(m)
	if err != nil {
		line, _ = json.Marshal(message{Kind: kindMark, Text: fmt.Sprintf("encoding %s: %v", m.Kind, err)})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.w.Write(append(line, '\n'))
}

// receive calls f for each message until the stream ends or is broken.
func receive(r io.Reader, f func(message)) error {
	dec := json.NewDecoder(r)
	for {
		var m message
		if err := dec.Decode(&m); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading what the demo sent, byte %d: %w", dec.InputOffset(), err)
		}
		f(m)
	}
}
