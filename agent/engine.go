//go:build !concdoctor_off

package agent

import "github.com/concdoctor/concdoctor/internal/detect"

// What channels and loops use of the engine, under the names that it has also where
// build tag concdoctor_off leaves the engine out.
type (
	goroutine = detect.Goroutine
	parcel    = detect.Parcel
	sensor    = detect.Sensor
	side      = detect.Side
	waitOp    = detect.WaitOp
	watchdog  = detect.Watchdog
)

const (
	giving    = detect.Giving
	taking    = detect.Taking
	opReceive = detect.OpReceive
	opSelect  = detect.OpSelect
	opSend    = detect.OpSend
)

func sayNil(op waitOp) { detect.SayNil(op) }
