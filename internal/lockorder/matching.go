package lockorder

// matching gives each record of a chain a goroutine of its own: a system of
// distinct representatives, found by augmenting paths (Kuhn). Taking the last
// record away leaves a matching, so a chain grows and shrinks at little cost.
type matching struct {
	// choices[i] are the goroutines of record i, taken[i] the one it has, 0 if none.
	choices [][]uint64
	taken   []uint64
	many    []bool // record i is saturated: it needs no place here
	owner   map[uint64]int
}

// push adds a record; it reports false, and changes nothing, if it cannot have a
// goroutine of its own.
func (m *matching) push(goroutines []uint64, saturated bool) bool {
	if m.owner == nil {
		m.owner = make(map[uint64]int)
	}
	m.choices = append(m.choices, goroutines)
	m.taken = append(m.taken, 0)
	m.many = append(m.many, saturated)
	if saturated || m.augment(len(m.choices)-1, map[uint64]bool{}) {
		return true
	}
	m.pop()
	return false
}

func (m *matching) pop() {
	last := len(m.choices) - 1
	m.release(last)
	m.choices, m.taken, m.many = m.choices[:last], m.taken[:last], m.many[:last]
}

func (m *matching) release(i int) {
	if id := m.taken[i]; id != 0 {
		delete(m.owner, id)
		m.taken[i] = 0
	}
}

// augment finds record i a goroutine, moving others where it must.
func (m *matching) augment(i int, tried map[uint64]bool) bool {
	for _, id := range m.choices[i] {
		if tried[id] {
			continue
		}
		tried[id] = true
		other, occupied := m.owner[id]
		if !occupied || m.augment(other, tried) {
			m.owner[id] = i
			m.taken[i] = id
			return true
		}
	}
	return false
}

// choose returns one goroutine for each record, all distinct. A saturated record
// for which none of its known goroutines is left gets 0.
func (m *matching) choose() []uint64 {
	for i, many := range m.many {
		if many {
			m.augment(i, map[uint64]bool{})
		}
	}
	chosen := append([]uint64(nil), m.taken...)
	for i, many := range m.many {
		if many {
			m.release(i)
		}
	}
	return chosen
}
