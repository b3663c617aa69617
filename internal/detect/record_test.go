//go:build !concdoctor_off

package detect_test

import (
	"reflect"
	"sync/atomic"
	"unsafe"

	"github.com/concdoctor/concdoctor/internal/detect"
)

// recordOf returns what the engine keeps of an object of package agent: a *detect.Lock,
// *detect.Group, *detect.Monitor or *detect.Sensor. The objects do not show it.
func recordOf(object any) any {
	v := reflect.ValueOf(object)
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if c := v.FieldByName("c"); c.IsValid() { // a Chan
		return (*detect.Sensor)(c.Elem().FieldByName("sensor").Addr().UnsafePointer())
	}
	slot := v.FieldByName("record")
	p := unsafe.Pointer(slot.UnsafeAddr())
	switch slot.Type() {
	case reflect.TypeFor[atomic.Pointer[detect.Lock]]():
		return (*atomic.Pointer[detect.Lock])(p).Load()
	case reflect.TypeFor[atomic.Pointer[detect.Group]]():
		return (*atomic.Pointer[detect.Group])(p).Load()
	case reflect.TypeFor[atomic.Pointer[detect.Monitor]]():
		return (*atomic.Pointer[detect.Monitor])(p).Load()
	}
	return nil
}
