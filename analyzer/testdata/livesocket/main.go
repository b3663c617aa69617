// Livesocket is a healthy server with many connections that stay open, as of web sockets:
// for each a goroutine that reads, one that writes what comes on a channel, and one that
// sends it now and then. It opens the connections itself, and serves its profiles.
package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"strconv"
	"sync"
	"time"
)

type client struct {
	conn net.Conn
	out  chan string
	done chan struct{}
	once sync.Once
}

func (c *client) close() { c.once.Do(func() { close(c.done); c.conn.Close() }) }

// read reads lines and answers them.
func (c *client) read(ctx context.Context) {
	defer c.close()
	lines := bufio.NewScanner(c.conn)
	for lines.Scan() {
		select {
		case c.out <- lines.Text():
		case <-c.done:
			return
		}
	}
}

// write writes what is to be sent.
func (c *client) write(ctx context.Context) {
	for {
		select {
		case line := <-c.out:
			fmt.Fprintln(c.conn, line)
		case <-c.done:
			return
		case <-ctx.Done():
			return
		}
	}
}

// watch closes the connection when the server ends.
func (c *client) watch(ctx context.Context) {
	select {
	case <-c.done:
	case <-ctx.Done():
		c.close()
	}
}

// receive is the other end.
func receive(conn net.Conn) {
	for lines := bufio.NewScanner(conn); lines.Scan(); {
	}
}

func serve(ctx context.Context, l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		c := &client{conn: conn, out: make(chan string, 4), done: make(chan struct{})}
		go c.read(ctx)
		go c.write(ctx)
		go c.watch(ctx)
	}
}

func main() {
	n := 1000
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go serve(ctx, l)
	for i := range n {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		go receive(conn)
		go func() { // every client says something now and then
			for {
				time.Sleep(time.Duration(i%50+50) * 10 * time.Millisecond)
				fmt.Fprintln(conn, "hello")
			}
		}()
	}
	pprof, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(pprof.Addr())
	http.Serve(pprof, nil)
}
