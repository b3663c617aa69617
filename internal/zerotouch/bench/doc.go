// Package bench measures what zero touch costs an observed program: one program is built
// plain and with zero touch, and runs each operation plain, with the recording off, and
// recording, in turns:
//
//	go test -run '^$' -bench . -benchtime 1x ./internal/zerotouch/bench
//
// What is measured is processor time, and of all rounds the best counts: other work on the
// machine then does little harm. Only ratios of one run mean something.
package bench
