package agent

import (
	"reflect"
	"sync"
	"unsafe"

	"github.com/concdoctor/concdoctor/internal/detect/race"
)

// parcelOf is a parcel with what is in it.
type parcelOf[T any] struct {
	parcel
	value T
}

func newParcel[T any]() any { return new(parcelOf[T]) }

// parcels are empty parcels of one type, to be used again. All channels of a type
// share them: what one goroutine packs another one unpacks, so they must travel
// back. With the race detector each is used once, since it would take the way back
// for an order between a receiver and later senders.
type parcels struct{ free sync.Pool }

// parcelsByType has the parcels of each element type for which there was a channel.
var parcelsByType sync.Map // reflect.Type -> *parcels

func parcelsOf(t reflect.Type, empty func() any) *parcels {
	if known, ok := parcelsByType.Load(t); ok {
		return known.(*parcels)
	}
	p := &parcels{}
	p.free.New = empty
	known, _ := parcelsByType.LoadOrStore(t, p)
	return known.(*parcels)
}

// wrap packs *v, which g sends.
func (c *channel[T]) wrap(g *goroutine, v *T) *parcel {
	if unsafe.Sizeof(*v) == 0 {
		return g.Slip()
	}
	var p *parcelOf[T]
	if race.Enabled {
		p = new(parcelOf[T])
	} else {
		p = c.parcels.free.Get().(*parcelOf[T])
	}
	p.value = *v
	p.Sign(g)
	return &p.parcel
}

// unwrap unpacks what was received into *v, if v is not nil. A closed channel gives
// a nil parcel: the zero value.
func (c *channel[T]) unwrap(head *parcel, v *T) {
	if v != nil {
		if head == nil || unsafe.Sizeof(*v) == 0 {
			var zero T
			*v = zero
		} else {
			*v = (*parcelOf[T])(unsafe.Pointer(head)).value
		}
	}
	c.recycle(head)
}

// recycle makes what head belongs to an empty parcel, to be used again.
func (c *channel[T]) recycle(head *parcel) {
	if !race.Enabled && head != nil && unsafe.Sizeof(parcelOf[T]{}.value) > 0 {
		p := (*parcelOf[T])(unsafe.Pointer(head))
		*p = parcelOf[T]{}
		c.parcels.free.Put(p)
	}
}
