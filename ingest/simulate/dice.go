package simulate

import (
	"hash/fnv"
	"math/rand/v2"
	"strconv"
	"time"
)

// dice answer every question of chance about one person. Each answer depends on
// the seed, the person, what is asked and when, and on no earlier answer: a person
// who takes other advice still meets the same meals and the same noise, which
// paired comparisons need, and nothing of it must be saved.
type dice struct{ key uint64 }

func newDice(seed uint64, person int) dice {
	h := fnv.New64a()
	h.Write(strconv.AppendUint(nil, seed, 10))
	h.Write(strconv.AppendInt([]byte{'/'}, int64(person), 10))
	return dice{h.Sum64()}
}

// at is the generator for one question at one moment.
func (d dice) at(question string, t time.Time) *rand.Rand {
	return d.nth(question, t.Unix())
}

// nth is the generator for the n-th instance of a question.
func (d dice) nth(question string, n int64) *rand.Rand {
	h := d.key
	for i := range len(question) {
		h = (h ^ uint64(question[i])) * 1099511628211
	}
	return rand.New(rand.NewPCG(scatter(h), scatter(h^uint64(n)*0x9e3779b97f4a7c15)))
}

// chance is true with probability p.
func (d dice) chance(question string, t time.Time, p float64) bool {
	return d.at(question, t).Float64() < p
}

// scatter is the finaliser of SplitMix64: neighbouring inputs give unrelated
// outputs.
func scatter(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
