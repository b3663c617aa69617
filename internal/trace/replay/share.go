package replay

import "github.com/concdoctor/concdoctor/internal/trace/stream"

// Share is what a part of a goroutine's time went to.
type Share uint8

// The shares.
const (
	Other Share = iota
	Running
	Runnable
	BlockedIO
	BlockedLock
	BlockedSync
	// Shares is the number of shares.
	Shares
)

// Times are goroutine nanoseconds by what they went to.
type Times [Shares]int64

var shares = makeShares()

func makeShares() (all [stream.States][stream.Reasons]Share) {
	for r := range stream.Reasons {
		all[stream.Running][r] = Running
		all[stream.Runnable][r] = Runnable
		all[stream.Syscall][r] = BlockedIO
		switch {
		case r.IsIO():
			all[stream.Waiting][r] = BlockedIO
		case r.IsLock():
			all[stream.Waiting][r] = BlockedLock
		case r.IsSync():
			all[stream.Waiting][r] = BlockedSync
		}
	}
	return all
}
