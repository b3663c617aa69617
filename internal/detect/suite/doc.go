// Package suite holds the agent to every scenario that it must report and every
// one that it must stay silent on, each in a process of its own, with
// github.com/sasha-s/go-deadlock beside it on the same programs. It has tests only.
//
// A scenario is written once against a kit of primitives, so that both detectors
// see the same program. The tests compare rule, certainty, resources and the top
// function of each stack, and hold their columns of docs/scenarios.md (with -update they
// write them); package table reads and writes the file. Where go-deadlock is right the agent must be too.
package suite
