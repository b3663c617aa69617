package untrusted

import "reflect"

// Clean returns v with every string in it cleaned by Text: in exported fields, elements,
// keys, and behind pointers. It returns v itself if all are clean, else a copy; v stays as
// it is. A struct with fields that are not exported, such as a time, is left as it is.
func Clean[T any](v T) T {
	in := reflect.ValueOf(&v).Elem()
	if isCleanValue(in) {
		return v
	}
	out := reflect.New(in.Type()).Elem()
	copyClean(out, in)
	return out.Interface().(T)
}

func isCleanValue(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return isClean(v.String())
	case reflect.Pointer, reflect.Interface:
		return v.IsNil() || isCleanValue(v.Elem())
	case reflect.Slice, reflect.Array:
		if isFlat(v.Type().Elem().Kind()) {
			return true
		}
		for i := range v.Len() {
			if !isCleanValue(v.Index(i)) {
				return false
			}
		}
	case reflect.Map:
		for of := v.MapRange(); of.Next(); {
			if !isCleanValue(of.Key()) || !isCleanValue(of.Value()) {
				return false
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && !isCleanValue(v.Field(i)) {
				return false
			}
		}
	}
	return true
}

// isFlat reports whether values of that kind hold no strings.
func isFlat(k reflect.Kind) bool { return k >= reflect.Bool && k <= reflect.Complex128 }

// copyClean sets the settable value to to a clean copy of from.
func copyClean(to, from reflect.Value) {
	to.Set(from)
	switch from.Kind() {
	case reflect.String:
		to.SetString(Text(from.String()))
	case reflect.Pointer:
		if !from.IsNil() {
			to.Set(reflect.New(from.Type().Elem()))
			copyClean(to.Elem(), from.Elem())
		}
	case reflect.Interface:
		if !from.IsNil() {
			to.Set(cleanCopy(from.Elem()))
		}
	case reflect.Slice:
		if !from.IsNil() {
			to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
			copyElements(to, from)
		}
	case reflect.Array:
		copyElements(to, from)
	case reflect.Map:
		if !from.IsNil() {
			to.Set(reflect.MakeMapWithSize(from.Type(), from.Len()))
			for of := from.MapRange(); of.Next(); {
				to.SetMapIndex(cleanCopy(of.Key()), cleanCopy(of.Value()))
			}
		}
	case reflect.Struct:
		for i := range from.NumField() {
			if from.Type().Field(i).IsExported() {
				copyClean(to.Field(i), from.Field(i))
			}
		}
	}
}

func copyElements(to, from reflect.Value) {
	for i := range from.Len() {
		copyClean(to.Index(i), from.Index(i))
	}
}

func cleanCopy(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	copyClean(out, v)
	return out
}
