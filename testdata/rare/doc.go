// Package rare holds ten bugs whose window is so narrow that its tests pass nearly
// always: what [zero touch] must find in few runs where plain go test finds nothing in
// hundreds.
//
//	go test -count 200 ./testdata/rare
//
// Each test is one bug. It hangs, panics or fails where the bug shows.
//
// [zero touch]: the README's section of that name
package rare
