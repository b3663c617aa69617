package truth

import (
	"cmp"
	"net"
	"os"
	"sync"
	"time"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
)

// handling is how long a slow handler keeps its loop: well over the 10 ms that count.
const handling = 16 * time.Millisecond

// eventLoop takes events from a channel, every 24th of which is slow. mark, if not nil,
// marks its iterations.
func eventLoop(j *Journal, mark *agent.Loop, handle func(*Journal)) {
	queue := make(chan int)
	go loopSender(j, queue, 120)
	handleOne := func(i int) {
		start := time.Now()
		if i%24 == 7 {
			handle(j)
		}
		j.Add("iterations", 1)
		j.Add("busy", float64(time.Since(start)))
	}
	for i := range queue {
		if mark != nil {
			mark.Handle(func() { handleOne(i) })
		} else {
			handleOne(i)
		}
	}
}

// loopSender sends an event a millisecond, if the loop takes it.
func loopSender(j *Journal, queue chan<- int, n int) {
	for i := range n {
		time.Sleep(time.Millisecond)
		start := time.Now()
		queue <- i
		j.Add("sender waits", float64(time.Since(start)))
	}
	close(queue)
}

func handleSleep(j *Journal) { slowPart(j, func() { time.Sleep(handling) }) }

// slowPart notes what takes so long that it counts as a block.
func slowPart(j *Journal, f func()) {
	start := time.Now()
	f()
	if took := time.Since(start); took >= 10*time.Millisecond {
		j.Add("slow handlers", float64(took))
	}
}

func handleLock(j *Journal) {
	var mu sync.Mutex
	held := make(chan int)
	go func() {
		mu.Lock()
		held <- 1
		time.Sleep(handling)
		mu.Unlock()
	}()
	<-held
	slowPart(j, func() { mu.Lock() })
	mu.Unlock()
}

func handleNetwork(j *Journal) {
	client, server := pipe()
	defer client.Close()
	defer server.Close()
	go func() { time.Sleep(handling); server.Write([]byte{1}) }()
	slowPart(j, func() { client.Read(make([]byte, 1)) })
}

// pipe returns the two ends of a connection.
func pipe() (client, server net.Conn) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer l.Close()
	if client, err = net.Dial("tcp", l.Addr().String()); err != nil {
		panic(err)
	}
	if server, err = l.Accept(); err != nil {
		panic(err)
	}
	return client, server
}

