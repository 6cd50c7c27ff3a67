package feature

import "github.com/titrate/titrate/cleanse/slab"

// Room is where the lists of many people's windows lie, in few pieces of memory. The zero
// Room is empty. It is not safe for concurrent use, nor are windows that share it.
type Room struct {
	readings slab.Slab[sample]
	doses    slab.Slab[shot]
	meals    slab.Slab[plate]
	periods  slab.Slab[period]
	insulin  slab.Slab[byte]
	settings therapy
}

// Window is an empty window that lies in r. A zero Window makes a room of its own.
func (r *Room) Window() Window { return Window{room: r} }

// Free empties w, and gives its room to others.
func (w *Window) Free() {
	r := w.lists()
	r.readings.Free(&w.readings)
	r.doses.Free(&w.doses)
	r.meals.Free(&w.meals)
	r.periods.Free(&w.level.periods)
	r.insulin.Free(&w.totals.packed)
	r.settings.drop(w.settings)
	*w = Window{room: r}
}

// lists is w's room, made if need be.
func (w *Window) lists() *Room {
	if w.room == nil {
		w.room = &Room{}
	}
	return w.room
}

func (w *Window) samples() []sample {
	if w.room == nil {
		return nil
	}
	return w.room.readings.Of(w.readings)
}

func (w *Window) shots() []shot {
	if w.room == nil {
		return nil
	}
	return w.room.doses.Of(w.doses)
}

func (w *Window) plates() []plate {
	if w.room == nil {
		return nil
	}
	return w.room.meals.Of(w.meals)
}

func (w *Window) periods() []period {
	if w.room == nil {
		return nil
	}
	return w.room.periods.Of(w.level.periods)
}

// insulin is what totals are packed in.
func (w *Window) insulin() []byte {
	if w.room == nil {
		return nil
	}
	return w.room.insulin.Of(w.totals.packed)
}
