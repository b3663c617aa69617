package race

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"unsafe"
)

const (
	testHeap     = 0x1000
	testHeapSize = 1 << 20
	testData     = 0x10_0000_0000
)

// fresh makes the state of the package that of a process that begins.
func fresh(tb testing.TB) {
	tb.Helper()
	ftKept = nil
	ftBaseFree, ftArenaNext, ftArenaLeft = [ftBaseClasses]*ftBase{}, nil, 0
	ftSlotFresh, ftSlotHead, ftSlotTail, ftSlotSpent, ftSlotShare = 0, 0, 0, 0, 0
	ftTaskFree, ftTaskAll, ftWantsReset = nil, nil, false
	ftSyncFree, ftSyncFresh = 0, 0
	ftUsed(testHeap + testHeapSize)
	ftInit(testHeap, testHeapSize, testData, 1<<12, 0)
	tb.Cleanup(func() { ftOnRace = nil })
}

// event is an access of the model.
type event struct {
	task, time int
	addr       uintptr
	bytes      uint64
	write      bool
	atomic     bool
}

func (e event) conflicts(f event) bool {
	return e.addr/8 == f.addr/8 && e.bytes&f.bytes != 0 && (e.write || f.write) && !(e.atomic && f.atomic)
}

// thread is a goroutine of the model: full knowledge, by number of goroutine.
type thread struct {
	task  *ftTask
	knows []int
	time  int
	over  bool
}

// model runs a program on the detector and beside it, where each goroutine knows all events that
// happened before.
type model struct {
	tb      testing.TB
	threads []*thread
	objects map[uintptr][]int
	events  []event
	alive   []int // events of memory that was not allocated anew since
	lossy   map[uintptr]bool
	found   map[uintptr]bool
	exact   bool // no slot is used twice
	races   int
}

func newModel(tb testing.TB) *model {
	fresh(tb)
	m := &model{tb: tb, objects: map[uintptr][]int{}, lossy: map[uintptr]bool{}, found: map[uintptr]bool{}, exact: true}
	m.threads = []*thread{{task: ftStart(nil), knows: []int{0}}}
	return m
}

func merged(a, b []int) []int {
	all := append([]int(nil), a...)
	for i, t := range b {
		if i == len(all) {
			all = append(all, t)
		}
		all[i] = max(all[i], t)
	}
	return all
}

// now is what the goroutine knows, with all that it has done.
func (m *model) now(id int) []int {
	th := m.threads[id]
	return merged(th.knows, append(make([]int, id), th.time))
}

func (m *model) happenedBefore(e event, id int) bool {
	know := m.now(id)
	return e.task < len(know) && know[e.task] >= e.time
}

func (m *model) access(id int, addr, bytes uintptr, write, atomic bool) {
	th := m.threads[id]
	th.time++
	bytes = min(bytes, 8-addr%8)
	e := event{id, th.time, addr, (1<<bytes - 1) << (addr % 8), write, atomic}
	number := len(m.events)
	m.events = append(m.events, e)
	must := false
	for _, i := range m.alive {
		if e.conflicts(m.events[i]) && !m.happenedBefore(m.events[i], id) {
			must = true
		}
	}
	m.alive = append(m.alive, number)
	granule := addr / 8
	cells := ftHeap.cellsOf(addr)
	before := *cells
	ftOnRace = func(_ *ftTask, at uintptr, now, old uint64) {
		m.races++
		m.found[granule] = true
		site := int(ftPC(uint32(old>>ftSiteShift))) - 2
		if site < 0 || site >= number || int(ftPC(uint32(now>>ftSiteShift))) != number+2 || at != addr {
			m.tb.Fatalf("access %d: race of sites %d and %d", number, site, ftPC(uint32(now>>ftSiteShift))-2)
		}
		other := m.events[site]
		if !e.conflicts(other) {
			m.tb.Fatalf("%+v does not conflict with %+v", e, other)
		}
		if m.happenedBefore(other, id) {
			m.tb.Fatalf("false race: access %d %+v happened before %d %+v", site, other, number, e)
		}
	}
	kind := uint64(0)
	if write {
		kind |= ftWrite
	}
	if atomic {
		kind |= ftAtomic
	}
	th.task.access(addr, bytes, kind, uintptr(number+2))
	for i, c := range before {
		if c == 0 || cells[i] == c {
			continue
		}
		old := m.events[int(ftPC(uint32(c>>ftSiteShift)))-2]
		if !ftCovers(cells[i], c) || old.task != id && !m.happenedBefore(old, id) {
			m.lossy[granule] = true
		}
	}
	if must && m.exact && !m.lossy[granule] && !m.found[granule] {
		m.tb.Fatalf("access %d %+v races, and nothing was found\n%s", number, e, m.list(granule))
	}
}

