package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strconv"
)

// leaf is a little of the heap, with pointers in it.
type leaf struct {
	next *leaf
	data [56]byte
}

var kept *leaf

// hang has goroutines wait for ever, each for another channel.
func hang(goroutines, megabytes string) {
	n, errN := strconv.Atoi(goroutines)
	size, errSize := strconv.Atoi(megabytes)
	if errN != nil || errSize != nil {
		panic("hang GOROUTINES MEGABYTES")
	}
	for range size << 20 / 64 {
		kept = &leaf{next: kept}
	}
	for range n {
		go func() { <-make(chan int) }()
	}
	in := bufio.NewReader(os.Stdin)
	for {
		if _, err := in.ReadString('\n'); err != nil {
			return
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		fmt.Println(used(), m.PauseTotalNs, peak())
	}
}
