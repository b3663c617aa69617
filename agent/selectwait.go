package agent

import (
	"reflect"
	"time"
)

// The cases that one select statement has room for. Channels that are nil cost it
// next to nothing.
const (
	armsAgent = 8 // agent's channels, in either direction
	armsDone  = 2 // plain channels of struct{}
	armsTimer = 2 // plain channels of time.Time
)

// arms are the cases of a Select in the form of a select statement with a fixed
// number of cases, where those that are not there have nil channels.
type arms struct {
	receive, send [armsAgent]chan *message
	messages      [armsAgent]*message
	done          [armsDone]<-chan struct{}
	timer         [armsTimer]<-chan time.Time
	agents        [armsAgent]int // index of the case
	dones         [armsDone]int
	timers        [armsTimer]int
	nAgent, nDone int
	nTimer        int
	received      *message
	ok            bool
	at            time.Time
}

// selectWaiting waits until one of the cases is ready and makes it happen.
//
//go:noinline
func selectWaiting(g *goroutine, cases []Case) (chosen int) {
	if len(cases) == 0 {
		select {}
	}
	if !canBeReady(cases) {
		waitForNil(opSelect)
	}
	chosen = -1
	blockCases(g, cases)
	defer func() {
		g.Unblock()
		if chosen < 0 {
			sendCasesPanic(cases)
		}
	}()
	var a arms
	if !a.fit(g, cases) {
		chosen = selectReflected(g, cases)
		return chosen
	}
	i := a.wait()
	a.finish(g, cases, i)
	chosen = i
	return chosen
}

// canBeReady reports whether a case can ever be ready.
func canBeReady(cases []Case) bool {
	for i := range cases {
		if cases[i].way != nil {
			return true
		}
	}
	return false
}

// fit puts the cases into arms, and reports whether there is room.
func (a *arms) fit(g *goroutine, cases []Case) bool {
	for i := range cases {
		switch w := cases[i].way.(type) {
		case nil:
		case packer:
			if a.nAgent == armsAgent {
				return false
			}
			if cases[i].kind == kindSend {
				a.send[a.nAgent] = cases[i].pipe.items
			} else {
				a.receive[a.nAgent] = cases[i].pipe.items
			}
			a.agents[a.nAgent] = i
			a.nAgent++
		case source[struct{}]:
			if a.nDone == armsDone {
				return false
			}
			a.done[a.nDone], a.dones[a.nDone] = w, i
			a.nDone++
		case source[time.Time]:
			if a.nTimer == armsTimer {
				return false
			}
			a.timer[a.nTimer], a.timers[a.nTimer] = w, i
			a.nTimer++
		default:
			return false
		}
	}
	for i := range a.nAgent {
		if c := &cases[a.agents[i]]; c.kind == kindSend {
			a.messages[i] = c.way.(packer).packAt(g, c.at)
		}
	}
	return true
}

// wait is the select statement. It returns the index of the case that happened.
func (a *arms) wait() int {
	r, s, p, to := &a.receive, &a.send, &a.messages, &a.received
	select {
	case *to, a.ok = <-r[0]:
		return a.agents[0]
	case *to, a.ok = <-r[1]:
		return a.agents[1]
	case *to, a.ok = <-r[2]:
		return a.agents[2]
	case *to, a.ok = <-r[3]:
		return a.agents[3]
	case *to, a.ok = <-r[4]:
		return a.agents[4]
	case *to, a.ok = <-r[5]:
		return a.agents[5]
	case *to, a.ok = <-r[6]:
		return a.agents[6]
	case *to, a.ok = <-r[7]:
		return a.agents[7]
	case s[0] <- p[0]:
		return a.agents[0]
	case s[1] <- p[1]:
		return a.agents[1]
	case s[2] <- p[2]:
		return a.agents[2]
	case s[3] <- p[3]:
		return a.agents[3]
	case s[4] <- p[4]:
		return a.agents[4]
	case s[5] <- p[5]:
		return a.agents[5]
	case s[6] <- p[6]:
		return a.agents[6]
	case s[7] <- p[7]:
		return a.agents[7]
	case _, a.ok = <-a.done[0]:
		return a.dones[0]
	case _, a.ok = <-a.done[1]:
		return a.dones[1]
	case a.at, a.ok = <-a.timer[0]:
		return a.timers[0]
	case a.at, a.ok = <-a.timer[1]:
		return a.timers[1]
	}
}

// finish gives the case that happened what it received, and takes back the messages
// of the others.
func (a *arms) finish(g *goroutine, cases []Case, chosen int) {
	for i := range a.nAgent {
		if j := a.agents[i]; j != chosen && cases[j].kind == kindSend {
			cases[j].way.(packer).drop(a.messages[i])
		}
	}
	c := &cases[chosen]
	if c.kind != kindReceive {
		return
	}
	switch w := c.way.(type) {
	case packer:
		w.unpackAt(g, a.received, a.ok, c.at)
	case source[time.Time]:
		if c.at != nil {
			*(*time.Time)(c.at) = a.at
		}
	}
	if c.ok != nil {
		*c.ok = a.ok
	}
}

// selectReflected is for cases that fit into no arms: it allocates.
func selectReflected(g *goroutine, cases []Case) (chosen int) {
	list := make([]reflect.SelectCase, len(cases))
	for i := range cases {
		list[i] = cases[i].reflected(g)
	}
	chosen, v, ok := reflect.Select(list)
	c := &cases[chosen]
	if c.kind != kindReceive {
		return chosen
	}
	if w, agents := c.way.(packer); agents {
		p, _ := v.Interface().(*message)
		w.unpackAt(g, p, ok, c.at)
	} else {
		c.way.(plain).keep(v, c.at)
	}
	if c.ok != nil {
		*c.ok = ok
	}
	return chosen
}

func (c *Case) reflected(g *goroutine) reflect.SelectCase {
	if c.way == nil {
		return reflect.SelectCase{Dir: reflect.SelectRecv} // never ready
	}
	r := reflect.SelectCase{Dir: reflect.SelectRecv}
	if c.kind == kindSend {
		r.Dir = reflect.SelectSend
	}
	switch w := c.way.(type) {
	case packer:
		r.Chan = reflect.ValueOf(c.pipe.items)
		if c.kind == kindSend {
			r.Send = reflect.ValueOf(w.packAt(g, c.at))
		}
	case plain:
		r.Chan = w.channel()
		if c.kind == kindSend {
			r.Send = w.element(c.at)
		}
	}
	return r
}