func (m *model) list(granule uintptr) (text string) {
	for i, e := range m.events {
		if e.addr/8 == granule {
			text += fmt.Sprintln(i, fmt.Sprintf("%+v", e))
		}
	}
	return text
}

func (m *model) forget(addr, bytes uintptr) {
	ftForget(addr, bytes)
	kept := m.alive[:0]
	for _, i := range m.alive {
		if g := m.events[i].addr &^ 7; g+8 <= addr&^7 || g >= addr+bytes {
			kept = append(kept, i)
		}
	}
	m.alive = kept
	for o := range m.objects {
		if o >= addr&^7 && o < (addr+bytes+7)&^7 {
			delete(m.objects, o)
		}
	}
	for g := range m.lossy {
		if g >= addr/8 && g*8 < addr+bytes {
			delete(m.lossy, g)
		}
	}
}

func (m *model) fork(id int) {
	th := m.threads[id]
	child := &thread{task: ftStart(th.task), knows: m.now(id)}
	th.time++
	m.threads = append(m.threads, child)
}

func (m *model) end(id int) {
	ftEnd(m.threads[id].task)
	m.threads[id].over = true
	m.exact = m.exact && len(m.threads) < ftSlotsFirst
}

// order does one of the ways to order goroutines by an object.
func (m *model) order(id, how int, object uintptr) {
	th := m.threads[id]
	was := m.objects[object]
	switch how {
	case 0:
		th.task.acquire(object)
		th.knows = merged(th.knows, was)
	case 1:
		th.task.release(object)
		m.objects[object] = m.now(id)
	case 2:
		th.task.releaseMerge(object)
		m.objects[object] = merged(was, m.now(id))
	case 3:
		th.task.releaseAcquire(object)
		m.objects[object] = m.now(id)
		th.knows = merged(th.knows, was)
	case 4:
		word := ftHeap.syncOf(object)
		ftLockSync(word)
		th.task.synchronize(&ftMakeSync(&ftHeap, word, object).clock)
		ftUnlockSync(word)
		th.knows = merged(th.knows, was)
		m.objects[object] = m.now(id)
	}
	th.time++
}

// running picks a goroutine that is not over.
func (m *model) running(n int) int {
	for i := range m.threads {
		if id := (n + i) % len(m.threads); !m.threads[id].over {
			return id
		}
	}
	m.tb.Fatal("none runs")
	return 0
}

// step does what three bytes say.
func (m *model) step(a, b, c byte) {
	id := m.running(int(b) % 64)
	addr := testHeap + uintptr(c&3)*8 + uintptr(c>>2&7)
	object := testHeap + 512 + uintptr(c%5)*4
	switch {
	case a < 120:
		m.access(id, addr, uintptr(1)<<(a%4), a&4 != 0, a&24 == 24)
	case a < 220:
		m.order(id, int(a)%5, object)
	case a < 236:
		m.fork(id)
	case a < 246:
		if id != 0 {
			m.end(id)
		}
	case a < 249:
		m.forget(testHeap+uintptr(c&3)*8, uintptr(c>>2&15)+1)
	case a < 252:
		m.forget(object, 8)
	default:
		m.threads[id].task.clock.fold()
	}
}

