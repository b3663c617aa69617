package main

import (
	"os"
	"testing"
)

// TestHang never ends by itself.
func TestHang(t *testing.T) { shapes[os.Getenv("SHAPE")]() }
