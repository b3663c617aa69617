// Greeting prints what another goroutine has written some time ago. Time is no order: the
// README shows what concdoctor reports.
package main

import (
	"fmt"
	"time"
)

var greeting string

func load() { greeting = "hello" }

func main() {
	go load()
	time.Sleep(100 * time.Millisecond) // surely long enough?
	fmt.Println(greeting)
}
