package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"
)

// measuring is what the flags say.
type measuring struct {
	requests, runs, most int
	over, idle           time.Duration
	peer                 string
	goroutines           int

	dir      string
	variants []variant
}

// result is what one run of serve prints.
type result struct {
	Processor, Wall, P50, P99 time.Duration
	Heap                      []uint64
	System                    uint64
	Idle                      time.Duration
	Goroutines, Findings      int
}

// run runs a variant once.
func (m *measuring) run(v variant, server string, more ...string) (r result, err error) {
	requests := m.requests
	if isLoop(server) {
		requests *= 2
	}
	args := []string{"-server", server, "-goroutines", strconv.Itoa(m.goroutines), "-requests", strconv.Itoa(requests), "-over", m.over.String(), "-idle", m.idle.String()}
	line, err := output(m.dir, v.program, append(args, more...)...)
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal([]byte(line), &r)
}

// isLoop reports whether the program has no connections.
func isLoop(server string) bool { return server == "pairs" || server == "locks" }

// table prints the medians of all variants, and what the others are of the one without
// detection.
func (m *measuring) table(servers []string) error {
	fmt.Printf("%d goroutines, %d requests in %v:\n\n", m.goroutines, m.requests, m.over)
	fmt.Println("| server | build | processor | / off | p50 | p99 | / off | heap beyond off | of the bound | idle | findings |")
	fmt.Println("| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |")
	for _, server := range servers {
		all, err := m.all(server)
		if err != nil {
			return err
		}
		for _, v := range m.variants {
			if runs := all[v.name]; runs != nil {
				row(server, v.name, runs, all[off])
			}
		}
	}
	fmt.Println()
	return nil
}

// all runs all variants by turns, so that what else the machine does hits all.
func (m *measuring) all(server string) (all map[string][]result, err error) {
	all = make(map[string][]result)
	for run := range m.runs {
		for i := range m.variants {
			v := m.variants[(i+run)%len(m.variants)]
			if v.name == goDeadlock && m.goroutines > m.most {
				continue
			}
			fmt.Fprintf(os.Stderr, "%s, %d goroutines: %s, run %d\n", server, m.goroutines, v.name, run+1)
			r, err := m.run(v, server)
			if err != nil {
				return nil, err
			}
			all[v.name] = append(all[v.name], r)
		}
	}
	return all, nil
}

// bound is what the agent may keep: a fixed part, and one for each goroutine alive.
func bound(runs []result) float64 {
	return float64(16<<20 + median(runs, func(r result) int { return r.Goroutines })<<10)
}

func row(server, name string, runs, without []result) {
	processor := func(r result) time.Duration { return r.Processor }
	p99 := func(r result) time.Duration { return r.P99 }
	heap := func(r result) uint64 { return slices.Max(r.Heap) }
	beyond := float64(median(runs, heap)) - float64(median(without, heap))
	fmt.Printf("| %s | %s | %.2f s | %.2f | %v | %v | %.2f | %.1f MB | %.2f | %v | %d |\n",
		server, name, median(runs, processor).Seconds(), ratio(median(runs, processor), median(without, processor)),
		median(runs, func(r result) time.Duration { return r.P50 }).Round(time.Microsecond), median(runs, p99).Round(time.Microsecond),
		ratio(median(runs, p99), median(without, p99)), beyond/1e6, beyond/bound(runs),
		median(runs, func(r result) time.Duration { return r.Idle }).Round(time.Millisecond), median(runs, func(r result) int { return r.Findings }))
}

func ratio(a, b time.Duration) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

func median[T cmp.Ordered](runs []result, of func(result) T) T {
	var all []T
	for _, r := range runs {
		all = append(all, of(r))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// soak prints the heap of each minute, with detection and without.
func (m *measuring) soak(servers []string, minutes int) error {
	m.over = time.Minute
	for _, server := range servers {
		for _, v := range m.variants {
			if v.name == goDeadlock || isLoop(server) {
				continue
			}
			r, err := m.run(v, server, "-rounds", strconv.Itoa(minutes))
			if err != nil {
				return err
			}
			fmt.Printf("%s, %s, %d goroutines, %d requests a minute, MB in use after each:", server, v.name, m.goroutines, m.requests)
			for _, heap := range r.Heap {
				fmt.Printf(" %.1f", float64(heap)/1e6)
			}
			fmt.Printf("; %.2f s of processor time, %d findings\n", r.Processor.Seconds(), r.Findings)
		}
	}
	return nil
}
