// Command callback takes agent locks in Go functions that C calls, on threads that
// Go made and on threads that C made. The last of them takes the two locks
// the other way round, when the others have ended. It prints "the program ends" if
// every section was closed.
package main

/*
#cgo LDFLAGS: -lpthread
#include <pthread.h>

extern void section(int);

static void *foreign(void *arg) {
	for (int i = 0; i < 200; i++) section(0);
	return 0;
}

static void here(void) { section(0); }

static void elsewhere(void) {
	pthread_t threads[4];
	for (int i = 0; i < 4; i++) pthread_create(&threads[i], 0, foreign, 0);
	for (int i = 0; i < 4; i++) pthread_join(threads[i], 0);
}

static void *inverted(void *arg) { section(1); return 0; }

static void against(void) {
	pthread_t thread;
	pthread_create(&thread, 0, inverted, 0);
	pthread_join(thread, 0);
}
*/
import "C"

import (
	"fmt"
	"os"

	sync "github.com/concdoctor/concdoctor/agent"
)

var (
	outer, inner sync.Mutex
	count        int
)

//export section
func section(inverted C.int) {
	first, second := &outer, &inner
	if inverted != 0 {
		first, second = second, first
	}
	first.Lock()
	defer first.Unlock()
	second.Lock()
	defer second.Unlock()
	count++
}

func main() {
	C.here()
	outer.Lock()
	outer.Unlock()
	C.elsewhere()
	C.against()
	if count != 802 {
		fmt.Println("sections:", count)
		os.Exit(1)
	}
	fmt.Println("the program ends")
}