func (m *model) run(program []byte) {
	for ; len(program) >= 3; program = program[3:] {
		m.step(program[0], program[1], program[2])
		m.check()
	}
}

// check holds the invariants of clocks, and that no base is lost.
func (m *model) check() {
	users := map[*ftBase]uint32{}
	look := func(c *ftClock, own ftStamp) {
		if c.base != nil {
			users[c.base]++
		}
		seen := map[uint32]bool{}
		for _, s := range c.newer[:c.n] {
			if seen[s.slot()] || s.epoch() <= c.base.get(s.slot()) {
				m.tb.Fatalf("clock has entry %x twice, or in its base", s)
			}
			seen[s.slot()] = true
		}
		if own != 0 && c.get(own.slot()) > own.epoch() {
			m.tb.Fatalf("clock knows more of slot %d than its goroutine", own.slot())
		}
	}
	for t := ftTaskAll; t != nil; t = t.all {
		if t.live {
			look(&t.clock, t.stamp)
		}
	}
	for i := range ftSyncFresh {
		look(&ftSyncAt(i+1).clock, 0)
	}
	for b, n := range users {
		if b.users != n {
			m.tb.Fatalf("a base has %d users, and counts %d", n, b.users)
		}
	}
}

func randomProgram(seed uint64, steps int) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	p := make([]byte, 3*steps)
	for i := range p {
		p[i] = byte(r.Uint32())
	}
	return p
}

// programs is how many random programs of n a run of the tests tries.
func programs(n int) int {
	if testing.Short() {
		return max(n/10, 1)
	}
	return n
}

// TestModel runs random programs: what is found is a race, and where cells have room a race is found.
func TestModel(t *testing.T) {
	races := 0
	for seed := range uint64(programs(400)) {
		m := newModel(t)
		m.run(randomProgram(seed, 60+int(seed%7)*60))
		races += m.races
	}
	if races < programs(100) {
		t.Errorf("%d races in all: the programs are too tame", races)
	}
}

// TestModelSharedSlots runs them with more goroutines than slots: none is invented.
func TestModelSharedSlots(t *testing.T) {
	for seed := range uint64(programs(3)) {
		m := newModel(t)
		m.exact = false
		for range ftSlotCount + 100 {
			m.fork(0)
		}
		r := rand.New(rand.NewPCG(seed, 2))
		for range 1500 {
			// Any of them, which the bytes of a program cannot name.
			id := m.running(int(r.Uint32N(uint32(len(m.threads)))))
			c := uintptr(r.Uint32())
			if c&64 == 0 {
				m.access(id, testHeap+c&3*8, 8, c&128 != 0, false)
			} else {
				m.order(id, int(c>>8%5), testHeap+512+c&3*4)
			}
		}
		m.check()
	}
}

// TestModelEpochsRunOut: a goroutine whose slot is used up goes on in another, and what it did stays ordered.
func TestModelEpochsRunOut(t *testing.T) {
	for seed := range uint64(programs(60)) {
		m := newModel(t)
		m.exact = false
		p := randomProgram(seed, 300)
		for i := 0; len(p) >= 3; i, p = i+1, p[3:] {
			if i%20 == 0 {
				for slot := range ftSlotFresh {
					if s := &ftSlots[slot]; s.epoch > 3 && s.epoch < ftEpochMask-1 {
						s.epoch = ftEpochMask - 1 - uint32(i%3)
					}
				}
			}
			m.step(p[0], p[1], p[2])
		}
		m.check()
	}
}

