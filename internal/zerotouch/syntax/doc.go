// Package syntax reads off declarations of Go source what several parts of zero touch ask
// of them.
package syntax
