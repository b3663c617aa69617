//go:build !concdoctor_off

package detect_test

import "reflect"

// stateOf returns what an object of package agent keeps for the engine: a *detect.Lock,
// *detect.Once, *detect.Group, *detect.Cond or *detect.Chan. The objects do not show it.
func stateOf(object any) any {
	v := reflect.ValueOf(object)
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	for _, name := range []string{"lock", "group", "signals", "c"} {
		field := v.FieldByName(name)
		if !field.IsValid() {
			continue
		}
		if name == "c" { // a Chan refers to its channel
			field = field.Elem().FieldByName("engine")
		}
		return reflect.NewAt(field.Type(), field.Addr().UnsafePointer()).Interface()
	}
	return nil
}