// TestReset: after all epochs are used up nothing is seen, until a reset; then races are found again.
func TestReset(t *testing.T) {
	m := newModel(t)
	for range 3 {
		m.fork(0)
	}
	m.access(1, testHeap, 8, true, false)
	m.order(1, 1, testHeap+512)
	for i := range ftSlots {
		ftSlots[i].epoch = ftEpochMask
	}
	ftSlotFresh = ftSlotCount
	for _, th := range m.threads {
		th.task.dirty = true
		th.task.renew()
		if th.task.stamp != 0 {
			t.Fatalf("stamp %x where there are no epochs", th.task.stamp)
		}
	}
	found := 0
	ftOnRace = func(*ftTask, uintptr, uint64, uint64) { found++ }
	m.threads[2].task.access(testHeap, 8, ftWrite, 5)
	if found != 0 {
		t.Error("a goroutine without an epoch found a race")
	}
	if !ftWantsReset {
		t.Error("no reset is wanted")
	}
	ftReset()
	m.threads[2].task.access(testHeap, 8, ftWrite, 6)
	if found != 0 {
		t.Error("a race with what happened before the reset")
	}
	m.threads[3].task.access(testHeap, 8, ftWrite, 7)
	if found != 1 {
		t.Errorf("%d races after the reset, want 1", found)
	}
	m.threads[2].task.release(testHeap + 512)
	m.threads[1].task.acquire(testHeap + 512)
	m.threads[1].task.access(testHeap+8, 8, ftWrite, 8)
	m.check()
}

func FuzzModel(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(randomProgram(seed, 40))
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		newModel(t).run(program[:min(len(program), 1200)])
	})
}

// TestForgetLarge: the cells of a large block go back to the system.
func TestForgetLarge(t *testing.T) {
	fresh(t)
	task := ftStart(nil)
	for addr := uintptr(testHeap); addr < testHeap+4*ftLarge; addr += 8 {
		task.access(addr, 8, ftWrite, 2)
		task.release(addr + 1)
	}
	lo, hi := uintptr(testHeap+24), uintptr(testHeap+24+2*ftLarge)
	ftForget(lo, hi-lo)
	for addr := uintptr(testHeap); addr < testHeap+4*ftLarge; addr += 8 {
		gone := addr+8 > lo && addr < hi
		if got := *ftHeap.cellsOf(addr) == (ftCells{}); got != gone {
			t.Fatalf("cells of %#x are empty: %v, want %v", addr, got, gone)
		}
		if got := *ftHeap.syncOf(addr) == 0; got != gone {
			t.Fatalf("objects of %#x are gone: %v, want %v", addr, got, gone)
		}
	}
}

func TestTree(t *testing.T) {
	fresh(t)
	task := ftStart(nil)
	task.enter(7)
	root := task.node
	ids := map[uint32]uintptr{}
	for pc := range uintptr(50000) {
		id := ftChild(root, pc+100)
		if _, twice := ids[id]; twice || id == 0 {
			t.Fatalf("node %d for %d", id, pc)
		}
		ids[id] = pc + 100
	}
	for id, pc := range ids {
		if ftPC(id) != pc || ftParent(id) != root || ftChild(root, pc) != id {
			t.Fatalf("node %d is %d below %d", id, ftPC(id), ftParent(id))
		}
	}
	task.enter(3)
	task.enter(4)
	task.exit()
	task.enter(4)
	task.exit()
	task.exit()
	if task.node != root {
		t.Error("calls that returned left a trace")
	}
	was := ftNodeFresh
	ftNodeFresh = ftNodeCount
	task.enter(1_000_001)
	task.enter(1_000_002)
	task.enter(3) // is there already, but not from here
	task.exit()
	task.exit()
	task.exit()
	ftNodeFresh = was
	if task.node != root || task.lost != 0 {
		t.Error("calls that found no room are not counted")
	}
}

func TestSizes(t *testing.T) {
	if n := unsafe.Sizeof(ftClock{}); n > 80 {
		t.Errorf("a clock has %d bytes", n)
	}
	if ftSiteShift+ftNodeBits != 64 || ftEpochBits+ftSlotBits != 30 || ftNodeBits+ftPCBits != 64 {
		t.Error("a cell or a node does not fit a word")
	}
}
