//go:build !concdoctor_off

package detect_test

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect"
)

// These exist for their names: they are the sites of findings.

//go:noinline
func sendHere(c agent.Chan[int]) { c.Send(1) }

//go:noinline
func receiveHere(c agent.Chan[int]) { c.Recv() }

//go:noinline
func receiveThere(c agent.Chan[int]) { c.Recv() }

//go:noinline
func closeHere(c agent.Chan[int]) { c.Close() }

//go:noinline
func closeThere(c agent.Chan[int]) { c.Close() }

//go:noinline
func selectHere(cases ...agent.Case) int { return agent.Select(cases...) }

// scene is a scenario with channels: run starts its goroutines and ends, so that
// the goroutine that made the channels has ended, and returns the functions in which they wait.
type scene struct {
	name string
	run  func() (waiting []string)
	want []brief
	// channels is how many of the finding's resources are channels.
	channels int
}

// play runs a scene and returns what was found once all its goroutines wait. If it
// must find something it gives goroutines that are about to end the time to do so.
func play(t *testing.T, run func() []string, must bool) (found []finding.Finding) {
	t.Helper()
	detect.ResetForTest(t)
	before := make(map[string]int)
	for _, f := range waitingFunctions() {
		before[f]++ // left by earlier scenes: they hang for ever
	}
	started := make(chan []string)
	go func() { started <- run() }()
	for _, f := range <-started {
		before[f]++
	}
	for !containsAll(waitingFunctions(), before) {
		runtime.Gosched()
	}
	for deadline := time.Now().Add(30 * time.Second); ; runtime.Gosched() {
		detect.ScanThoroughly()
		for _, f := range agent.Findings() {
			if f.Rule != "lock-cycle" {
				found = append(found, f)
			}
		}
		if found != nil || !must || time.Now().After(deadline) {
			return found
		}
	}
}

func containsAll(have []string, want map[string]int) bool {
	count := make(map[string]int)
	for _, f := range have {
		count[f]++
	}
	for f, n := range want {
		if count[f] < n {
			return false
		}
	}
	return true
}

func waitingFunctions() (functions []string) {
	for _, s := range detect.WaitStacks() {
		functions = append(functions, short(s))
	}
	return functions
}

func channelBriefs(all []finding.Finding) (out []brief, channels int) {
	for _, f := range all {
		b := brief{Rule: f.Rule, Certainty: f.Certainty.String()}
		for _, g := range f.Goroutines {
			for _, h := range g.Holds {
				b.Holds = append(b.Holds, short(h.Stack))
			}
			if g.Wait != nil {
				b.Waits = append(b.Waits, short(g.Wait.Stack))
			}
		}
		slices.Sort(b.Holds)
		slices.Sort(b.Waits)
		out = append(out, b)
		for _, r := range f.Resources {
			if r.Kind == finding.Channel {
				channels++
			}
		}
	}
	return out, channels
}

// alone runs the test in a process of its own, where no other test has left a goroutine
// that might be waited for, and reports whether this is that process.
func alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv(aloneVariable) != "" {
		return true
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), aloneVariable+"=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

const aloneVariable = "CONCDOCTOR_TEST_ALONE"

