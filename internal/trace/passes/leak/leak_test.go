package leak_test

import (
	"testing"

	"github.com/concdoctor/concdoctor/internal/trace/passes/leak"
	"github.com/concdoctor/concdoctor/internal/trace/passtest"
)

func TestMain(m *testing.M) { passtest.Main(m, programs) }

func TestLeaks(t *testing.T) {
	at := func(head, where, created string) string {
		return "goroutine-leak " + head + "; blocked here " + where + "; created here " + created
	}
	for name, want := range map[string][]string{
		"send growing":    {at("potential error channel", "blockSend", "leakSend")},
		"send few":        {at("potential warning channel", "blockSend", "leakSend")},
		"send one":        {at("suspected warning channel", "blockSend", "leakSend")},
		"receive growing": {at("potential error channel", "blockReceive", "leakReceive")},
		"receive one":     {at("suspected info channel", "blockReceive", "leakReceive")},
		"select growing":  {at("suspected warning channel", "blockSelect", "leakSelect")},
		"nil channel":     {at("potential error channel", "blockNil", "leakNil")},
		"forever":         {at("potential error channel", "blockForever", "leakForever")},
		"wait group":      {at("potential error waitgroup", "blockWait", "leakWaitGroup")},
		"cond":            {at("potential error cond", "blockCond", "leakCond")},
		"mutex":           {at("potential error mutex", "blockLock", "leakMutex")},
		"generator":       {"stuck potential error channel; blocked here generate; created here leakGenerator; last woken here leakGenerator"},
		"kept lock":       {"abandoned-lock potential error mutex; acquired here and not released lockAndGo; blocked here lockInTurn; created here keepLock.func"},
		"burst":           {at("suspected warning channel", "blockSend", "burst")},

		"room for one":   nil,
		"idle pool":      nil,
		"used pool":      nil,
		"idle cond pool": nil,
		"ticker":         nil,
		"server":         nil,
		"watcher":        nil,
		"semaphore":      nil,
		"companions":     nil,
		"released lock":  nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			passtest.Settle(t, passtest.Program{Name: name}, want, leak.New)
		})
	}
}

// TestBefore has the goroutines blocked before the trace begins. Nothing is known
// of how they came, so that only what no goroutine should wait for is suspicious, or a
// crowd.
func TestBefore(t *testing.T) {
	at := func(where, kind string) string {
		return "goroutine-leak suspected warning " + kind + "; blocked here " + where
	}
	for before, want := range map[string][]string{
		"send one":     {at("blockSend", "channel")},
		"send few":     {at("blockSend", "channel")},
		"mutex":        {at("blockLock", "mutex")},
		"forever":      {at("blockForever", "channel")},
		"large pool":   {at("work", "channel")},
		"receive one":  nil,
		"nil channel":  nil, // of a wait from before, the trace does not tell that it is on nil
		"wait group":   nil,
		"cond":         nil,
		"idle pool":    nil,
		"used pool":    nil,
		"watcher":      nil,
		"room for one": nil,
	} {
		t.Run(before, func(t *testing.T) {
			t.Parallel()
			p := passtest.Program{Name: "a while", Before: before}
			passtest.Settle(t, p, want, leak.New)
		})
	}
}
