package hunt

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Strategy is a way to disturb a program's schedule.
type Strategy string

// The strategies; None leaves the program alone.
const (
	None       Strategy = "none"
	Random     Strategy = "random"
	Priorities Strategy = "priorities"
	Directed   Strategy = "directed"
)

// All are the strategies that disturb.
var All = []Strategy{Directed, Random, Priorities}

// ParseStrategies reads a list with commas between; "all" is All.
func ParseStrategies(text string) ([]Strategy, error) {
	if text == "all" {
		return All, nil
	}
	var list []Strategy
	for name := range strings.SplitSeq(text, ",") {
		s := Strategy(name)
		if s != None && !slices.Contains(All, s) {
			return nil, fmt.Errorf("unknown strategy %q: want random, priorities, directed, none or all", name)
		}
		list = append(list, s)
	}
	return list, nil
}

// Variable is the environment variable that says how an observed program is to be
// disturbed.
const Variable = "CONCDOCTOR_PERTURB"

// DefaultBudget is what all delays of a run add up to at most.
const DefaultBudget = time.Second

// MaxSites bounds the places at which a directed run pauses.
const MaxSites = 16

// Site is a line of source: the file as a stack has it.
type Site struct {
	File string
	Line int
}

// String is the site as [ParseSite] reads it.
func (s Site) String() string { return s.File + ":" + strconv.Itoa(s.Line) }

// ParseSite reads a file and, after the last colon, a line.
func ParseSite(text string) (Site, error) {
	i := strings.LastIndexByte(text, ':')
	line, err := strconv.Atoi(text[i+1:])
	if i <= 0 || err != nil || line <= 0 {
		return Site{}, fmt.Errorf("%q is not a line of a file: want FILE:LINE", text)
	}
	return Site{text[:i], line}, nil
}

// Perturbation is how one run is disturbed.
type Perturbation struct {
	Strategy Strategy
	Seed     uint64
	Budget   time.Duration
	// Sites are where a directed run pauses.
	Sites []Site
}

// String is the value of [Variable]: strategy, seed and nanoseconds, then the sites,
// each after a line break, as files may have any other sign in their names.
func (p Perturbation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s,%d,%d", p.Strategy, p.Seed, p.Budget.Nanoseconds())
	for _, s := range p.Sites {
		b.WriteString("\n" + s.String())
	}
	return b.String()
}

// Plan says how each run is to be disturbed.
type Plan struct {
	// Strategies are taken in turns; nil is All.
	Strategies []Strategy
	// Seed is of the first disturbed run; the next ones' follow from it.
	Seed   uint64
	Budget time.Duration
	// Sites are where directed runs pause, if any, whatever earlier runs showed.
	Sites []Site
	// Alone says that the first run is disturbed too, with Seed itself: the run that a
	// report's seed is to reproduce.
	Alone bool
}

// Run is how the run with the number, from 0, is disturbed. sites are where findings of
// the runs before it say that it may be worth to pause.
func (p *Plan) Run(number int, sites []Site) Perturbation {
	if !p.Alone {
		if number == 0 {
			return Perturbation{Strategy: None}
		}
		number--
	}
	strategies := p.Strategies
	if len(strategies) == 0 {
		strategies = All
	}
	run := Perturbation{Strategy: strategies[number%len(strategies)], Seed: p.seed(number), Budget: p.Budget}
	if run.Budget == 0 {
		run.Budget = DefaultBudget
	}
	if run.Strategy == Directed {
		if len(p.Sites) > 0 {
			sites = p.Sites
		}
		if run.Sites = sites[:min(len(sites), MaxSites)]; len(sites) == 0 && slices.Contains(strategies, Random) {
			run.Strategy = Random // there is nothing to direct it at
		}
	}
	return run
}

func (p *Plan) seed(number int) uint64 {
	if number == 0 {
		return p.Seed
	}
	// Short, since people copy it.
	return rand.New(rand.NewPCG(p.Seed, uint64(number))).Uint64N(1_000_000)
}
