package demo

import (
	"fmt"
	"os"
	"testing"
)

// TestMain makes the test binary what a Driver needs: a program that calls Child.
func TestMain(m *testing.M) {
	if child, err := Child(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	} else if child {
		return
	}
	os.Exit(m.Run())
}
