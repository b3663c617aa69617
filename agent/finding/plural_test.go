package finding

import "testing"

func TestPlural(t *testing.T) {
	for want, got := range map[string]string{
		"0 waits": Plural(0, "wait"), "1 wait": Plural(1, "wait"), "2 waits": Plural(int64(2), "wait"),
		"1 process": Plural(1, "process"), "3 processes": Plural(3, "process"),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
