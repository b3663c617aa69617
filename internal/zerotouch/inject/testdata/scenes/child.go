package main

import (
	"os"
	"os/exec"
)

// child starts itself again, and holds a lock meanwhile.
func child() {
	a.Lock()
	defer a.Unlock()
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	if err := exec.Command(self, "hold").Run(); err != nil {
		panic(err)
	}
}
