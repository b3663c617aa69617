//go:build concdoctor_off

package agent

import (
	"context"
	"sync"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/agent/snapshot"
)

// With build tag concdoctor_off the types are sync's own and nothing is found.
type (
	// Mutex is sync.Mutex.
	Mutex = sync.Mutex
	// RWMutex is sync.RWMutex.
	RWMutex = sync.RWMutex
	// Cond is sync.Cond.
	Cond = sync.Cond
	// Once is sync.Once.
	Once = sync.Once
	// WaitGroup is sync.WaitGroup.
	WaitGroup = sync.WaitGroup
)

// NewCond is sync.NewCond.
func NewCond(l Locker) *Cond { return sync.NewCond(l) }

// OnceFunc is sync.OnceFunc.
func OnceFunc(f func()) func() { return sync.OnceFunc(f) }

// OnceValue is sync.OnceValue.
func OnceValue[T any](f func() T) func() T { return sync.OnceValue(f) }

// OnceValues is sync.OnceValues.
func OnceValues[T1, T2 any](f func() (T1, T2)) func() (T1, T2) { return sync.OnceValues(f) }

// Configure does nothing in this build.
func Configure(Options) {}

// OnFinding never calls f in this build.
func OnFinding(f func(finding.Finding)) (stop func()) { return func() {} }

// Findings returns nil in this build.
func Findings() []finding.Finding { return nil }

// SetStatistics does nothing in this build.
func SetStatistics(bool) (was bool) { return false }

// Snapshot says in this build that nothing is detected.
func Snapshot(snapshot.Options) *snapshot.Snapshot {
	return snapshot.New(time.Now())
}

// Go is a go statement.
func Go(f func()) { go f() }

// AfterFunc is time.AfterFunc.
func AfterFunc(d time.Duration, f func()) *time.Timer { return time.AfterFunc(d, f) }

// ContextAfterFunc is context.AfterFunc.
func ContextAfterFunc(ctx context.Context, f func()) (stop func() bool) {
	return context.AfterFunc(ctx, f)
}
