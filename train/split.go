package train

import (
	"hash/fnv"
	"math"
	"slices"
	"strings"
)

// Split names the people that a model learns from, is tuned on and is judged by.
type Split struct {
	Train []string `json:"train"`
	Tune  []string `json:"tune"`
	Test  []string `json:"test"`
}

// share is the part of the people that is tuned on, and the part that judges.
const share = 0.2

// SplitPeople divides people, not rows, by a hash of their names: the same people
// are divided the same way whatever the order. A fifth each, and at least one,
// tunes and judges; the rest trains. From 50 people on each is placed by their
// own hash alone, so that nobody who judged a model trains the next when others
// join; below that a fixed share of few would leave a part empty.
func SplitPeople(people []string) Split {
	people = slices.Clone(people)
	slices.SortFunc(people, func(a, b string) int {
		if d := place(a) - place(b); d != 0 {
			return int(math.Copysign(1, d))
		}
		return strings.Compare(a, b)
	})
	n := max(1, int(math.Round(share*float64(len(people)))))
	tune, test := n, 2*n
	if len(people) >= 50 {
		tune = countBelow(people, share)
		test = countBelow(people, 2*share)
	}
	test = min(test, len(people))
	tune = min(tune, test)
	return Split{Tune: people[:tune:tune], Test: people[tune:test:test], Train: people[test:]}
}

// place is where in [0, 1) a name's hash falls.
func place(name string) float64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return float64(mix(h.Sum64())>>11) / (1 << 53)
}

// mix spreads a hash over all bits: FNV leaves names that differ in their last
// letter close together (the finalizer of SplitMix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func countBelow(people []string, limit float64) int {
	n := 0
	for n < len(people) && place(people[n]) < limit {
		n++
	}
	return n
}

// Memory is bounded for any size of lake: so many rows are learned from at most, evenly
// taken from everybody, and so many tuned on and judged by, in whole people. More would
// not teach more: of eight million rows each pass is one of few.
const (
	learnMost = 8_000_000
	judgeMost = 2_000_000
)

// Rows are the examples of some people.
func (x *Examples) Rows(people []string) []int { return x.some(people, x.Len()) }

// some are at most so many of them, evenly taken.
func (x *Examples) some(people []string, most int) []int {
	of, all := x.of(people)
	rows := make([]int, 0, min(all, most))
	seen := 0
	for i, person := range x.Person {
		if !of[person] {
			continue
		}
		if all <= most || (seen+1)*most/all > seen*most/all {
			rows = append(rows, i)
		}
		seen++
	}
	return rows
}

// few are every so manyth of the people, such that their rows are about most.
func (x *Examples) few(people []string, most int) (some []string) {
	_, all := x.of(people)
	every := (all + most - 1) / most
	if every <= 1 {
		return people
	}
	for i := 0; i < len(people); i += every {
		some = append(some, people[i])
	}
	return some
}

// of tells who of the examples' people are meant, and how many rows they have.
func (x *Examples) of(people []string) (who []bool, rows int) {
	meant := make(map[string]bool, len(people))
	for _, p := range people {
		meant[p] = true
	}
	who = make([]bool, len(x.People))
	for i, p := range x.People {
		who[i] = meant[p]
	}
	for _, person := range x.Person {
		if who[person] {
			rows++
		}
	}
	return who, rows
}
