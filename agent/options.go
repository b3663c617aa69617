package agent

import (
	"io"
	"log/slog"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/policy"
)

// Options control what the agent reports and how. By default, with the zero value, it
// writes each distinct finding once to standard error, as text, and the program goes on.
type Options struct {
	// Output receives the findings. Nil means standard error. One goroutine at a time
	// writes to it.
	Output io.Writer
	// JSON writes each finding as one line of JSON instead of text.
	JSON bool
	// Logger, if not nil, receives each finding as a record, instead of Output.
	Logger *slog.Logger
	// MinCertainty drops findings that are less certain; zero keeps all.
	MinCertainty finding.Certainty
	// Suppress drops findings by patterns such as "rule" or "rule:function", where
	// function is part of the name of a function at fault: see
	// [finding.ParseSuppression]. A comment //concdoctor:ignore at a line at fault has
	// the same effect, if the source is still where it was built: see
	// [finding.Directive].
	Suppress []string
	// SuppressFile names a file of such patterns, and Baseline a file of known findings.
	// Both have the format of [finding.ReadSuppressions] and are read once. A file that
	// cannot be read causes a warning on standard error.
	SuppressFile, Baseline string
	// WriteBaseline names a file to which each reported finding adds a line. It may be
	// the file that Baseline names, and need not exist.
	WriteBaseline string
	// HaltCode, if not 0, ends the process with this exit status after the first finding
	// of severity error, but for held-long: the program may go on.
	HaltCode int
	// Ordered says whether to report inversions whose two sides never overlap, because a
	// go statement, a wait group, a channel or the like orders them. The zero value does
	// not report them.
	Ordered OrderPolicy
	// ForeignUnlock reports goroutines that release locks which they do not hold (rule
	// foreign-unlock). That is legal, and some programs do it on purpose.
	ForeignUnlock bool
	// SelfWait is how long a goroutine may wait for a lock that it holds itself before the
	// agent reports it: another goroutine may legally release the lock. Zero means one
	// second.
	SelfWait time.Duration
	// HoldLimit is how long a goroutine may hold a lock while another one waits for it before
	// the agent reports it (rule held-long), and WaitLimit how long a goroutine may wait for a
	// lock that no goroutine has held all that time (rule waited-long). Zero means 30 seconds,
	// a negative limit none.
	HoldLimit, WaitLimit time.Duration
	// MaxMemory is how many bytes the agent may keep as evidence about the order of locks. Zero
	// means 32 MB. At the limit it drops the evidence about single locks, the oldest first, and
	// says so once on standard error; what it knows of classes of locks stays. The state of
	// goroutines, locks and channels that are alive is not counted.
	MaxMemory int64
	// Statistics turns on the measurement of how long locks are held and waited for; see
	// [SetStatistics].
	Statistics bool
	// Off turns detection off for the rest of the process: the locks behave as those of
	// package sync from then on.
	Off bool
}

// OrderPolicy says whether to report an inversion whose sides the program orders.
type OrderPolicy = policy.OrderPolicy

const (
	// SilentOrdered does not report it, unless it also occurs without the order.
	SilentOrdered = policy.SilentOrdered
	// ReportOrdered reports it as suspected: the order may be an accident of today's
	// callers.
	ReportOrdered = policy.ReportOrdered
)
