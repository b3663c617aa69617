package tape

import "time"

// Looks is what was asked of the collector while the process ran: which goroutines wait
// for what nothing that can still run leads to. They are Leaked.
type Looks struct {
	// Blind says why the collector of this process cannot answer; NotRefused if it can.
	Blind Refusal
	// Count is how many looks there were, Nanos what they took together.
	Count int
	Nanos int64
	// Last is when the last one ended, on the process's clock, and LastNanos what it took.
	Last, LastNanos int64
	// LastCost is the processor time of the process meanwhile, in nanoseconds: on a machine
	// that is busy a look takes much longer than it costs.
	LastCost int64
}

// Refusal is why there was no look where one was asked for.
type Refusal uint8

// The reasons.
const (
	NotRefused Refusal = 0
	Busy       Refusal = tapeLookBusy   // the program makes progress
	Soon       Refusal = tapeLookSoon   // the last one was a moment ago, for what it took
	Large      Refusal = tapeLookLarge  // the heap is too large
	Off        Refusal = tapeLookOff    // the program has switched the collector off
	Ending     Refusal = tapeLookEnding // the process is about to end
	Old        Refusal = tapeLookOld    // before Go 1.26 the collector does not answer
	Cannot     Refusal = tapeLookCannot // goroutines cannot be stopped: GODEBUG=asyncpreemptoff=1
)

func looksOf(head []byte) Looks {
	return Looks{
		Blind: Refusal(word(head, tapeWordBlind)), Count: int(word(head, tapeWordLooks)), Nanos: int64(word(head, tapeWordLookSum)),
		Last: int64(word(head, tapeWordLookTime)), LastNanos: int64(word(head, tapeWordLookNanos)),
		LastCost: int64(word(head, tapeWordLookCost)),
	}
}

// IsReached reports whether the last look began when the goroutine waited already, and
// found that a goroutine which can run, or a timer, leads to what it waits for.
func (t *Tape) IsReached(g *Goroutine) bool {
	began := t.Looks.Last - t.Looks.LastNanos
	return t.Looks.Count > 0 && g.Wait != nil && g.Wait.Since < began && !g.Leaked && !g.OnlyGlobals
}

// Watch says that a reader watches the process and asks where it is worth it: else the
// process looks by itself when goroutines have waited for long and nothing else happens.
// It is no harm if that is not possible.
func (f *File) Watch() { f.page.write(f.name, tapeWordWatched, 1) }

// Ask asks the process for a look. It returns at once; see Answer. A program that makes
// progress does not look, unless the reader insists: it knows goroutines that hang, for
// all that it can say.
func (f *File) Ask(insist bool) error {
	var flags uint32
	if insist {
		flags = tapeAskInsist
	}
	request, err := f.page.ask(f.name, flags)
	if err == nil {
		f.asked = request
	}
	return err
}

// Answer reports whether the process has answered the last request, with a look or, if
// why is not NotRefused, without one.
func (f *File) Answer() (why Refusal, answered bool) {
	answer := word(f.section(0, tapeHeaderSize), tapeWordAnswered)
	return Refusal(answer >> 32), f.asked != 0 && uint32(answer) == f.asked
}

// AwaitAnswer waits for the answer for a while.
func (f *File) AwaitAnswer(most time.Duration) (why Refusal, answered bool) {
	for rest := time.Millisecond; ; rest *= 2 {
		if why, answered = f.Answer(); answered || most <= 0 {
			return why, answered
		}
		time.Sleep(min(rest, most))
		most -= rest
	}
}
