// Package suite holds zero touch to the scenarios of the agent: each program of
// internal/detect/suite is built on package sync itself, runs in a process of its own that
// records, and must be reported, or not, as its column of docs/scenarios.md says. The test
// writes and checks the column. TestHangs holds some of the shapes of testdata/hangs;
// docs/hangs.md has all of them.
package suite
