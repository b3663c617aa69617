package main

import (
	"os"
	"strconv"
	"time"
)

// name is a file by which one goroutine waits for another: the detector sees no order in that.
var name = os.TempDir() + "/traps-" + strconv.Itoa(os.Getpid())

func show() {
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		panic(err)
	}
}

func await() {
	for {
		if _, err := os.Stat(name); err == nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func hide() { os.Remove(name) }
