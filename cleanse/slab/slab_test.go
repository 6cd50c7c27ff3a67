package slab

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestListsAreThoseOfSlices: whatever many owners do in turns, each has the entries that it
// would have in a slice of its own.
func TestListsAreThoseOfSlices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Slab[int]
		lists, want := make([]List, 12), make([][]int, 12)
		most := rapid.SampledFrom([]int{1, 3, 20, 200, 1024, 3000}).Draw(t, "most")
		for next := range rapid.IntRange(1, 600).Draw(t, "steps") {
			i := rapid.IntRange(0, len(lists)-1).Draw(t, "owner")
			switch act := rapid.IntRange(0, 9).Draw(t, "act"); {
			case act == 0:
				s.Free(&lists[i])
				want[i] = nil
			case act < 3 && len(want[i]) > 0:
				from := rapid.IntRange(0, len(want[i])-1).Draw(t, "from")
				n := rapid.IntRange(0, len(want[i])-from).Draw(t, "n")
				s.Cut(&lists[i], from, n)
				want[i] = slices.Delete(want[i], from, from+n)
			default:
				for range min(rapid.IntRange(1, 30).Draw(t, "more")*max(1, most/200), most-len(want[i])) {
					all := s.Grow(&lists[i], most)
					all[len(all)-1] = next
					want[i] = append(want[i], next)
				}
			}
			for i := range lists {
				if got := s.Of(lists[i]); !slices.Equal(got, want[i]) || lists[i].Len() != len(want[i]) {
					t.Fatalf("list %d is %v, want %v", i, got, want[i])
				}
			}
		}
	})
}

// TestRoomIsUsedAgain: where all lists grow in step, what they leave behind is theirs again;
// and when the last is gone, so is every page's hold.
func TestRoomIsUsedAgain(t *testing.T) {
	const owners, entries = 4000, 48
	var s Slab[int64]
	lists := make([]List, owners)
	for range entries {
		for i := range lists {
			s.Grow(&lists[i], entries)
		}
	}
	if got, most := len(s.pages)*pageSize, owners*entries*5/4; got > most {
		t.Errorf("room for %d entries is held where there are %d, want at most %d", got, owners*entries, most)
	}
	for i := range lists {
		s.Free(&lists[i])
	}
	if len(s.spare) != len(s.pages) {
		t.Errorf("%d of %d pages are spare", len(s.spare), len(s.pages))
	}
}

// TestGrowingLeavesNoGarbage once there is room.
func TestGrowingLeavesNoGarbage(t *testing.T) {
	var s Slab[int64]
	life := func() {
		var lists [100]List
		for range 40 {
			for i := range lists {
				s.Grow(&lists[i], 48)
			}
		}
		for i := range lists {
			s.Free(&lists[i])
		}
	}
	life()
	for range 100 {
		life() // neither does what is known of pages grow
	}
	if got := len(s.open[4]); got > len(s.pages) {
		t.Errorf("%d pages are open of %d", got, len(s.pages))
	}
	if got := testing.AllocsPerRun(10, life); got > 0 {
		t.Errorf("%v allocations a life, want none", got)
	}
}
