// Command callback takes locks in Go that is called by C, on a thread of Go's and on
// threads of C's own.
package main

/*
#include <pthread.h>
#include <stdint.h>

extern void goTake(void);
extern void goMeet(int);
extern void goKeep(int);

static void *take(void *arg) { goTake(); return arg; }
static void *meet(void *arg) { for (int i = 0; i < 3; i++) goMeet((int)(intptr_t)arg); return arg; }
static void *keep(void *arg) { goKeep((int)(intptr_t)arg); return arg; }

static void here(void) { goTake(); }

// crowd runs n threads at the same time.
static void crowd(void *(*run)(void *), int n) {
	pthread_t threads[16];
	for (intptr_t i = 0; i < n; i++) pthread_create(&threads[i], 0, run, (void *)i);
	for (int i = 0; i < n; i++) pthread_join(threads[i], 0);
}

static void elsewhere(void) { crowd(take, 1); }
static void meeting(int n) { crowd(meet, n); }

// keeping runs n threads one after the other.
static void keeping(int n) {
	for (intptr_t i = 0; i < n; i++) {
		pthread_t t;
		pthread_create(&t, 0, keep, (void *)i);
		pthread_join(t, 0);
	}
}
*/
import "C"

import (
	"os"
	"runtime"
	"sync"
	"sync/atomic"
)

var (
	a, b   sync.Mutex
	own    [16]sync.Mutex
	inside [3]atomic.Int32
	rounds [16]int
)

//export goTake
func goTake() {
	a.Lock()
	b.Lock()
	b.Unlock()
	a.Unlock()
}

const threads = 8

// goMeet is in the hands of all threads at the same time: each holds a lock of its own
// then, and asks for one that all share.
//
//export goMeet
func goMeet(who C.int) {
	own[who].Lock()
	round := rounds[who]
	rounds[who]++
	for inside[round].Add(1); inside[round].Load() < threads; {
		runtime.Gosched()
	}
	a.Lock()
	a.Unlock()
	own[who].Unlock()
}

// goKeep takes a lock that its thread does not release, and the one of another.
//
//export goKeep
func goKeep(who C.int) {
	own[who].Lock()
	a.Lock()
	a.Unlock()
}

func main() {
	switch os.Args[1] {
	case "take":
		for range 10 {
			C.here()
			C.elsewhere()
		}
		b.Lock()
	case "meet":
		C.meeting(threads)
	case "keep":
		C.keeping(threads)
	}
}
