package sidebyside

import (
	"slices"
	"strings"
	"testing"
)

const plainEvents = `
{"Action":"start","Package":"a"}
{"Action":"pass","Package":"a","Test":"TestOne/sub"}
{"Action":"pass","Package":"a","Test":"TestOne"}
{"Action":"pass","Package":"a","Test":"TestTwo"}
{"Action":"skip","Package":"a","Test":"TestThree"}
{"Action":"fail","Package":"a","Test":"TestFour"}
{"Action":"fail","Package":"a","Elapsed":1.5}
{"Action":"pass","Package":"b","Elapsed":0.5}
{"Action":"pass","Package":"c"}`

const observedEvents = `
{"Action":"output","Package":"a","Test":"TestOne","Output":"why\n"}
{"Action":"fail","Package":"a","Test":"TestOne/sub"}
{"Action":"fail","Package":"a","Test":"TestOne"}
{"Action":"fail","Package":"a","Test":"TestThree"}
{"Action":"fail","Package":"a","Test":"TestFour"}
{"Action":"fail","Package":"a"}
{"Action":"fail","Package":"b"}
{"Action":"pass","Package":"c"}`

func TestBroken(t *testing.T) {
	plain, err := read(strings.NewReader(plainEvents))
	if err != nil {
		t.Fatal(err)
	}
	observed, err := read(strings.NewReader(observedEvents))
	if err != nil {
		t.Fatal(err)
	}
	if plain.Wall.Seconds() != 2 || plain.Count("pass") != 2 || plain.Count("skip") != 1 {
		t.Errorf("read %+v", plain)
	}
	one := Test{"a", "TestOne"}
	if got := observed.Output[one]; got != "why\n" {
		t.Errorf("output %q", got)
	}
	// A failed subtest is its parent's matter, a failed package that of its tests; what
	// failed plain cannot break.
	want := []Test{one, {"a", "TestTwo"}, {"b", ""}}
	if got := Broken(plain, observed); !slices.Equal(got, want) {
		t.Errorf("broken are %v, want %v", got, want)
	}
	if got := Broken(plain, plain); got != nil {
		t.Errorf("%v broke by themselves", got)
	}
}