// The receiver of this one has used its side, and others that never did are awake.
func TestChannelDeadlockWhileOthersAreAwake(t *testing.T) {
	var mu agent.Mutex
	c, end := agent.MakeChan[int](1), make(chan bool)
	held := make(chan bool)
	defer close(end)
	found := play(t, func() []string {
		go func() {
			c.Recv()
			<-held
			takeSecond(&mu)
			c.Recv()
		}()
		go func() {
			takeFirst(&mu)
			c.Send(0)
			c.Send(0)
			close(held)
			sendHere(c)
		}()
		go func() {
			select { // a select may wait for time
			case <-end:
			case <-time.After(time.Hour):
			}
		}()
		return []string{"takeSecond", "sendHere"}
	}, true)
	got, _ := channelBriefs(found)
	want := []brief{{"deadlock", "potential", []string{"takeFirst"}, []string{"sendHere", "takeSecond"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestChannelDeadlocksAreReported(t *testing.T) {
	if !detect.KnowsCreators {
		t.Skip("without fast ids nobody knows whose child a goroutine is, and no census is believed")
	}
	if !alone(t) {
		return
	}
	for _, s := range []scene{
		{"mutex held across a receive, the sender needs it", func() []string {
			var mu agent.Mutex
			c := agent.MakeChan[int](0)
			held := make(chan bool)
			go func() {
				c.Send(0)
				<-held
				takeSecond(&mu)
				c.Send(1)
			}()
			go func() {
				c.Recv()
				takeFirst(&mu)
				close(held)
				receiveHere(c)
			}()
			return []string{"takeSecond", "receiveHere"}
		}, []brief{{"deadlock", "potential", []string{"takeFirst"}, []string{"receiveHere", "takeSecond"}}}, 1},
		{"mutex held across a send, the receiver needs it", func() []string {
			var mu agent.Mutex
			c := agent.MakeChan[int](1)
			held := make(chan bool)
			go func() {
				c.Recv()
				<-held
				takeSecond(&mu)
				c.Recv()
			}()
			go func() {
				takeFirst(&mu)
				c.Send(0)
				c.Send(0)
				close(held)
				sendHere(c)
			}()
			return []string{"takeSecond", "sendHere"}
		}, []brief{{"deadlock", "potential", []string{"takeFirst"}, []string{"sendHere", "takeSecond"}}}, 1},
		{"the sender never came to its first send", func() []string {
			var mu agent.Mutex
			c := agent.MakeChan[int](0)
			held := make(chan bool)
			go func() {
				<-held
				takeSecond(&mu)
				c.Send(1)
			}()
			go func() {
				takeFirst(&mu)
				close(held)
				receiveHere(c)
			}()
			return []string{"takeSecond", "receiveHere"}
		}, []brief{{"deadlock", "suspected", []string{"takeFirst"}, []string{"receiveHere", "takeSecond"}}}, 1},
		{"mutex held in a select of channels", func() []string {
			var mu agent.Mutex
			c, d := agent.MakeChan[int](0), agent.MakeChan[int](0)
			held := make(chan bool)
			go func() {
				c.Send(0)
				d.Send(0)
				<-held
				takeSecond(&mu)
			}()
			go func() {
				c.Recv()
				d.Recv()
				takeFirst(&mu)
				close(held)
				selectHere(c.OnRecv(nil), d.OnRecv(nil))
			}()
			return []string{"takeSecond", "selectHere"}
		}, []brief{{"deadlock", "potential", []string{"takeFirst"}, []string{"selectHere", "takeSecond"}}}, 2},
		{"ring of two receivers", func() []string {
			c, d := agent.MakeChan[int](0), agent.MakeChan[int](0)
			go func() {
				c.Send(0)
				receiveHere(d)
				c.Send(0)
			}()
			go func() {
				c.Recv()
				receiveThere(c)
				d.Send(0)
			}()
			return []string{"receiveHere", "receiveThere"}
		}, []brief{{"deadlock", "suspected", nil, []string{"receiveHere", "receiveThere"}}}, 2},
		{"ring of two senders", func() []string {
			c, d := agent.MakeChan[int](0), agent.MakeChan[int](0)
			go func() {
				c.Send(0)
				d.Recv()
				sendHere(c)
			}()
			go func() {
				c.Recv()
				d.Send(0)
				sendHere(d)
			}()
			return []string{"sendHere", "sendHere"}
		}, []brief{{"deadlock", "potential", nil, []string{"sendHere", "sendHere"}}}, 2},
		{"the only receiver ended", func() []string {
			c := agent.MakeChan[int](0)
			go func() {
				c.Send(0)
				sendHere(c)
			}()
			go c.Recv()
			return []string{"sendHere"}
		}, []brief{{"stuck", "potential", nil, []string{"sendHere"}}}, 1},
		{"the only sender ended without a close", func() []string {
			c := agent.MakeChan[int](0)
			go func() {
				c.Recv()
				receiveHere(c)
			}()
			go c.Send(0)
			return []string{"receiveHere"}
		}, []brief{{"stuck", "suspected", nil, []string{"receiveHere"}}}, 1},
	} {
		t.Run(s.name, func(t *testing.T) {
			got, channels := channelBriefs(play(t, s.run, true))
			if diff := cmp.Diff(s.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if channels != s.channels {
				t.Errorf("%d channels named, want %d", channels, s.channels)
			}
		})
	}
}

// In each of these a goroutine can still go on: the last function lets all of them end.
func TestChannelWaitsThatEndAreSilent(t *testing.T) {
	for _, s := range []struct {
		name string
		run  func() (waiting []string, end func())
	}{
		{"idle pool whose maker is alive", func() ([]string, func()) {
			jobs := agent.MakeChan[int](0)
			for range 3 {
				go func() {
					for receiveOK(jobs) {
					}
				}()
			}
			jobs.Send(1)
			return []string{"receiveOK", "receiveOK", "receiveOK"}, jobs.Close
		}},
		{"slow consumer with a full channel", func() ([]string, func()) {
			c, goOn := agent.MakeChan[int](2), make(chan bool)
			go func() {
				for range 3 {
					c.Send(0)
				}
				sendHere(c)
			}()
			go func() {
				c.Recv()
				<-goOn
				for range 3 {
					c.Recv()
				}
			}()
			return []string{"sendHere"}, func() { close(goOn) }
		}},
		{"pipeline with back-pressure", func() ([]string, func()) {
			a, b, goOn := agent.MakeChan[int](0), agent.MakeChan[int](0), make(chan bool)
			go func() {
				defer a.Close()
				for range 3 {
					sendHere(a)
				}
			}()
			go func() {
				defer b.Close()
				for range a.All() {
					sendHere(b)
				}
			}()
			go func() {
				b.Recv()
				<-goOn
				for range b.All() {
				}
			}()
			return []string{"sendHere", "sendHere"}, func() { close(goOn) }
		}},
		{"request and reply", func() ([]string, func()) {
			type request struct{ reply agent.Chan[int] }
			requests, goOn := agent.MakeChan[request](0), make(chan bool)
			go func() {
				for r := range requests.All() {
					<-goOn
					r.reply.Send(1)
				}
			}()
			var clients sync.WaitGroup
			for range 3 {
				clients.Go(func() {
					r := request{agent.MakeChan[int](0)}
					requests.Send(r)
					receiveHere(r.reply)
				})
			}
			return []string{"receiveHere"}, func() {
				close(goOn)
				clients.Wait()
				requests.Close()
			}
		}},
		{"a select that has a plain channel too", func() ([]string, func()) {
			c, mu := agent.MakeChan[int](0), new(agent.Mutex)
			ctx, cancel := context.WithCancel(context.Background())
			held := make(chan bool)
			go func() {
				c.Send(0)
				<-held
				takeSecond(mu)
				mu.Unlock()
			}()
			go func() {
				c.Recv()
				takeFirst(mu)
				close(held)
				selectHere(c.OnRecv(nil), agent.OnRecv(ctx.Done(), nil))
				mu.Unlock()
			}()
			return []string{"takeSecond", "selectHere"}, cancel
		}},
		{"context-aware calls", func() ([]string, func()) {
			c := agent.MakeChan[int](0)
			ctx, cancel := context.WithCancel(context.Background())
			go func() { _ = sendContextHere(ctx, c); _ = sendContextHere(ctx, agent.Chan[int]{}) }()
			return []string{"sendContextHere"}, cancel
		}},
		{"a ticker", func() ([]string, func()) {
			ticker, stop := time.NewTicker(time.Hour), agent.MakeChan[bool](0)
			go selectHere(agent.OnRecv(ticker.C, nil), stop.OnRecv(nil))
			return []string{"selectHere"}, stop.Close
		}},
		{"a generator that nobody asks any more, its maker alive", func() ([]string, func()) {
			c := agent.MakeChan[int](0)
			go func() {
				c.Send(0)
				sendHere(c)
			}()
			for range c.All() {
				break
			}
			return []string{"sendHere"}, func() { c.Recv() }
		}},
		{"a select without cases and nil channels in a select", func() ([]string, func()) {
			var none agent.Chan[int]
			c, v := agent.MakeChan[int](0), 0
			go selectHere(none.OnRecv(nil), none.OnSend(&v), c.OnRecv(nil))
			return []string{"selectHere"}, c.Close
		}},
		{"two actors without work", func() ([]string, func()) {
			a, b := agent.MakeChan[int](0), agent.MakeChan[int](0)
			go func() {
				b.Send(0)
				receiveHere(a)
			}()
			go func() {
				b.Recv()
				receiveHere(b)
			}()
			return []string{"receiveHere", "receiveHere"}, func() { a.Send(0); b.Send(0) }
		}},
		{"a lock held by one that waits for one who sleeps", func() ([]string, func()) {
			c, mu, goOn := agent.MakeChan[int](0), new(agent.Mutex), make(chan bool)
			go func() {
				takeFirst(mu)
				receiveHere(c)
				mu.Unlock()
			}()
			go func() {
				c.Send(0) // the first of two
				<-goOn
			}()
			return nil, func() { close(goOn) }
		}},
	} {
		t.Run(s.name, func(t *testing.T) {
			before, goOn := len(detect.WaitStacks()), make(chan bool)
			for _, f := range play(t, func() []string {
				waiting := make(chan []string)
				go func() {
					functions, end := s.run()
					waiting <- functions
					<-goOn // the goroutine that made the channels is alive
					end()
				}()
				return <-waiting
			}, false) {
				t.Errorf("found %s", f.Headline())
			}
			close(goOn)
			for len(detect.WaitStacks()) > before {
				runtime.Gosched()
			}
		})
	}
}

//go:noinline
func receiveOK(c agent.Chan[int]) bool {
	_, ok := c.RecvOK()
	return ok
}

//go:noinline
func sendContextHere(ctx context.Context, c agent.Chan[int]) error { return c.SendContext(ctx, 1) }
