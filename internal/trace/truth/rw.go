package truth

import (
	"sync"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// shared is an RWMutex whose users keep books.
type shared struct {
	ledger
	rw sync.RWMutex
}

func (s *shared) write(b *book, hold time.Duration) {
	b.ask()
	s.rw.Lock()
	b.acquired()
	if hold > 0 {
		time.Sleep(hold)
	}
	b.release()
	s.rw.Unlock()
}

func (s *shared) read(b *book, hold time.Duration) {
	b.ask()
	s.rw.RLock()
	b.acquired()
	if hold > 0 {
		time.Sleep(hold)
	}
	b.release()
	s.rw.RUnlock()
}

// rwUse is how long readers and writers hold the lock, and pause after it.
type rwUse struct {
	readers, reads, writers, writes            int
	readHold, readPause, writeHold, writePause time.Duration
}

func (u rwUse) run(j *Journal) {
	s := new(shared)
	var fs []func()
	for range u.readers {
		b := s.book("read")
		fs = append(fs, repeat(u.reads, func() { s.read(b, u.readHold); time.Sleep(u.readPause) }))
	}
	for range u.writers {
		b := s.book("write")
		fs = append(fs, repeat(u.writes, func() { s.write(b, u.writeHold); time.Sleep(u.writePause) }))
	}
	together(fs...)
	j.Set("read waits", total(s.waits("read")))
	j.Set("write waits", total(s.waits("write")))
}

// rwProgram compares the waits of readers and of writers with the ledger and with
// the block profile.
func rwProgram(name string, causes []string, u rwUse) Program {
	return Program{
		Name: name, Run: u.run,
		Figures: func(o *Outcome) []Figure {
			f := contentionAt(o, "(*shared).write")
			if f.Rule == "" {
				f = contentionAt(o, "(*shared).read")
			}
			read, write := waited(f, "(*shared).read", ""), waited(f, "(*shared).write", "")
			return []Figure{
				Nanos("waits", o.Truth("read waits")+o.Truth("write waits"), float64(f.LostNanos), waitTolerance),
				Nanos("waits of readers", o.Truth("read waits"), read, waitTolerance),
				Nanos("waits of writers", o.Truth("write waits"), write, waitTolerance),
				Nanos("readers parked, block profile", blocked(o.Block, "(*shared).read", "RLock"), blockedIn(o, "(*shared).read", "rwmutex read lock"), waitTolerance),
				Nanos("writers parked, block profile", blocked(o.Block, "(*shared).write", "Lock"), blockedIn(o, "(*shared).write", "rwmutex write lock"), waitTolerance),
				Set("causes", causes, rules(o, finding.RuleContention)),
			}
		},
	}
}

func rwPrograms() []Program {
	const ms = time.Millisecond
	return []Program{
		rwProgram("slow writer, many readers", []string{"blocking-under-lock (*shared).write"},
			rwUse{readers: 4, reads: 150, writers: 1, writes: 40, readPause: ms, writeHold: 5 * ms, writePause: 2 * ms}),
		rwProgram("slow readers, a writer", []string{"blocking-under-lock (*shared).read", "writer-starvation (*shared).write"},
			rwUse{readers: 3, reads: 40, writers: 1, writes: 60, readHold: 6 * ms, readPause: ms, writePause: ms}),
		rwProgram("readers alone", nil,
			rwUse{readers: 6, reads: 40, readHold: 5 * ms, readPause: ms}),
	}
}
