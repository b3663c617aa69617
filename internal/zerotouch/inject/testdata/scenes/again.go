package main

// permits takes the permit of a semaphore again and again, and at last requests a lock under it;
// then at another place.
func permits() {
	semaphore := make(chan struct{}, 1)
	for i := range 3_000 {
		semaphore <- struct{}{}
		if i == 2_999 {
			a.Lock()
			a.Unlock()
		}
		<-semaphore
	}
	for range 3_000 {
		elsewhere(semaphore, func() {})
	}
	elsewhere(semaphore, func() {
		b.Lock()
		b.Unlock()
	})
}

func elsewhere(semaphore chan struct{}, f func()) {
	semaphore <- struct{}{}
	f()
	<-semaphore
}

// closes closes more channels than are recorded of one place, after a request for a lock under
// another; the last close is seen.
func closes() {
	var last chan int
	await(func() {
		a.Lock()
		b.Lock()
		b.Unlock()
		a.Unlock()
		for range 1_000 {
			last = make(chan int)
			closeIt(last)
		}
	})
	<-last
}

// since requests a lock under another in goroutines that then wait for ever.
func since() {
	for range 6 {
		go func() {
			a.Lock()
			b.Lock()
			b.Unlock()
			a.Unlock()
			<-make(chan int)
		}()
	}
	settle()
}
