package feature

import (
	"math"
	"testing"

	"github.com/titrate/titrate/cleanse"
)

// TestRoomIsGivenToOthers: whoever comes after somebody who was forgotten lies where they
// lay, and takes no more of the heap.
func TestRoomIsGivenToOthers(t *testing.T) {
	var room Room
	events := days(2, 3)
	life := func() {
		w := room.Window()
		for i := range events {
			if i > len(events)/2 && len(w.shots()) > 0 && len(w.plates()) > 0 {
				break // with something of every kind
			}
			if events[i].Kind != cleanse.Activity { // lies beside the room
				w.Observe(&events[i])
			}
		}
		w.Free()
	}
	life()
	least := math.Inf(1)
	for range 3 { // the runtime allocates, too, once in a while
		least = min(least, testing.AllocsPerRun(1, func() {
			for range 500 {
				life()
			}
		}))
	}
	if least != 0 {
		t.Errorf("%v allocations in 500 lives", least)
	}
}

// TestWindowsShareARoom: of many who live in turns in one room, each has what they would
// have alone.
func TestWindowsShareARoom(t *testing.T) {
	var room Room
	var shared [6]Window
	alone := make([]*Window, len(shared))
	lives := make([][]cleanse.Event, len(shared))
	for i := range shared {
		shared[i], alone[i], lives[i] = room.Window(), &Window{}, days(uint64(i), 4)
	}
	for step := range len(lives[0]) {
		for i := range shared {
			if step < len(lives[i]) {
				shared[i].Observe(&lives[i][step])
				alone[i].Observe(&lives[i][step])
			}
		}
		if step%100 == 50 {
			i := step / 100 % len(shared)
			shared[i].Free()
			*alone[i] = Window{}
		}
	}
	for i := range shared {
		var got, want Vector
		at := lives[i][len(lives[i])-1].At
		if shared[i].Vector(at, &got) != alone[i].Vector(at, &want) || got != want {
			t.Errorf("window %d differs: %s", i, difference(&got, &want))
		}
	}
}
