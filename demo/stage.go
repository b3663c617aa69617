package demo

import (
	"sync"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/demo/internal/backend"
)

// Stage is what a program gets from the child that runs it.
type Stage struct {
	// Brief asks for a run of about a tenth of the full length.
	Brief bool
	// NewLock returns a mutex of the kind that was asked for.
	NewLock func() sync.Locker

	service backend.Client
	out     *sender
}

// Scaled returns d, or a tenth of it in a brief run.
func (s *Stage) Scaled(d time.Duration) time.Duration {
	if s.Brief {
		return d / 10
	}
	return d
}

// Ask asks the slow service a question that takes it d to answer.
func (s *Stage) Ask(d time.Duration) string { return s.service.Ask(d) }

// Mark says that something of note happened just now.
func (s *Stage) Mark(text string) { s.out.send(message{Kind: kindMark, Text: text}) }

// Note hands over what the program measured of itself.
func (s *Stage) Note(m finding.Measure) { s.out.send(message{Kind: kindMeasure, Measure: &m}) }
