// Package store sells goods and keeps the books. Sell and Audit take the same two locks
// in opposite orders.
package store

import "sync"

// Store has goods on its shelf and a ledger of what was sold.
type Store struct {
	shelf struct {
		mu    sync.Mutex
		goods int // mu protects goods
	}
	ledger struct {
		mu   sync.Mutex
		sold int // mu protects sold
	}
}

// New returns a store with the goods.
func New(goods int) *Store {
	s := new(Store)
	s.shelf.goods = goods
	return s
}

// Sell takes one piece from the shelf, if there is one, and writes it into the ledger.
func (s *Store) Sell() {
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	if s.shelf.goods == 0 {
		return
	}
	s.shelf.goods--
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	s.ledger.sold++
}

// Audit returns how many pieces there were before the first was sold.
func (s *Store) Audit() int {
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	return s.ledger.sold + s.shelf.goods
}
