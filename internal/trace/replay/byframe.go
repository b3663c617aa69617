package replay

import "github.com/concdoctor/concdoctor/internal/trace/stream"

// ByFrame is a pass's state for each frame: a map's place on the path of every event.
// The zero value is ready.
type ByFrame[T any] struct{ frames []T }

// At returns the frame's state, zero at first. The pointer holds until the next call
// of At.
func (b *ByFrame[T]) At(id stream.FrameID) *T {
	if int(id) >= len(b.frames) {
		b.frames = append(b.frames, make([]T, int(id)+1-len(b.frames))...)
	}
	return &b.frames[id]
}
