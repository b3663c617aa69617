// Package profile writes profiles that go tool pprof opens.
//
// The format is profile.proto of github.com/google/pprof, gzipped. The few messages that a
// profile of stacks needs are encoded by hand, since the agent imports the standard
// library only: https://protobuf.dev/programming-guides/encoding says how.
//
// A profile made here has functions and lines but no mappings and addresses: the
// process has resolved its own stacks.
package profile
