package main

import (
	"sync"
	"time"
)

// virtualClock is the time that virtual people live in: it starts at a moment of
// the past, runs speed times as fast as the wall clock and never passes it.
type virtualClock struct {
	mu    sync.Mutex
	wall  func() time.Time
	speed float64
	start time.Time // virtual
	since time.Time // wall, when start was
}

func newVirtualClock(wall func() time.Time, start time.Time, speed float64) *virtualClock {
	return &virtualClock{wall: wall, speed: speed, start: start, since: wall()}
}

// Now is the virtual time. Once it has caught up with the present it runs with it.
func (c *virtualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	wall := c.wall()
	passed := time.Duration(float64(wall.Sub(c.since)) * c.speed)
	now := c.start.Add(passed)
	if now.After(wall) {
		return wall
	}
	return now
}

// restart lets the time run from its start, as if it had been made now.
func (c *virtualClock) restart() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.since = c.wall()
}
