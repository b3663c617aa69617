package agent

// Level is a place in the order of locks that bear one name; see [Nested].
type Level int

// Nested says at which level among the locks of its name a lock stands, for [Name]:
//
//	for i := range t.rows {
//		agent.Name(&t.rows[i].mu, "row", agent.Nested(i))
//	}
//
// A goroutine takes such locks in the order of their levels, lowest first. Taking a
// lower one under a higher one is reported at once, by the rule lock-order, from
// whatever goroutine. Locks of one level have no declared order.
func Nested(level int) Level { return Level(level) }
