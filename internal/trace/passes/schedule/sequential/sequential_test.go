package sequential_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/internal/trace/passes/schedule/sequential"
	"github.com/concdoctor/concdoctor/internal/trace/passtest"
)

func TestMain(m *testing.M) { passtest.Main(m, programs) }

var programs = map[string]func(){
	"three questions":    func() { threeQuestions(newService()) },
	"a list":             aList,
	"in a goroutine":     inGoroutine,
	"different sleeps":   differentSleeps,
	"commands":           commands,
	"with a helper":      withHelper,
	"HTTP":               func() { getAll(newWeb()) },
	"download":           download,
	"all at once":        allAtOnce,
	"workers":            workers,
	"ticker":             ticker,
	"poller":             poller,
	"pauses":             pauses,
	"idle":               func() { time.Sleep(200 * time.Millisecond) },
	"two questions":      func() { s := newService(); s.ask(50); s.ask(50) },
	"computing between":  computingBetween,
	"server":             server,
	"short waits":        shortWaits,
	"nobody waits":       nobodyWaits,
	"others compute":     othersCompute,
	"retry until closed": retry,
}

// service answers a question after as many milliseconds as it says.
type service struct{ addr string }

// newService starts a service that is asked over the network. It lives in this
// process, and takes care not to wait like its clients.
func newService() service {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				var ms [1]byte
				if _, err := io.ReadFull(conn, ms[:]); err == nil {
					timer := time.NewTimer(time.Duration(ms[0]) * time.Millisecond)
					<-timer.C // a channel's wait is not taken for I/O
					conn.Write(ms[:])
				}
			}()
		}
	}()
	return service{l.Addr().String()}
}

func (s service) ask(ms byte) {
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	b := []byte{ms}
	conn.Write(b)
	if _, err := io.ReadFull(conn, b); err != nil {
		panic(err)
	}
}

func threeQuestions(s service) {
	s.ask(40)
	s.ask(50)
	s.ask(60)
}

func aList() {
	s := newService()
	for _, ms := range []byte{40, 50, 60} {
		s.ask(ms)
	}
}

// newWeb starts an HTTP server that takes its time.
func newWeb() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		<-time.NewTimer(50 * time.Millisecond).C
	}))
}

func getAll(s *httptest.Server) {
	get(s.URL + "/users")
	get(s.URL + "/news")
	get(s.URL + "/weather")
}

func get(url string) {
	response, err := http.Get(url)
	if err != nil {
		panic(err)
	}
	response.Body.Close()
}

// download reads one stream, whose parts cannot but follow one another.
func download() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		conn, err := l.Accept()
		if err != nil {
			panic(err)
		}
		for range 5 {
			<-time.NewTimer(30 * time.Millisecond).C
			conn.Write(make([]byte, 100))
		}
		conn.Close()
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		panic(err)
	}
	io.Copy(io.Discard, conn)
}

func inGoroutine() {
	done := make(chan int)
	go func() {
		threeQuestions(newService())
		done <- 1
	}()
	<-done
}

func differentSleeps() {
	time.Sleep(40 * time.Millisecond)
	time.Sleep(50 * time.Millisecond)
	time.Sleep(60 * time.Millisecond)
}

func commands() {
	for range 3 {
		if err := exec.Command("sleep", "0.2").Run(); err != nil {
			panic(err)
		}
	}
}

// withHelper has a helper that does something small now and then.
func withHelper() {
	tick := time.NewTicker(5 * time.Millisecond)
	go func() {
		for range tick.C {
			fmt.Fprint(io.Discard, "alive")
		}
	}()
	threeQuestions(newService())
}

func allAtOnce() {
	s := newService()
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { s.ask(60) })
	}
	wg.Wait()
}

// workers overlap: each has its series.
func workers() {
	s := newService()
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for range 4 {
				s.ask(30)
			}
		})
	}
	wg.Wait()
}

func ticker() {
	tick := time.NewTicker(30 * time.Millisecond)
	for range 6 {
		<-tick.C
	}
}

func poller() {
	for range 6 {
		time.Sleep(30 * time.Millisecond)
	}
}

// pauses have a poller's sleeps at two lines.
func pauses() {
	for range 3 {
		time.Sleep(30 * time.Millisecond)
		time.Sleep(20 * time.Millisecond)
	}
}

func computingBetween() {
	s := newService()
	for range 3 {
		s.ask(30)
		spin(30 * time.Millisecond)
	}
}

func spin(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
	}
}

// server answers requests that come one after another, and ends with its client.
func server() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	conns := make(chan net.Conn, 1)
	go func() {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			panic(err)
		}
		for range 5 {
			<-time.NewTimer(30 * time.Millisecond).C
			conn.Write([]byte{1})
		}
		conn.Close()
		l.Close()
	}()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				close(conns)
				return
			}
			go answer(conn)
		}
	}()
	<-conns
}

func answer(conn net.Conn) {
	defer conn.Close()
	io.Copy(io.Discard, conn)
}

// shortWaits are not worth a change beside what else the program does.
func shortWaits() {
	s := newService()
	threeTimes := func() {
		for range 3 {
			s.ask(3)
		}
	}
	threeTimes()
	<-time.NewTimer(400 * time.Millisecond).C
}

// nobodyWaits for what a goroutine does at its leisure.
func nobodyWaits() {
	go threeQuestions(newService())
	<-time.NewTimer(300 * time.Millisecond).C
}

// othersCompute while one waits: it is no loss.
func othersCompute() {
	done := make(chan int)
	go func() {
		for {
			select {
			case <-done:
				return
			default:
				spin(time.Millisecond)
			}
		}
	}()
	threeQuestions(newService())
	close(done)
}

// retry sleeps longer each time.
func retry() {
	for pause := 10 * time.Millisecond; pause < 150*time.Millisecond; pause *= 2 {
		time.Sleep(pause)
	}
}

func TestSeries(t *testing.T) {
	head := "sequential-waits suspected warning"
	for name, want := range map[string][]string{
		"three questions":  {head + "; one after another in threeQuestions; waits here service.ask"},
		"a list":           {head + "; called by, perhaps in a loop Main TestMain aList main; waits here service.ask"},
		"in a goroutine":   {head + "; one after another in threeQuestions; waits here service.ask"},
		"different sleeps": {head + "; one after another in differentSleeps; waits here differentSleeps"},
		"commands":         {head + "; called by, perhaps in a loop Main TestMain main; waits here commands"},
		"with a helper":    {head + "; one after another in threeQuestions; waits here service.ask"},

		"HTTP":               {head + "; one after another in getAll; waits here get"},
		"download":           nil,
		"all at once":        nil,
		"workers":            nil,
		"ticker":             nil,
		"poller":             nil,
		"pauses":             nil,
		"idle":               nil,
		"two questions":      nil,
		"computing between":  nil,
		"server":             nil,
		"short waits":        nil,
		"nobody waits":       nil,
		"others compute":     nil,
		"retry until closed": nil,
	} {
		t.Run(name, func(t *testing.T) {
			passtest.Settle(t, passtest.Program{Name: name}, want, sequential.New)
		})
	}
}
