// Server sells over HTTP and buys from itself, so that it has something to do.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	_ "net/http/pprof"
	"runtime"
	"time"

	"shop.example/store"
)

var (
	address = flag.String("addr", "localhost:6060", "the address to serve")
	length  = flag.Duration("for", 0, "how long to serve; 0 is for ever")
)

func main() {
	flag.Parse()
	runtime.SetMutexProfileFraction(1)
	runtime.SetBlockProfileRate(1)
	s := store.New(1_000_000)
	http.HandleFunc("/sell", func(http.ResponseWriter, *http.Request) { s.Sell() })
	http.HandleFunc("/audit", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, s.Audit()) })
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	go http.Serve(listener, nil)
	rounds := 0
	for begin := time.Now(); *length == 0 || time.Since(begin) < *length; rounds++ {
		for _, page := range []string{"/sell", "/sell", "/audit"} {
			answer, err := http.Get("http://" + listener.Addr().String() + page)
			if err != nil {
				log.Fatal(err)
			}
			answer.Body.Close()
		}
	}
	fmt.Println("sold and audited in", rounds, "rounds")
}
