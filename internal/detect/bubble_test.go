//go:build !concdoctor_off

package detect_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/concdoctor/concdoctor/internal/detect"
)

func TestInBubble(t *testing.T) {
	if detect.InBubble() {
		t.Error("outside is called a bubble")
	}
	synctest.Test(t, func(t *testing.T) {
		for range 3 {
			if !detect.InBubble() {
				t.Error("a bubble is not recognised")
			}
			time.Sleep(24 * time.Hour)
		}
	})
	if detect.InBubble() {
		t.Error("after a bubble outside is called one")
	}
}
