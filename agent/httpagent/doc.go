// Package httpagent shows in a browser what package agent knows of the process.
//
//	mux.Handle("/debug/concdoctor/", httpagent.Handler())
//
// The pages need no network, no JavaScript and no file beside the binary. Every
// link is relative, so the handler works below any prefix. Nothing is registered
// by importing the package.
//
//	(nothing)      an overview
//	held           locks held now, their holders and what these do at the moment
//	waits          which goroutine waits for which
//	order          the lock order between classes, drawn; order.svg and order.dot alone
//	contention     how long locks are held and waited for, by class
//	findings       what was found
//	snapshot.json  everything; held.json, held?format=json and so on: one page
//	pprof/held     profiles for go tool pprof, of locks held now and of waits
//	pprof/waits
//	statistics     POST on=true or on=false
//
// Requests share what is expensive: one snapshot is taken at a time, and serves for a second
// or more, twenty times as long as it took. Answers are spread over time. A request beyond
// that gets status 503 and the time after which to come again. Reading the stacks of goroutines
// stops the program: it is left out where the stop would take more than 5 ms, and stacks=all
// allows a quarter of a second, a hundredth of the time.
//
// Like net/http/pprof these pages show the inside of a program: they belong on
// an address that only its keepers reach. A request changes nothing but the statistics
// switch, which takes no request from a foreign site's page.
package httpagent
