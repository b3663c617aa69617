package tape

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"
)

// End is how a process ended.
type End uint8

// The ends of a process. Killed is one that is there no longer and left no word: SIGKILL,
// also for want of memory, or a call of the system that ends it behind the runtime's back.
const (
	Running  End = 0
	Exited   End = tapeEndExited
	Asleep   End = tapeEndAsleep   // the runtime found all goroutines asleep
	Fatal    End = tapeEndFatal    // a fatal error, such as concurrent map writes or too little memory
	Panicked End = tapeEndPanicked // a panic that nothing recovered
	TimedOut End = tapeEndTimedOut // the panic by which package testing ends tests that take too long
	Signaled End = tapeEndSignaled // SIGINT, SIGTERM, SIGQUIT and the like
	Replaced End = tapeEndReplaced // by another program, with exec
	Killed   End = 0xff
)

// end returns how the process ended, as far as is known.
func (f *File) end(head []byte) End {
	end := End(word(head, tapeWordEnd) & 0xff)
	if end == Running && (f.sawGone(head) || !f.isThere(head)) {
		return Killed
	}
	return end
}

// readEnd sets how and when the process ended.
func (f *File) readEnd(t *Tape, head []byte) {
	code := int(int32(word(head, tapeWordEnd) >> 8))
	switch t.End = f.end(head); t.End {
	case Running:
		t.Now = f.now(head)
		return
	case Killed:
		t.Now = int64(max(word(head, tapeWordGone), word(head, tapeWordBeat), uint64(f.gone)))
		return
	case Signaled:
		t.Signal = code
	default:
		t.ExitCode = code
	}
	t.Now = int64(word(head, tapeWordEndTime))
	t.EndedBy, t.Limit = word(head, tapeWordEndedBy), time.Duration(word(head, tapeWordLimit))
}

// MarkGone says that the process was there no longer at a time, and a moment before still
// was. If it left no word it ended then. It is written on the tape, if that can be, for
// commands that read it later; the first to write it knows best.
func (f *File) MarkGone(at time.Time) {
	head := f.section(0, tapeHeaderSize)
	if f.sawGone(head) || word(head, tapeWordEnd) != 0 {
		return
	}
	f.gone = int64(word(head, tapeWordStartMono)) + at.UnixNano() - int64(word(head, tapeWordStart))
	f.page.write(f.name, tapeWordGone, uint64(f.gone))
}

// IsGone reports whether the process has ended, with or without a word.
func (f *File) IsGone() bool { return f.end(f.section(0, tapeHeaderSize)) != Running }

func (f *File) sawGone(head []byte) bool { return f.gone != 0 || word(head, tapeWordGone) != 0 }

// isThere reports whether the process is there. One that counts its processes apart from
// this one, or runs elsewhere, is as long as it says so.
func (f *File) isThere(head []byte) bool {
	pid := int(word(head, tapeWordPID))
	if here, err := os.Readlink("/proc/self/ns/pid"); err == nil && here == f.text(uint32(word(head, tapeWordSpace))) {
		return isProcess(pid, f.executable(head))
	}
	now, last := f.now(head), int64(word(head, tapeWordBeat))
	rest := min(max((last-int64(word(head, tapeWordStartMono)))/tapeBeatShare, tapeBeatLeast), tapeBeatMost)
	return now-last <= 2*rest
}

// isProcess reports whether a process runs a program. What is over, but was not waited
// for, does not; another program may have got its number.
func isProcess(pid int, executable string) bool {
	runs, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/exe")
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	return executable == "" || strings.TrimSuffix(runs, " (deleted)") == executable
}

// lastSign is the time of the last thing that a tape records.
func lastSign(t *Tape) int64 {
	last := t.StartMono
	for i := range t.Goroutines {
		g := &t.Goroutines[i]
		last = max(last, g.Born)
		if g.Wait != nil {
			last = max(last, g.Wait.Since)
		}
	}
	return last
}

// BeatLeast is how often a young process says that it is there: so exactly is known when
// one was killed that no command watched.
const BeatLeast = tapeBeatLeast * time.Nanosecond
