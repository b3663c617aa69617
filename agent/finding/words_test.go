package finding

import "testing"

func TestWords(t *testing.T) {
	for want, got := range map[string]string{
		"0 waits": Plural(0, "wait"), "1 wait": Plural(1, "wait"), "2 waits": Plural(int64(2), "wait"),
		"1 process": Plural(1, "process"), "3 processes": Plural(3, "process"), "2 mutexes": Plural(2, "mutex"),
		"1,200 waits": Plural(1200, "wait"), "an input": Article("input"), "a channel": Article("channel"), "once": Times(1), "3 times": Times(3),
		"0": Thousands(0), "999": Thousands(999), "1,000": Thousands(1000), "1,204,311": Thousands(int64(1204311)), "-1,234": Thousands(-1234), "-123": Thousands(-123),
		"": Join(nil), "a": Join([]string{"a"}), "a and b": Join([]string{"a", "b"}), "a, b and c": Join([]string{"a", "b", "c"}),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
