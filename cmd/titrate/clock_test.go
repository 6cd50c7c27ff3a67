package main

import (
	"testing"
	"time"
)

func TestVirtualClockRunsFastAndNeverPassesThePresent(t *testing.T) {
	wall := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	start := wall.Add(-time.Hour)
	clock := newVirtualClock(func() time.Time { return wall }, start, 60)
	if got := clock.Now(); !got.Equal(start) {
		t.Fatalf("begins at %v, want %v", got, start)
	}
	wall = wall.Add(30 * time.Second)
	if got, want := clock.Now(), start.Add(30*time.Minute); !got.Equal(want) {
		t.Errorf("after 30 s at ×60: %v, want %v", got, want)
	}
	wall = wall.Add(10 * time.Minute)
	if got := clock.Now(); !got.Equal(wall) {
		t.Errorf("caught up: %v, want the present %v", got, wall)
	}
}
