// Package shapes holds functions that hang, as people write them, and beside each a
// healthy one that looks alike for a while: the measuring stick of package hangs.
//
// A shape is an exported function without parameters. Its doc comment ends with what a
// report of it should say:
//
//	rule: deadlock, stuck     the rules of which one is right
//	least: suspected          the least certainty; potential if the line is missing, and
//	                          "facts" where no rule has to fire
//	ends: yes                 the function returns and leaves blocked goroutines behind
//	asleep: no                the runtime never finds all goroutines asleep
//
// Comments at the ends of lines mark where its goroutines wait and have taken what they
// hold, each with the kind and the name of the resource, "-" for none, and a slash between
// names of which each is right:
//
//	wg.Wait() // waits group wg
//	mu.Lock() // holds lock mu
//	<-done    // victim chan done
//
// A report is right if it shows each marked line with its resource. Victims wait because
// of the others and may be left out. The marks above a
// shape, from the end of the function before it, belong to it.
//
// The healthy twin has the name with the suffix Healthy. It is about to go on: what it
// waits for comes after the time that [slow] is set to.
package shapes
