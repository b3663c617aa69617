package judge

import (
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// groupStarters start a goroutine that counts for their wait group until it ends.
var groupStarters = []string{"sync.(*WaitGroup).Go", "golang.org/x/sync/errgroup.(*Group).Go", "golang.org/x/sync/errgroup.(*Group).TryGo"}

// starters do nothing but start a goroutine's own function.
var starters = append([]string{"testing.tRunner", "runtime.main", "runtime.goexit"}, groupStarters...)

// IsStarter reports whether the function, or a literal in it, only starts a goroutine's own
// function, as the runtime, package testing and WaitGroup.Go do.
func IsStarter(name string) bool { return hasAny(name, starters) }

// IsGroupStarter reports whether the function is WaitGroup.Go or errgroup's Go or TryGo, or a
// literal in one of them.
func IsGroupStarter(name string) bool { return hasAny(name, groupStarters) }

func hasAny(name string, functions []string) bool {
	for _, f := range functions {
		if rest, is := strings.CutPrefix(name, f); is && (rest == "" || rest[0] == '.') {
			return true
		}
	}
	return false
}

// Own returns the part of a stack that is the goroutine's own: from its site on, without the
// calls that started its function.
func Own(stack finding.Stack) finding.Stack {
	stack = stack.Trim()
	for len(stack) > 1 && IsStarter(stack[len(stack)-1].Func) {
		stack = stack[:len(stack)-1]
	}
	return stack
}
