//go:build !concdoctor_off

package agent_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/concdoctor/concdoctor/agent"
)

func TestInBubble(t *testing.T) {
	if agent.InBubble() {
		t.Error("outside is called a bubble")
	}
	synctest.Test(t, func(t *testing.T) {
		for range 3 {
			if !agent.InBubble() {
				t.Error("a bubble is not recognised")
			}
			time.Sleep(24 * time.Hour)
		}
	})
	if agent.InBubble() {
		t.Error("after a bubble outside is called one")
	}
}
