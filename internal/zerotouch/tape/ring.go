package tape

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// readPast reads the records of the past: the first of each stack, then those of the ring,
// in each part the oldest first.
func (f *File) readPast(t *Tape, head []byte) {
	r := &ringReader{f: f, t: t, tests: make(map[testKey]int)}
	var first, ring course
	r.course = &first
	r.block(f.section(tapeFirst, int(min(word(head, tapeWordFirst), tapeFirstSize))), 0)
	r.course = &ring
	r.ring(word(head, tapeWordRing))
	t.dateBirths(&first, &ring)
	t.Dropped = int64(max(word(head, tapeWordRecords), r.count) - r.count)
}

func (r *ringReader) ring(end uint64) {
	begin := uint64(0)
	if end > tapeRingSize {
		// The block that is written now lies where the oldest was.
		begin = (end/tapeRingBlock + 1) * tapeRingBlock
		begin -= tapeRingSize
	}
	block := make([]byte, tapeRingBlock)
	for at := begin; at < end; at += tapeRingBlock {
		n := min(end-at, tapeRingBlock)
		r.f.fill(block[:n], tapeRing+int64(at%tapeRingSize))
		r.block(block[:n], at)
	}
}

type testKey struct {
	goroutine uint64
	name      string
}

type ringReader struct {
	f      *File
	t      *Tape
	count  uint64
	tests  map[testKey]int // running: index in t.Tests
	course *course         // of the part that is read
}

// block reads the records of a block that lies at a place in the endless ring. A record
// that is not complete is stepped over: each word could be the next one's first, which
// its own place in it shows that.
func (r *ringReader) block(b []byte, at uint64) {
	for i := 0; i+8*tapeRecordHeaderWords <= len(b); {
		header := word(b[i:], 0)
		size := 8 * int(header&0xfff)
		if header>>20 != (at+uint64(i))/8&(1<<44-1) || size < 8*tapeRecordHeaderWords || size > len(b)-i || at+uint64(i) == 0 && header == 0 {
			i += 8
			continue
		}
		r.record(header>>12&0xff, b[i:i+size], at+uint64(i))
		i += size
	}
}

// minWords is how long a record of a kind is at least.
var minWords = map[uint64]int{
	tapeRecordDependency: tapeRecordHeaderWords + tapeRecordDepWords,
	tapeRecordUse:        tapeRecordHeaderWords + tapeRecordUseWords,
	tapeRecordMisuse:     tapeRecordHeaderWords + tapeRecordMisuseWords,
	tapeRecordBegin:      tapeRecordHeaderWords,
	tapeRecordEnd:        tapeRecordHeaderWords + 1,
	tapeRecordBirth:      tapeRecordHeaderWords + tapeRecordBirthWords,
	tapeRecordRace:       tapeRaceLists,
}

