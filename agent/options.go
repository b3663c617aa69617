package agent

import (
	"io"
	"log/slog"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/policy"
)

// Options say what becomes of findings. The zero value is the default: each
// distinct finding once, as text, on standard error, and the program goes on.
type Options struct {
	// Output gets the findings; nil means standard error, [io.Discard] nothing. It
	// is called from one goroutine at a time.
	Output io.Writer
	// JSON writes each finding as one line of JSON instead of text.
	JSON bool
	// Logger, if not nil, gets each finding as a record instead of Output.
	Logger *slog.Logger
	// MinCertainty drops what is less certain; zero keeps everything.
	MinCertainty finding.Certainty
	// Suppress drops findings by patterns such as "rule" or "rule:function", where
	// function is part of the name of any function at fault: see
	// [finding.ParseSuppression]. A comment //concdoctor:ignore at a line at fault does
	// the same, if the source is where it was built: see [finding.Directive].
	Suppress []string
	// SuppressFile names a file of such patterns, and Baseline one of the findings that
	// were known at some date; both have the format of [finding.ReadSuppressions], and
	// are read once. What cannot be read is named on standard error.
	SuppressFile, Baseline string
	// WriteBaseline names a file to which each finding that is reported adds its line.
	// It may be the one that Baseline names, and need not exist.
	WriteBaseline string
	// HaltCode, if not 0, ends the process with this exit status after the first
	// finding of severity error was written.
	HaltCode int
	// Ordered says what becomes of inversions whose sides never overlap, since the
	// program orders them by go statements, wait groups, channels or the like. The
	// zero value says nothing of them.
	Ordered OrderPolicy
	// ForeignUnlock reports goroutines that release locks which they do not hold, by the
	// rule foreign-unlock. That is legal, and some programs do it on purpose.
	ForeignUnlock bool
	// SelfWait is how long a goroutine waits for a lock that it holds itself before
	// that is reported: another goroutine may legally release it. Zero means one second.
	SelfWait time.Duration
	// Statistics measures how long locks are held and waited for: see [SetStatistics].
	Statistics bool
	// Off switches detection off for good: locks are sync's from then on.
	Off bool
}

// OrderPolicy says what becomes of an inversion whose sides are ordered by the program.
type OrderPolicy = policy.OrderPolicy

const (
	// SilentOrdered says nothing of it, unless an occurrence is met that is not ordered.
	SilentOrdered = policy.SilentOrdered
	// ReportOrdered reports it as suspected: the order may be an accident of today's callers.
	ReportOrdered = policy.ReportOrdered
)
