package main

import (
	"os"
	"path/filepath"
)

// repository returns the root of the repository that the current directory lies
// in, the current directory itself outside of any, and "" if there is none.
func repository() string {
	here, err := os.Getwd()
	if err != nil {
		return ""
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil { // a file in a linked work tree
			return dir
		}
		if dir == filepath.Dir(dir) {
			return here
		}
	}
}
