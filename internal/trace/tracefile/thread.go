package tracefile

import (
	"errors"

	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

var errClock = errors.New("its clock runs over more than 30 days")

// batch is a piece of what one thread wrote.
type batch struct {
	time uint64 // in ticks
	data []byte // with slack in its capacity
}

// thread is an operating system's thread: what it does, and a cursor over what it
// wrote in this generation.
type thread struct {
	cutter // of the batch that is being read, at the arguments of the next event
	// time and kind are the next event's.
	time int64
	kind kind
	// known says that an event of the thread was looked at or a status named it.
	known bool
	// none is the thread that is no thread: the tracer writes in its name what it
	// knows of goroutines that have none.
	none bool
	// dense numbers the threads in the order of the stream, from 1; 0 until it is in it.
	dense uint32

	id      uint64
	batches []batch // those not yet begun
	next    int

	// slot and g are the goroutine that it runs or that is in a system call on it, 0 if
	// there is none.
	slot stream.GID
	g    uint64
	proc *proc // never nil
}

// proc is a processor of the Go scheduler.
type proc struct {
	id     uint64
	seq    uint64
	gen    uint32
	status procStatus
	sweeps bool
}

type procStatus uint8

// The statuses have the format's own numbers.
const (
	procNone procStatus = iota
	procRunning
	procIdle
	procSyscall
	procAbandoned // in a system call, but not known on which thread
)

// succeeds reports whether the number is the next of the processor's.
func (p *proc) succeeds(gen uint32, seq uint64) bool { return p.gen == gen && seq == p.seq+1 }

// advance moves to the next event. It returns false if the thread has none in this generation.
func (m *thread) advance(g *generation) (bool, error) {
	for m.pos >= m.end {
		if m.pos > m.end {
			return false, errVarint
		}
		if m.next == len(m.batches) {
			return false, nil
		}
		b := m.batches[m.next]
		m.next++
		m.data, m.pos, m.end = b.data[:cap(b.data)], 0, len(b.data)
		if m.time = g.nanos(b.time); m.time < 0 {
			return false, errClock
		}
	}
	if m.end-m.pos < slack {
		if err := m.fits(); err != nil {
			return false, err
		}
	}
	m.kind = kind(m.data[m.pos])
	m.pos++
	t := m.time + int64(float64(int64(m.uvarint()))*g.tick)
	if t < m.time {
		return false, errClock
	}
	m.time = t
	return true, nil
}

// fits looks at the whole next event near the end of a batch, so that it is
// not necessary elsewhere.
func (m *thread) fits() error {
	k := kind(m.data[m.pos])
	if arguments[k] == 0 {
		return nil // is refused later
	}
	c := m.cutter
	c.pos++
	for range arguments[k] {
		c.uvarint()
	}
	if c.pos > c.end {
		return errVarint
	}
	return nil
}

// rewind begins the thread's batches of a generation.
func (m *thread) rewind() { m.pos, m.end, m.next, m.time = 0, 0, 0, 0 }

// entry is a thread with the time of its next event.
type entry struct {
	time int64
	m    *thread
}

// frontier is a min-heap of the threads that have events left, by the next one's time.
type frontier []entry

func (f *frontier) push(m *thread) {
	*f = append(*f, entry{m.time, m})
	f.up(len(*f) - 1)
}

// fix restores the order after the thread at i has moved on.
func (f frontier) fix(i int) {
	f[i].time = f[i].m.time
	if f.up(i) == i {
		f.down(i)
	}
}

// remove takes the thread at i out.
func (f *frontier) remove(i int) {
	h := *f
	for ; i > 0; i = (i - 1) / 2 {
		h[i] = h[(i-1)/2]
	}
	last := len(h) - 1
	h[0] = h[last]
	h[last] = entry{}
	*f = h[:last]
	f.down(0)
}

func (f frontier) up(i int) int {
	for i > 0 && f[(i-1)/2].time > f[i].time {
		f[(i-1)/2], f[i] = f[i], f[(i-1)/2]
		i = (i - 1) / 2
	}
	return i
}

func (f frontier) down(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(f); child++ {
			if f[child].time < f[least].time {
				least = child
			}
		}
		if least == i {
			return
		}
		f[i], f[least] = f[least], f[i]
		i = least
	}
}

// second is the earliest time of the threads but the first: until then the first
// stays the first.
func (f frontier) second() int64 {
	switch len(f) {
	case 0, 1:
		return forever
	case 2:
		return f[1].time
	}
	return min(f[1].time, f[2].time)
}
