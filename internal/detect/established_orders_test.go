package detect

import (
	"testing"

	"github.com/concdoctor/concdoctor/internal/lockorder"
)

func TestEstablishedOrders(t *testing.T) {
	const x, s = lockorder.Exclusive, lockorder.Shared
	is := func(e *established, from, to uint32) bool {
		n := e.count(orderKeyOf(from, x, to, x))
		return n >= enoughDependencies && n < contested
	}
	e := new(established)
	establish := func(from, to uint32) {
		for range enoughDependencies + 5 {
			e.note(orderKeyOf(from, x, to, x), 1)
		}
	}
	establish(1, 2)
	establish(3, 3)
	e.note(orderKeyOf(1, s, 2, x), 1)
	if !is(e, 1, 2) || !is(e, 3, 3) || is(e, 2, 1) || e.count(orderKeyOf(1, s, 2, x)) != 1 || e.count(orderKeyOf(1, x, 2, s)) != 0 {
		t.Error("orders are not what was noted")
	}
	e.note(orderKeyOf(2, s, 1, s), 1)
	if is(e, 1, 2) || e.count(orderKeyOf(1, s, 2, x)) != contested || !is(e, 3, 3) {
		t.Error("an order is established whose opposite was seen")
	}
	establish(2, 1)
	establish(1, 2)
	if is(e, 1, 2) || is(e, 2, 1) {
		t.Error("a contested order was established again")
	}
	e.join(1, 2) // one class: that was no contest
	if is(e, 1, 1) {
		t.Error("established by what was contested")
	}
	establish(1, 1)
	establish(4, 5)
	establish(5, 6)
	e.join(4, 5)
	if !is(e, 1, 1) || !is(e, 4, 4) || !is(e, 4, 6) || is(e, 5, 6) || is(e, 4, 5) {
		t.Error("joined classes have not the orders of both")
	}
	establish(7, 8)
	establish(8, 9)
	e.note(orderKeyOf(9, x, 7, x), 1)
	e.join(7, 9) // 7, 8 and 8, 7 now
	if is(e, 7, 8) || is(e, 8, 7) {
		t.Error("joined classes have both orders")
	}
	e.note(orderKeyOf(0, x, 2, x), 1)
	e.note(orderKeyOf(1, x, 1<<20, x), 1)
	if e.count(orderKeyOf(0, x, 2, x)) != 0 || e.count(orderKeyOf(1, x, 1<<20, x)) != 0 {
		t.Error("a class that is not known has an order")
	}
	for class := range uint32(2 * len(e.slots)) { // full
		e.note(orderKeyOf(class+1, x, class+2, x), 1)
	}
	if !is(e, 4, 6) {
		t.Error("a full table has lost an order")
	}
	e.clear()
	if is(e, 4, 6) {
		t.Error("not clear")
	}
}
