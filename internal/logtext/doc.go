// Package logtext takes the lines out of logs for the readers that look for
// reports between other output: race reports, goroutine dumps, lock warnings.
//
// A log wraps lines. Lines of JSON are unwrapped: the events of go test -json
// (one stream of lines for each package, since packages run in parallel; an
// event may hold a part of a line), the lines of container logs, and any other
// object for its string values of several lines, such as the stack that a
// structured logger writes into one field. What a line of plain text has in
// front (a time, a service's name) is the readers' to cut: they know where their
// report begins.
//
// Memory: one line a stream, cut at maxLine, and maxStreams streams.
package logtext
