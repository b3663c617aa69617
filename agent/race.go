//go:build race

package agent

// raceEnabled says whether the race detector is built in.
const raceEnabled = true
