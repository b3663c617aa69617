// Package backend is the slow service that demos talk to: real TCP connections to
// a server that answers each question after the time that the question names. The
// driver runs the server in its own process, so that the demo's trace holds the
// client alone.
package backend

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"time"
)

// answer is all that the service ever says. Its length is fixed, so that the client
// waits in Read and not in layers of buffering that a reader of stacks must skip.
const answer = "42\n"

// Listen starts a server on a free port of the loopback interface. Closing the
// listener ends it; connections end when their client closes them.
func Listen() (net.Listener, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the demos' slow service: %w", err)
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed
			}
			go serve(conn)
		}
	}()
	return listener, nil
}

// serve answers one client until it goes away.
func serve(conn net.Conn) {
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		delay, err := time.ParseDuration(lines.Text())
		if err != nil {
			return
		}
		time.Sleep(delay)
		if _, err := io.WriteString(conn, answer); err != nil {
			return
		}
	}
}

// Client asks the server at an address. Every question has a connection of its
// own; a Client may be used by several goroutines at once.
type Client struct {
	Address string
}

// Ask returns the server's answer to a question that takes it the given time. It
// panics if the server is gone: a demo has nothing else to do then.
func (c Client) Ask(delay time.Duration) string {
	conn, err := net.Dial("tcp", c.Address)
	if err != nil {
		panic(fmt.Errorf("asking the slow service: %w", err))
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "%v\n", delay); err != nil {
		panic(fmt.Errorf("asking the slow service: %w", err))
	}
	got := make([]byte, len(answer))
	if _, err := io.ReadFull(conn, got); err != nil {
		panic(fmt.Errorf("asking the slow service: %w", err))
	}
	return string(got)
}
