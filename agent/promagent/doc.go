// Package promagent gives what package agent knows of the process to Prometheus.
//
//	prometheus.MustRegister(promagent.NewCollector(promagent.Options{}))
//
// It is the one package below agent that needs a foreign module,
// github.com/prometheus/client_golang: a program that does not import it does not pay for it.
//
//	concdoctor_lock_held_seconds{class,kind,mode}  histogram of hold times
//	concdoctor_lock_wait_seconds{class,kind}       histogram of the acquires that had to wait
//	concdoctor_locks_held{class,kind}              holds at this moment
//	concdoctor_lock_waiters{class,kind}            goroutines that wait at this moment
//	concdoctor_findings_total{rule}                distinct findings
//	concdoctor_finding_sightings_total{rule}       how often they were seen
//	concdoctor_detecting, concdoctor_statistics_enabled
//	concdoctor_goroutine_states, concdoctor_order_graph_locks, concdoctor_order_graph_dependencies
//	concdoctor_dropped_dependencies_total, concdoctor_cut_searches_total
//	concdoctor_memory_bytes
//
// The histograms fill while statistics are on (agent.SetStatistics). A class is all
// locks that were first taken at one line. The first Options.MaxClasses classes have
// their own label; all later ones are one class "other", so that no program makes more
// series than that. Which class is which never changes during a process, so counters
// never run backwards.
package promagent
