package main

import (
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	const in = `{"Action":"start","Package":"a"}
{"Action":"output","Package":"a","Test":"TestDot","Output":"noise\n"}
{"Action":"skip","Package":"a","Test":"TestDot"}
{"Action":"skip","Package":"a","Test":"TestAll/with_(cc)"}
{"Action":"skip","Package":"a","Test":"TestAll/on_a|b"}
{"Action":"skip","Package":"a","Test":"TestSvg"}
{"Action":"output","Package":"a","Output":"ok a 0.1s\n"}
{"Action":"pass","Package":"a"}
{"Action":"output","Package":"b","Test":"TestBad","Output":"why\n"}
{"Action":"fail","Package":"b","Test":"TestBad"}
{"Action":"output","Package":"b","Output":"FAIL b\n"}
{"Action":"fail","Package":"b"}
{"Action":"skip","Package":"c"}
go: a warning
`
	var out strings.Builder
	results, err := read(strings.NewReader(in), &out)
	if err == nil || err.Error() != "failed: b" {
		t.Errorf("error %v", err)
	}
	if want := "ok a 0.1s\nwhy\nFAIL b\ngo: a warning\n"; out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
	if got, want := list(results), `a ^(TestAll)$/^(with_\(cc\)|on_a\|b)$`+"\na ^(TestDot|TestSvg)$\n"; got != want {
		t.Errorf("skipped %q, want %q", got, want)
	}
}
