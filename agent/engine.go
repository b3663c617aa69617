//go:build !concdoctor_off

package agent

import "github.com/concdoctor/concdoctor/internal/detect"

// What channels and loops use of the engine, under the names that it has also where
// build tag concdoctor_off leaves the engine out.
type (
	engineChan = detect.Chan
	engineLoop = detect.Loop
	goroutine  = detect.Goroutine
	message    = detect.Message
	side       = detect.Side
	waitOp     = detect.WaitOp
)

const (
	giving    = detect.Giving
	taking    = detect.Taking
	opReceive = detect.OpReceive
	opSelect  = detect.OpSelect
	opSend    = detect.OpSend
)

func blockForEver(op waitOp) { detect.BlockForEver(op) }
