package memory

import "sync"

// mostByDefault is what an analysis may take on a large machine: the analysis of 500 MB of
// trace takes 90 MB.
const mostByDefault = 2 << 30

// Default is 2 GB, or half of the memory that the machine or this process's control group
// has, whichever is less.
var Default = sync.OnceValue(func() int64 { return min(mostByDefault, available()/2) })
