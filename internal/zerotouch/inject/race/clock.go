package race

// ftStamp is an epoch of a slot: the slot above ftEpochBits, and the epoch.
type ftStamp uint32

const (
	ftEpochBits = 20
	ftSlotBits  = 10
	ftEpochMask = 1<<ftEpochBits - 1
	ftSlotCount = 1 << ftSlotBits
	ftStampMask = 1<<(ftEpochBits+ftSlotBits) - 1
)

//go:nosplit
func (s ftStamp) slot() uint32 { return uint32(s) >> ftEpochBits }

//go:nosplit
func (s ftStamp) epoch() uint32 { return uint32(s) & ftEpochMask }

// ftNewer is how many entries a clock has beside its base.
const ftNewer = 12

// ftClock is a vector clock: which epoch of each slot is known to have ended. It is a base, which
// it shares with others, and entries that are newer than what the base says. Whoever changes a
// clock has it alone: a goroutine its own, an object's under the object's lock.
//
// Invariant: newer has each slot once, with an epoch above that in base.
// Invariant: what has its id in known was joined: base and newer have at least that.
type ftClock struct {
	base  *ftBase
	known [2]uint64 // ids of contents, the latest first
	n     uint32
	newer [ftNewer]ftStamp
}

// get returns the epoch of a slot that is known; 0 is none.
//
//go:nosplit
func (c *ftClock) get(slot uint32) uint32 {
	for i := uint32(0); i < c.n; i++ {
		if s := c.newer[i]; s.slot() == slot {
			return s.epoch()
		}
	}
	return c.base.get(slot)
}

// learn takes one entry over.
//
//go:nosplit
func (c *ftClock) learn(s ftStamp) {
	slot := s.slot()
	for i := uint32(0); i < c.n; i++ {
		if c.newer[i].slot() == slot {
			c.newer[i] = max(c.newer[i], s)
			return
		}
	}
	if s.epoch() <= c.base.get(slot) {
		return
	}
	if c.n == ftNewer {
		c.fold()
	}
	c.newer[c.n] = s
	c.n++
}

// fold moves the newer entries into the base, which becomes the clock's own.
//
//go:nosplit
func (c *ftClock) fold() {
	if c.n == 0 {
		return
	}
	c.own(nil)
	for i := uint32(0); i < c.n; i++ {
		s := c.newer[i]
		*c.base.at(s.slot()) = s.epoch()
	}
	c.n = 0
}

// own makes the base one that no other clock shares and that has room for all slots in use and
// for those of with. Its content gets a new id: it is about to be changed.
//
//go:nosplit
func (c *ftClock) own(with *ftBase) {
	old := c.base
	if old == nil {
		c.base = ftNewBase(nil)
		return
	}
	if ftLoad(&old.users) == 1 && old.words >= ftLoad(&ftSlotFresh) && (with == nil || old.words >= with.words) {
		old.id = ftXadd64(&ftBaseCount, 1)
		return
	}
	c.base = ftNewBase(old)
	c.remember(old.id)
	old.drop()
}

//go:nosplit
func (c *ftClock) remember(id uint64) {
	if c.known[0] != id {
		c.known[0], c.known[1] = id, c.known[0]
	}
}

//go:nosplit
func (c *ftClock) knows(b *ftBase) bool {
	return b == nil || b == c.base || b.id == c.known[0] || b.id == c.known[1]
}

// join takes over all that another clock knows.
//
//go:nosplit
func (c *ftClock) join(d *ftClock) {
	if !c.knows(d.base) {
		c.joinBase(d.base)
	}
	for i := uint32(0); i < d.n; i++ {
		c.learn(d.newer[i])
	}
}

//go:nosplit
func (c *ftClock) joinBase(b *ftBase) {
	if c.base == nil {
		b.use()
		c.base = b
		c.prune()
		return
	}
	c.own(b)
	for i := uint32(0); i < b.words; i++ {
		if p, e := c.base.at(i), *b.at(i); *p < e {
			*p = e
		}
	}
	c.remember(b.id)
	c.prune()
}

// prune drops the entries that the base has.
//
//go:nosplit
func (c *ftClock) prune() {
	n := uint32(0)
	for i := uint32(0); i < c.n; i++ {
		if s := c.newer[i]; s.epoch() > c.base.get(s.slot()) {
			c.newer[n] = s
			n++
		}
	}
	c.n = n
}

// assign makes the clock equal to another.
//
//go:nosplit
func (c *ftClock) assign(d *ftClock) {
	if c.base != d.base {
		d.base.use()
		c.base.drop()
		c.base = d.base
	}
	c.known = d.known
	c.n = d.n
	for i := uint32(0); i < d.n; i++ {
		c.newer[i] = d.newer[i]
	}
}

// reset makes the clock one that knows nothing.
//
//go:nosplit
func (c *ftClock) reset() {
	c.base.drop()
	c.base, c.known, c.n = nil, [2]uint64{}, 0
}
