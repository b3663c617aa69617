package agent

// Level is a place in the order of the locks that share a name; see [Nested].
type Level int

// Nested returns a level for [Name]: the place of a lock in the order of the locks that
// share its name.
//
//	for i := range t.rows {
//		agent.Name(&t.rows[i].mu, "row", agent.Nested(i))
//	}
//
// A goroutine must acquire such locks in the order of their levels, lowest first. An
// acquisition of a lower level under a higher one is reported at once (rule lock-order).
// Locks of one level have no declared order.
func Nested(level int) Level { return Level(level) }
