package main

import "testing"

// A scorer of few people, and one that reads a backlog, collects when there is something
// to collect; one of many has not much more lying about than before.
func TestGarbageIsSpared(t *testing.T) {
	for _, c := range []struct {
		live, most int // MB
	}{{1, 45}, {40, 53}, {225, 90}, {1000, 245}} {
		percent := percentBeyond(uint64(c.live)<<20, garbageSpared, garbage)
		if lies := max(c.live, 4) * percent / 100; lies > c.most+1 || lies < c.most-1-c.live/100 { // whole percents
			t.Errorf("beside %d MB %d MB lie about, want %d", c.live, lies, c.most)
		}
	}
}
