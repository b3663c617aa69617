package tape

import "time"

// State reports how the process ended, and, while it runs, whether a goroutine has waited
// for so long. It reads the slots at most, of the many parts that Read reads.
func (f *File) State(enough time.Duration) (end End, waits bool) {
	head := f.section(0, tapeHeaderSize)
	if end = f.end(head); end != Running || word(head, tapeWordFull) != 0 {
		return end, false
	}
	since := f.now(head) - int64(enough)
	count := int(min(word(head, tapeWordSlots), tapeSlotCount))
	buffer := make([]byte, min(count, slotsAtOnce)*tapeSlotSize)
	for first := 0; first < count; first += slotsAtOnce {
		b := buffer[:min(count-first, slotsAtOnce)*tapeSlotSize]
		f.fill(b, tapeSlots+int64(first)*tapeSlotSize)
		for ; len(b) > 0; b = b[tapeSlotSize:] {
			const blocked = tapeControlAlive | tapeControlWait
			if word(b, tapeSlotControl)&blocked == blocked && int64(word(b, tapeSlotSince)) <= since {
				return Running, true
			}
		}
	}
	return Running, false
}

// now is the time on the clock of a process that runs.
func (f *File) now(head []byte) int64 {
	return int64(word(head, tapeWordStartMono)) + time.Now().UnixNano() - int64(word(head, tapeWordStart))
}