// handleSync writes to disk. How long that takes is the disk's business; a system call
// that takes as long as the other handlers follows.
func handleSync(j *Journal) {
	f, err := os.CreateTemp("", "truth")
	if err != nil {
		panic(err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	syncFile(j, f, timespec(handling))
}

func handleReply(j *Journal) {
	reply := make(chan int)
	go func() { time.Sleep(handling); reply <- 1 }()
	slowPart(j, func() { <-reply })
}

// runSaturated has senders that give the loop more than it can do, for a good second.
func runSaturated(*Journal) {
	queue := make(chan int)
	var senders sync.WaitGroup
	for range 4 {
		senders.Go(func() {
			for i := range 400 {
				queue <- i
			}
		})
	}
	go func() { senders.Wait(); close(queue) }()
	busyLoop(queue)
}

func busyLoop(queue <-chan int) {
	for range queue {
		spin(800 * time.Microsecond)
	}
}

// runQuickLoop has a loop that is done with each event at once.
func runQuickLoop(j *Journal) {
	queue := make(chan int)
	go loopSender(j, queue, 400)
	for range queue {
	}
}

func loopPrograms() []Program {
	bad := func(name string, handle func(*Journal), at string) Program {
		return Program{Name: "loop: " + name, Run: func(j *Journal) { eventLoop(j, nil, handle) }, Figures: func(o *Outcome) []Figure {
			f := causeOf(o, finding.RuleLoopBlocked)
			return []Figure{
				Set("findings", []string{"loop-blocked " + at}, rules(o, finding.RuleContention, finding.RuleBlockingUnderLock, finding.RuleSchedLatency)),
				Nanos("time in slow handlers", o.Truth("slow handlers"), float64(f.LostNanos), blameTolerance),
				Set("loops", []string{"eventLoop"}, loopsTold(o)),
			}
		}}
	}
	quiet := func(name string, run func(*Journal), loops ...string) Program {
		return Program{Name: "loop: " + name, Run: run, Figures: func(o *Outcome) []Figure {
			return []Figure{Set("findings", nil, rules(o, finding.RuleSchedLatency)), Set("loops", loops, loopsTold(o))}
		}}
	}
	return []Program{
		bad("sleep", handleSleep, "handleSleep"),
		bad("mutex", handleLock, "handleLock"),
		bad("network", handleNetwork, "handleNetwork"),
		bad("disk", handleSync, "syncFile"),
		bad("reply", handleReply, "handleReply"),
		{Name: "loop: marked", Run: func(j *Journal) { eventLoop(j, agent.NewLoop("truth"), handleSleep) }, Figures: func(o *Outcome) []Figure {
			f := causeOf(o, finding.RuleLoopBlocked)
			return []Figure{
				Set("findings", []string{"observed loop-blocked handleSleep truth"}, certain(o)),
				Number("iterations", o.Truth("iterations"), measure(f, "iterations"), 0),
				Number("iterations over time", o.Truth("iterations"), overTime(o, "truth", "iterations"), 0),
				Set("loops", []string{"truth"}, loopsTold(o)),
				Nanos("time in slow handlers", o.Truth("slow handlers"), float64(f.LostNanos), waitTolerance),
			}
		}},
		{Name: "loop: saturated", Run: runSaturated, Figures: func(o *Outcome) []Figure {
			f := causeOf(o, finding.RuleLoopSaturated)
			return []Figure{
				Set("findings", []string{"loop-saturated busyLoop"}, rules(o, finding.RuleLoopBlocked, finding.RuleSchedLatency)),
				Nanos("senders wait, block profile", blocked(o.Block, "runSaturated.func1", "chansend"), measure(f, "others waited for it"), waitTolerance),
			}
		}},
		quiet("quick", runQuickLoop, "runQuickLoop"),
		quiet("marked and quick", func(j *Journal) { eventLoop(j, agent.NewLoop("quick"), func(*Journal) {}) }, "quick"),
		quiet("pool", func(j *Journal) {
			queue := make(chan int)
			go loopSender(j, queue, 120)
			worker := func() {
				for i := range queue {
					if i%24 == 7 {
						handleSleep(j)
					}
				}
			}
			together(worker, worker, worker)
		}),
		quiet("batch worker", func(j *Journal) {
			queue := make(chan int, 40)
			go loopSender(j, queue, 30)
			for range queue {
				handleSleep(j)
			}
		}),
	}
}

// loopsTold are the loops of the summary, by name or by the function of their home.
func loopsTold(o *Outcome) (all []string) {
	for _, l := range o.Report.Summary.Schedules[0].Loops {
		all = append(all, cmp.Or(l.Name, short(l.Home.Func)))
	}
	return all
}

// overTime sums up what is reported of a loop over time.
func overTime(o *Outcome, loop, what string) (sum float64) {
	for _, l := range o.Report.Summary.Schedules[0].Loops {
		for _, s := range l.Timeline {
			for _, v := range s.Values {
				if cmp.Or(l.Name, short(l.Home.Func)) == loop && s.Name == what {
					sum += v
				}
			}
		}
	}
	return sum
}

// certain are the findings with certainty, rule, first place and resource's name.
func certain(o *Outcome) (all []string) {
	for i, text := range rules(o) {
		f := &o.Report.Findings[i]
		all = append(all, f.Certainty.String()+" "+text+" "+f.Resources[0].Name)
	}
	return all
}
