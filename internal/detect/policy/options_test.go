package policy

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
)

func TestParseEnvironment(t *testing.T) {
	got, err := ParseEnvironment("format=json, min=potential suppress=lock-cycle:bank.Move suppress=deadlock suppress_file=f baseline=b write_baseline=w foreign_unlock=1 halt=66 self_wait=3s off=1 stats=1 output=stderr max_memory=24MB")
	if err != nil {
		t.Fatal(err)
	}
	want := Options{
		JSON: true, MinCertainty: finding.Potential, Suppress: []string{"lock-cycle:bank.Move", "deadlock"},
		SuppressFile: "f", Baseline: "b", WriteBaseline: "w", ForeignUnlock: true,
		HaltCode: 66, SelfWait: 3 * time.Second, Off: true, Statistics: true, MaxMemory: 24 << 20,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
}

func TestParseEnvironmentNamesWhatItCannotRead(t *testing.T) {
	for word, want := range map[string]string{
		"colour=red":      `unknown option "colour=red"`,
		"halt=now":        "halt=now:",
		"format=xml":      "want text or json",
		"min=certain":     `unknown certainty "certain"`,
		"self_wait=3":     "self_wait=3:",
		"off=perhaps":     "off=perhaps:",
		"stats=some":      "stats=some:",
		"output=/no/file": "output=/no/file:",
		"max_memory=32":   "want KB, MB or GB",
		"max_memory=0MB":  "max_memory=0MB:",
		"max_memory=aKB":  "max_memory=aKB:",
		"suppress=dead":   `no rule "dead"`,
	} {
		o, err := ParseEnvironment(word + " suppress=deadlock")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", word, err, want)
		}
		if len(o.Suppress) != 1 {
			t.Errorf("%s: what can be read is lost: %+v", word, o)
		}
	}
}

func TestParseEnvironmentEmpty(t *testing.T) {
	if o, err := ParseEnvironment("  "); err != nil || !cmp.Equal(o, Options{}) {
		t.Errorf("%+v, %v", o, err)
	}
}
