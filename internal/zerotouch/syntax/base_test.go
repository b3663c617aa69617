package syntax

import (
	"go/parser"
	"go/types"
	"testing"
)

func TestBase(t *testing.T) {
	for text, want := range map[string]struct {
		base      string
		isPointer bool
	}{
		"T":              {"T", false},
		"*T":             {"T", true},
		"(*T)":           {"T", true},
		"(((T)))":        {"T", false},
		"*T[K]":          {"T", true},
		"T[K, V]":        {"T", false},
		"*sync.Mutex":    {"sync.Mutex", true},
		"*pkg.T[K, V]":   {"pkg.T", true},
		"chan int":       {"chan int", false},
		"map[string]int": {"map[string]int", false},
	} {
		x, err := parser.ParseExpr(text)
		if err != nil {
			t.Fatal(err)
		}
		base, isPointer := Base(x)
		if got := types.ExprString(base); got != want.base || isPointer != want.isPointer {
			t.Errorf("Base(%s) = %s, %v; want %s, %v", text, got, isPointer, want.base, want.isPointer)
		}
	}
}
