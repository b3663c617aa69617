// Package suite holds zero touch to the scenarios of the agent: each program of
// internal/detect/suite is built on package sync itself, runs in a process of its own that
// records, and must be reported, or not, as docs/zerotouch-scenarios.md says. The file
// is written and checked by the test. TestHangs holds some of the shapes of testdata/hangs;
// docs/hangs.md has all of them.
package suite
