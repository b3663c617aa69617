package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestMain lets the test binary be the program itself when it is called by its
// name, so that tests can run it as users do: see programDir.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "concdoctor" {
		main()
	}
	os.Exit(m.Run())
}

// programDir returns a directory for PATH in which the program is.
func programDir(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "concdoctor")); err != nil {
		t.Fatal(err)
	}
	return dir
}
