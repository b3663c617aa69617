//go:build !concdoctor_off

package detect_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect"
)

//go:noinline
func selectSendHere(c agent.Chan[int]) {
	v := 1
	agent.Select(c.OnSend(&v), agent.Default())
}

// misuse is what the tests compare of a finding.
type misuse struct {
	Rule      finding.RuleID
	Certainty string
	Sites     []string // what each goroutine did, where
	Channels  int
}

func misuses(all []finding.Finding) (out []misuse) {
	for _, f := range all {
		m := misuse{Rule: f.Rule, Certainty: f.Certainty.String()}
		for _, g := range f.Goroutines {
			if g.Wait != nil {
				m.Sites = append(m.Sites, string(g.Wait.Mode)+" "+short(g.Wait.Stack))
			} else {
				m.Sites = append(m.Sites, g.State+" "+short(g.Stack))
			}
		}
		for _, r := range f.Resources {
			if r.Kind == finding.Channel {
				m.Channels++
			}
		}
		out = append(out, m)
	}
	return out
}

func TestMisuseOfChannels(t *testing.T) {
	closed := func(room int) agent.Chan[int] {
		c := agent.MakeChan[int](room)
		closeHere(c)
		return c
	}
	for _, tt := range []struct {
		name string
		run  func() (panics any)
		want []misuse
	}{
		{"send after the close", func() any {
			return recovered(func() { sendHere(closed(1)) })
		}, []misuse{{"send-on-closed", "observed", []string{"sends sendHere", "closed it closeHere"}, 1}}},
		{"select after the close", func() any {
			return recovered(func() { selectSendHere(closed(0)) })
		}, []misuse{{"send-on-closed", "observed", []string{"sends selectSendHere", "closed it closeHere"}, 1}}},
		{"second close", func() any {
			return recovered(func() { closeThere(closed(0)) })
		}, []misuse{{"double-close", "observed", []string{"closes it again closeThere", "closed it closeHere"}, 1}}},
		{"a close by the side, after everything was received", func() any {
			c := agent.MakeChan[int](1)
			c.Send(1)
			closeHere(c)
			receiveHere(c)
			receiveHere(c)
			return nil
		}, nil},
		{"close of a nil channel", func() any {
			return recovered(func() { agent.Chan[int]{}.Close() })
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			detect.ResetForTest(t)
			panics := tt.run()
			if got := misuses(held(t)); cmp.Diff(tt.want, got) != "" {
				t.Errorf("findings (-want +got):\n%s", cmp.Diff(tt.want, got))
			}
			if tt.want != nil && panics == nil {
				t.Error("no panic")
			}
		})
	}
}

func TestNilChannelsAreReported(t *testing.T) {
	var none agent.Chan[int]
	for _, tt := range []struct {
		name string
		wait func()
		site string
	}{
		{"send", func() { sendHere(none) }, "send sendHere"},
		{"receive", func() { receiveHere(none) }, "receive receiveHere"},
		{"select", func() { selectHere(none.OnRecv(nil), agent.OnRecv[int](nil, nil)) }, "select selectHere"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			detect.ResetForTest(t)
			hang(t, tt.wait)
			want := []misuse{{"nil-channel", "potential", []string{tt.site}, 1}}
			detect.ScanThoroughly() // it is not stuck besides
			if diff := cmp.Diff(want, misuses(held(t))); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// One that waits on a nil channel with a lock in its hands keeps others from it.
func TestNilChannelUnderALock(t *testing.T) {
	var mu agent.Mutex
	held := make(chan bool)
	found := play(t, func() []string {
		go func() {
			takeFirst(&mu)
			close(held)
			receiveHere(agent.Chan[int]{})
		}()
		go func() {
			<-held
			takeSecond(&mu)
		}()
		return []string{"receiveHere", "takeSecond"}
	}, true)
	var rules []finding.RuleID
	for _, f := range found {
		rules = append(rules, f.Rule)
	}
	detect.ScanThoroughly()
	for _, f := range agent.Findings() {
		if f.Rule == "stuck" && len(f.Goroutines) == 2 && f.Goroutines[1].Beside {
			return
		}
	}
	t.Errorf("found %v, nothing of the one that hangs with it", rules)
}
