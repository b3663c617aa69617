// Package cputime tells how long processors have worked for this process. It needs the
// standard library alone, since the agent links it.
package cputime
