//go:build race

package agent_test

// buildFlags make a nested go command build as this test was built.
var buildFlags = []string{"-race"}
