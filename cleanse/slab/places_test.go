package slab

import "testing"

// TestPlacesAreApart: each thing has a place of its own, which stays and was nobody's.
func TestPlacesAreApart(t *testing.T) {
	var places Places[int]
	var all []*int
	for i := range 3 * mostPlaces {
		p := places.Next()
		if *p != 0 {
			t.Fatalf("place %d was used", i)
		}
		*p = i + 1
		all = append(all, p)
	}
	for i, p := range all {
		if *p != i+1 {
			t.Fatalf("place %d has %d", i, *p)
		}
	}
}

// TestPlacesAreFewPieces, but one thing takes no more room than it needs.
func TestPlacesAreFewPieces(t *testing.T) {
	if got := testing.AllocsPerRun(10, func() {
		var places Places[[2]*int]
		for range 10 * mostPlaces {
			places.Next()
		}
	}); got > 20 {
		t.Errorf("%v pieces", got)
	}
	var one Places[int]
	if one.Next(); len(one.blank) > 0 {
		t.Errorf("room for %d more than one", len(one.blank))
	}
}
