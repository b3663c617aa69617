// Command callback takes locks in Go that is called by C, on a thread of Go's and on one
// of C's own.
package main

/*
#include <pthread.h>

extern void goTake(void);

static void *run(void *arg) { goTake(); return arg; }

static void here(void) { goTake(); }

static void elsewhere(void) {
	pthread_t t;
	pthread_create(&t, 0, run, 0);
	pthread_join(t, 0);
}
*/
import "C"

import "sync"

var a, b sync.Mutex

//export goTake
func goTake() {
	a.Lock()
	b.Lock()
	b.Unlock()
	a.Unlock()
}

func main() {
	for range 10 {
		C.here()
		C.elsewhere()
	}
	b.Lock()
}