func (r *ringReader) record(kind uint64, b []byte, at uint64) {
	n, ok := minWords[kind]
	if !ok || len(b) < 8*n {
		return
	}
	r.count++
	goroutine, now := word(b, 1), int64(word(b, 2))
	test, _ := r.f.test(half(b, 6))
	stack := half(b, 7)
	r.course.add(at, now)
	switch kind {
	case tapeRecordDependency:
		r.dependency(b, Dependency{Goroutine: goroutine, Time: now, Test: test, Stack: r.f.stack(stack)})
	case tapeRecordUse:
		what, id := word(b, 4), word(b, 5)
		u := Use{
			Goroutine: goroutine, Time: now, Test: test, Stack: r.f.stack(stack),
			Object: objectOf(what, id&0xffffffff), Side: Side(what & 0xff),
		}
		if u.Side >= Ordering {
			u.Number, u.Others = uint32(id>>32)&ManyMessages, id>>32&tapeMessageOthers != 0
			for at := tapeRecordHeaderWords + tapeRecordUseWords; 8*(at+1) <= len(b); at++ {
				u.Transfers = append(u.Transfers, Block{word(b, at) >> 16, word(b, at) & 0xffff * 16})
			}
		}
		r.t.Uses = append(r.t.Uses, u)
		r.closeOf(b, &u)
	case tapeRecordBirth:
		r.t.Births = append(r.t.Births, Birth{Goroutine: goroutine, After: word(b, 4), Before: int64(word(b, 5))})
	case tapeRecordRace:
		r.race(b, goroutine, now, test)
	case tapeRecordMisuse:
		r.misuse(b, Misuse{Goroutine: goroutine, Time: now, Test: test, Stack: r.f.stack(stack)})
	case tapeRecordBegin:
		key := testKey{goroutine, test}
		r.tests[key] = len(r.t.Tests)
		r.t.Tests = append(r.t.Tests, Test{Name: test, Goroutine: goroutine, Begin: now})
	case tapeRecordEnd:
		if i, ok := r.tests[testKey{goroutine, test}]; ok {
			r.t.Tests[i].End, r.t.Tests[i].Failed = now, word(b, 4) != 0
			delete(r.tests, testKey{goroutine, test})
		}
	}
}

// closeOf adds the close that a goroutine has seen, if the record has it.
func (r *ringReader) closeOf(b []byte, saw *Use) {
	const at = tapeRecordHeaderWords + tapeRecordUseWords
	if saw.Side != SawClosed || len(b) < 8*(at+tapeRecordCloseWords) {
		return
	}
	test, _ := r.f.test(half(b, 2*(at+2)))
	r.t.Uses = append(r.t.Uses, Use{
		Goroutine: word(b, at), Time: int64(word(b, at+1)), Test: test, Stack: r.f.stack(half(b, 2*(at+2)+1)),
		Object: saw.Object, Side: Close,
	})
}

func (r *ringReader) dependency(b []byte, d Dependency) {
	what := word(b, 4)
	d.Lock, d.Mode, d.Try = objectOf(what, word(b, 5)), lockorder.Mode(what&tapeModeShared), what&tapeModeTry != 0
	d.Parent, d.Created, d.Born = word(b, 6), r.f.created(half(b, 14)).by, int64(word(b, 8))
	for at := tapeRecordHeaderWords + tapeRecordDepWords; 8*(at+2) <= len(b); at += 2 {
		what, how := word(b, at), word(b, at+1)
		d.Held = append(d.Held, Hold{Object: objectOf(what, how>>32), Mode: lockorder.Mode(what & tapeModeShared), Stack: r.f.stack(uint32(how))})
	}
	r.t.Dependencies = append(r.t.Dependencies, d)
}

// rules are the rules that a misuse may be of.
var rules = [...]finding.RuleID{
	tapeRuleSendOnClosed:  finding.RuleSendOnClosed,
	tapeRuleDoubleClose:   finding.RuleDoubleClose,
	tapeRuleForeignUnlock: finding.RuleForeignUnlock,
	tapeRuleWaitGroup:     finding.RuleWaitGroupMisuse,
	tapeRuleAbandonedLock: finding.RuleAbandonedLock,
	tapeRuleNilChannel:    finding.RuleNilChannel,

	tapeRuleSignalWithoutLock: finding.RuleSignalWithoutLock,
}

func (r *ringReader) misuse(b []byte, m Misuse) {
	what, id := word(b, 4), word(b, 5)
	rule := id >> 32
	if rule == 0 || rule >= uint64(len(rules)) {
		return
	}
	m.Rule, m.Object = rules[rule], objectOf(what, id&0xffffffff)
	if m.Object.Kind == Mutex || m.Object.Kind == RWMutex {
		m.Mode = lockorder.Mode(what & tapeModeShared)
	}
	m.OtherGoroutine, m.Other = word(b, 6), r.f.stack(half(b, 14))
	m.Created = r.f.created(half(b, 15)).by
	r.t.Misuses = append(r.t.Misuses, m)
}
