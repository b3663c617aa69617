package hang

import "github.com/concdoctor/concdoctor/internal/judge"

// Knowledge is what a witness knows of the goroutines that could end waits.
type Knowledge interface {
	// Users returns what is known about the goroutines that did what ends a wait for the case.
	Users(c Case) Users
	// Origins returns goroutines such that every goroutine that knows the object is one of them, descends
	// from one, or got it through shared memory: its maker and its users. False if no maker
	// is known.
	Origins(o judge.Object) (ids []uint64, known bool)
	// Services returns the living goroutines that could end the wait of the goroutine for the
	// case, where the source shows that no others ever can: what ends such waits is done in
	// functions that run in goroutines of their own. False if it does not show that.
	Services(g *Goroutine, c Case) (ids []uint64, known bool)
	// Unserved returns those of the goroutines whose waits, by the source, no goroutine ends
	// that can go on, and no function of a timer. It is asked about goroutines that have waited for
	// long.
	Unserved(ids []uint64) []uint64
	// Census returns all goroutines that are alive, nil if it cannot be had now. It is called
	// only when waits look hopeless without it.
	Census() *Census
}

// Users are goroutines that did what ends a wait for a case: received where another one
// waits to send, sent or closed where one waits to receive, called Done or signalled.
type Users struct {
	// Living are those of them that have not ended.
	Living []uint64
	// More says that there may be others, of which nothing is known.
	More bool
	// Timers says that functions of timers did it: another one may be set.
	Timers bool
	// Ever says that some goroutine did it, or a timer's function.
	Ever bool
	// Alike says what was seen at objects that were made at the same place.
	Alike Alike
	// Owed says of a wait group that it waits for the goroutines which owe it, and for no
	// other: see Goroutine.Owes.
	Owed bool
	// Still says that no such goroutine is known, and that nothing has moved for long: then
	// those that need a lock of the waiting goroutine are the ones that would end its wait.
	Still bool
	// Kin are living goroutines that run the same function as one that did it: they have not
	// done it themselves.
	Kin []uint64
	// Queue are goroutines that need a lock which the waiting one holds, to do just what that
	// one does: they end no wait of this kind.
	Queue []uint64
	// Lost is where a signal found no waiter, nil if none did since the last one that did.
	Lost judge.Stack
}

// Alike says which goroutines end waits at objects that are made at one place.
type Alike uint8

const (
	// AlikeNever: none was ever seen to.
	AlikeNever Alike = iota
	// AlikeFamily: the maker or goroutines that descend from it.
	AlikeFamily
	// AlikeStrangers: others, which got the object through shared memory. Then a census says
	// nothing of which goroutines may know such an object.
	AlikeStrangers
)

// Census is all goroutines that are alive, but for those that run no code of the program's
// own: the runtime's, and those that hand on signals.
type Census struct {
	Living map[uint64]Peer
	// Complete says that there are no others.
	Complete bool
	// Closed says that nothing from outside, such as a signal, wakes a goroutine.
	Closed bool
	// Strict says that goroutines without a group know nothing of a group's objects.
	Strict bool
}

// Peer is one goroutine of a census.
type Peer struct {
	Parent uint64
	Group  string
	// Parked says that it waits for another goroutine in a way that the witness does not see.
	Parked bool
}

// mayKnow reports whether the goroutine may know what one of the group waits for.
func (c *Census) mayKnow(p Peer, group string) bool {
	return p.Group == group || !c.Strict && (p.Group == "" || group == "")
}

// descent says from which goroutines a goroutine descends.
type descent uint8

const (
	fromOthers  descent = iota
	fromRoot            // it is one of the roots or descends from one
	fromUnknown         // an ancestor has ended
)

// descent follows the ancestors of a goroutine.
func (c *Census) descent(id uint64, roots map[uint64]bool) descent {
	for range len(c.Living) + 1 {
		if roots[id] {
			return fromRoot
		}
		p, living := c.Living[id]
		if !living {
			break
		}
		if p.Parent == 0 {
			return fromOthers // the main goroutine
		}
		id = p.Parent
	}
	return fromUnknown
}
