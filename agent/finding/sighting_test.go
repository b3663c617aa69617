package finding

import (
	"bytes"
	"strings"
	"testing"
)

func TestSeenAddsUp(t *testing.T) {
	at := func(test string, n int64) Sighting { return Sighting{Program: "bank", Test: test, Count: n} }
	a, b := inversion("bank.Move", "bank.Audit"), inversion("bank.Move", "bank.Audit")
	a.AddSeen(at("TestMove", 1))
	b.AddSeen(at("TestAudit", 3), at("TestMove", 1), at("TestA", 1), at("TestB", 1))
	rep := NewReport(Tool{})
	rep.Findings = []Finding{a, b}
	rep.Normalize()
	if n := len(rep.Findings); n != 1 {
		t.Fatalf("%d findings, want one", n)
	}
	f := rep.Findings[0]
	if got, want := f.SeenText(), "TestAudit (bank), TestMove (bank), TestA (bank), 1 more"; got != want {
		t.Errorf("seen in %q, want %q", got, want)
	}
	var text strings.Builder
	if err := (Printer{}).Print(&text, &f); err != nil || !strings.Contains(text.String(), "\n  seen in TestAudit (bank)") {
		t.Errorf("%v: the text does not tell where it showed:\n%s", err, text.String())
	}
	var out bytes.Buffer
	if err := rep.Write(&out); err != nil {
		t.Fatal(err)
	}
	back, err := Read(&out)
	if err != nil || len(back.Findings[0].Seen) != 4 || back.Findings[0].Seen[1].Count != 2 {
		t.Errorf("%v: read back %+v", err, back.Findings[0].Seen)
	}
	for i := range 2 * MaxSeen {
		f.AddSeen(at(strings.Repeat("x", i+1), 1))
	}
	if len(f.Seen) != MaxSeen {
		t.Errorf("%d sightings are kept, want %d", len(f.Seen), MaxSeen)
	}
}

func TestSightingText(t *testing.T) {
	for want, s := range map[string]Sighting{"T (p)": {"p", "T", 1}, "p": {"p", "", 1}, "T": {"", "T", 1}, "": {}} {
		if got := s.String(); got != want {
			t.Errorf("%+v: %q, want %q", s, got, want)
		}
	}
}
