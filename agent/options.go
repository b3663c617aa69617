package agent

import "github.com/concdoctor/concdoctor/internal/detect/policy"

// Options say what becomes of findings.
type Options = policy.Options

// OrderPolicy says what becomes of an inversion whose sides are ordered by the program.
type OrderPolicy = policy.OrderPolicy

// The policies.
const (
	SilentOrdered = policy.SilentOrdered
	ReportOrdered = policy.ReportOrdered
)
