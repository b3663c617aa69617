// Concdoctor finds concurrency defects in Go programs: it observes them while go test or
// go run runs them, analyzes execution traces, profiles, goroutine dumps and logs,
// explains its rules, and demonstrates them on small programs.
//
//	concdoctor test ./...
//	concdoctor analyze trace.out mutex.pb.gz
//	concdoctor explain contention
//
// "concdoctor help" lists the commands. Each is one file of this package and one
// entry in the table of commands.go; help, completion and the dispatch are driven
// by the table. Exit status: 0 nothing found at or above --fail-on, 1 the tool
// failed, 2 usage, 3 findings; the same for every output format.
package main
