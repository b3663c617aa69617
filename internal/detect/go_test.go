//go:build !concdoctor_off

package detect_test

import (
	"testing"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/internal/detect"
)

func TestGoPassesTheTimelineOn(t *testing.T) {
	before := detect.RequestForTest()
	done := make(chan detect.Moment)
	agent.Go(func() { done <- detect.RequestForTest() })
	after := detect.RequestForTest()
	child := <-done
	if !before.Before(child) || after.Before(child) || child.Before(after) {
		t.Errorf("before the go statement %v, after it %v, child %v", before, after, child)
	}
	go func() { done <- detect.RequestForTest() }()
	if plain := <-done; before.Before(plain) || plain.Before(before) {
		t.Error("a plain go statement is ordered: who told?")
	}
}
