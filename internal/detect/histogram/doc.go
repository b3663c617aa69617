// Package histogram counts values in log-linear buckets: each power of two is cut
// into eight equal parts, so a value is known to an eighth of itself at worst, from 1
// to 2^44, in 2.7 kB. This is the layout of HdrHistogram with three bits of
// precision.
//
// Any number of goroutines may record at once; recording is one or two atomic
// additions and allocates nothing.
package histogram
