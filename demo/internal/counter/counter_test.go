package counter

import "testing"

func TestCuresLoseNothing(t *testing.T) {
	const each = 10_000
	for name, total := range map[string]func(int) int64{"mutex": Locked, "atomic": Atomic, "cas": CompareAndSwap} {
		if got := total(each); got != each*Workers {
			t.Errorf("%s: counted to %d, want %d", name, got, each*Workers)
		}
	}
}
