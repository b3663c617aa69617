// Package bench measures the agent side by side with package sync and with
// github.com/sasha-s/go-deadlock, in one run:
//
//	go test -bench . -count 10 ./internal/detect/bench
//
// Only ratios within one run mean something. The package holds nothing else: the
// peer stays out of the agent's own tests, since it brings cgo along (by os/user),
// which would switch off the runtime's check for programs that are all asleep.
package bench
