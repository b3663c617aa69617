package shapes

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"
)

// PipeReaderLeft: the reader of a pipe gives up at the first bad line, and leaves the
// pipe open.
//
// rule: stuck, deadlock
// least: potential
func PipeReaderLeft() {
	r, w := io.Pipe()
	var wg sync.WaitGroup
	wg.Go(func() {
		lines := bufio.NewScanner(r)
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "#") {
				fmt.Println("cannot read comments")
				return
			}
		}
	})
	for _, line := range []string{"one", "# two", "three"} {
		fmt.Fprintln(w, line) // waits chan -
	}
	w.Close()
	wg.Wait()
}

// PipeReaderLeftHealthy: the reader is slow.
func PipeReaderLeftHealthy() {
	r, w := io.Pipe()
	var wg sync.WaitGroup
	wg.Go(func() {
		lines := bufio.NewScanner(r)
		for lines.Scan() {
			time.Sleep(slow / 3)
		}
	})
	for _, line := range []string{"one", "two", "three"} {
		fmt.Fprintln(w, line)
	}
	w.Close()
	wg.Wait()
}

// PipeNotClosed: the writer of a pipe does not close it, and the reader waits for the end.
//
// rule: stuck, deadlock
// least: potential
func PipeNotClosed() {
	r, w := io.Pipe()
	go func() {
		fmt.Fprintln(w, "all of it")
	}()
	text, err := io.ReadAll(r) // waits chan -
	fmt.Println(string(text), err)
}

// PipeNotClosedHealthy: the writer closes it later.
func PipeNotClosedHealthy() {
	r, w := io.Pipe()
	go func() {
		fmt.Fprintln(w, "all of it")
		time.AfterFunc(slow, func() { w.Close() })
	}()
	text, err := io.ReadAll(r)
	fmt.Println(string(text), err)
}

// dialled returns both ends of a connection.
func dialled() (here, there net.Conn) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer l.Close()
	if here, err = net.Dial("tcp", l.Addr().String()); err == nil {
		there, err = l.Accept()
	}
	if err != nil {
		panic(err)
	}
	return here, there
}

// BothRead: both ends of a connection wait for the other's greeting.
//
// rule: stuck, deadlock
// least: facts
// asleep: no
func BothRead() {
	here, there := dialled()
	var wg sync.WaitGroup
	for _, end := range []net.Conn{here, there} {
		wg.Go(func() {
			greeting, err := bufio.NewReader(end).ReadString('\n') // waits network -
			fmt.Println(greeting, err)
			fmt.Fprintln(end, "hello")
		})
	}
	wg.Wait() // victim group wg
}

// BothReadHealthy: the one that greets first takes its time.
func BothReadHealthy() {
	here, there := dialled()
	var wg sync.WaitGroup
	wg.Go(func() {
		greeting, err := bufio.NewReader(here).ReadString('\n')
		fmt.Println(greeting, err)
	})
	time.AfterFunc(slow, func() { fmt.Fprintln(there, "hello") })
	wg.Wait()
}
