package cleanse

import (
	"math/rand/v2"
	"testing"
)

type stone struct{ offset int64 }

func (s stone) place() (int64, uint64) { return s.offset, uint64(s.offset) }

// A ring has whatever is within reach, in the order of the log, and hardly more: who
// shares a partition with thousands must not hold room for a day of their own.
func TestRingsHoldWhatIsWithinReach(t *testing.T) {
	const reach, most = 100, 16
	for seed := range uint64(50) {
		dice := rand.New(rand.NewPCG(seed, 1))
		var room rings[stone]
		var r ring
		var all []int64
		busiest, offset := 0, int64(0)
		for range 400 {
			offset += 1 + dice.Int64N(1+dice.Int64N(60))
			from := offset - reach
			room.add(&r, stone{offset}, most, from)
			all = append(all, offset)
			if dice.IntN(20) == 0 {
				k := len(all) - 1 - dice.IntN(min(4, len(all)))
				room.remove(&r, uint64(all[k]))
				all = append(all[:k], all[k+1:]...)
			}
			within := 0
			for within < min(most, len(all)) && all[len(all)-1-within] >= from {
				if got := room.back(&r, within).offset; got != all[len(all)-1-within] {
					t.Fatalf("seed %d: %d steps back stands %d, want %d", seed, within, got, all[len(all)-1-within])
				}
				within++
			}
			if busiest = max(busiest, within+1); r.len() > busiest {
				t.Fatalf("seed %d: %d entries are held where %d were within reach at most", seed, r.len(), busiest)
			}
		}
	}
}
