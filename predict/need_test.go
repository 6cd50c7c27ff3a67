package predict

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/slab"
)

// diary is a day that has its room to itself.
type diary struct {
	day
	room slab.Slab[hour]
}

func (d *diary) kept() []hour               { return d.room.Of(d.hours) }
func (d *diary) observe(e *cleanse.Event)   { d.day.observe(&d.room, e) }
func (d *diary) reach(h int64) *hour        { return d.day.reach(&d.room, h) }
func (d *diary) need(now time.Time) float64 { return d.day.need(d.kept(), now) }
func (d *diary) lows(now time.Time) float64 { return d.day.lows(d.kept(), now) }
func (d *diary) same(other *diary) bool {
	return d.head == other.head && slices.Equal(d.kept(), other.kept())
}
func (d *diary) each(now time.Time, fn func(int64, *hour)) { d.day.each(d.kept(), now, fn) }

// dayAt is a day of readings every five minutes at one level, up to noon.
func dayAt(mgdl cleanse.MgdL, hours int) *diary {
	d := new(diary)
	for m := hours*60 - 1; m >= 0; m -= 5 {
		d.observe(&cleanse.Event{Kind: cleanse.Glucose, At: noon.Add(-time.Duration(m) * time.Minute), Glucose: cleanse.GlucoseReading{MgdL: mgdl}})
	}
	return d
}

// TestNeed: what a day's glucose asks for grows with it, stays in its bounds, and says
// nothing before there is a day to speak of.
func TestNeed(t *testing.T) {
	for name, c := range map[string]struct {
		mgdl  cleanse.MgdL
		hours int
		want  float64
	}{
		"at the goal":         {needGoal, 24, 1},
		"somewhat above":      {150, 24, 1.26},
		"far above":           {300, 24, needMost},
		"low for long":        {62, 24, needLeast},
		"above, four hours":   {300, 4, 1},
		"nobody has measured": {0, 0, 1},
	} {
		if got := dayAt(c.mgdl, c.hours).need(noon); got != c.want {
			t.Errorf("%s: × %v, want %v", name, got, c.want)
		}
	}
	if got := dayAt(300, 24).need(noon.Add(48 * time.Hour)); got != 1 {
		t.Errorf("two days later: × %v", got)
	}
}

// TestDayForgets: order doesn't matter, and what is older than a day is gone.
func TestDayForgets(t *testing.T) {
	a, b := dayAt(200, 20), new(diary)
	for m := 0; m < 20*60; m += 5 {
		b.observe(&cleanse.Event{At: noon.Add(-time.Duration(m+4) * time.Minute), Glucose: cleanse.GlucoseReading{MgdL: 200}})
	}
	if !a.same(b) {
		t.Error("the order of readings makes a difference")
	}
	a.observe(&cleanse.Event{At: noon.Add(-72 * time.Hour), Glucose: cleanse.GlucoseReading{MgdL: 40}})
	if !a.same(b) || a.lows(noon) != 0 {
		t.Error("a reading of three days ago counts")
	}
	if got := dayAt(60, 24).lows(noon); got != 1 {
		t.Errorf("low all day: %v", got)
	}
}

// TestDayByTheHour: each hour of the last day counts once, with all of its readings, and
// none that another hour has taken the place of.
func TestDayByTheHour(t *testing.T) {
	at := func(d *diary, hour int64, mgdl ...cleanse.MgdL) {
		for i, x := range mgdl {
			d.observe(&cleanse.Event{At: time.Unix(hour*3600+int64(i)*60, 0), Glucose: cleanse.GlucoseReading{MgdL: x}})
		}
	}
	told := func(d *diary, now int64) map[int64]hour {
		hours := map[int64]hour{}
		d.each(time.Unix(now*3600+1800, 0), func(ago int64, at *hour) { hours[now-ago] = *at })
		return hours
	}
	const first = 490_000
	var d diary
	at(&d, first, 100.04, 69.9, 70)
	if got := told(&d, first); len(got) != 1 || got[first] != (hour{n: 3, low: 1, tenths: 2399}) {
		t.Errorf("an hour of three readings: %+v", got)
	}
	at(&d, first+24, 150)
	at(&d, first, 300)
	if got := told(&d, first+24); len(got) != 1 || got[first+24].n != 1 {
		t.Errorf("a reading of a day ago is among the newest: %+v", got)
	}
	at(&d, first+1, 300)
	if d.reach(first+1).n != 1 {
		t.Error("a reading of 23 hours ago is not kept")
	}
	d = diary{}
	for h := range int64(30) {
		at(&d, first+h, 150, 150)
	}
	got := told(&d, first+29)
	if len(got) != dayReach+1 || got[first+29].n != 2 || got[first+29-dayReach].n != 2 {
		t.Errorf("the last hours: %+v", got)
	}
	if got := told(&d, first+25); len(got) != 20 || got[first+6].n != 2 {
		t.Errorf("asked about an earlier moment: %d hours, %+v", len(got), got)
	}
	at(&d, first+32, 150) // two hours without
	if got := told(&d, first+32); len(got) != dayReach+1-2 || got[first+30].n != 0 || got[first+29].n != 2 {
		t.Errorf("after a gap: %+v", got)
	}
}

// TestDayTakesNoMoreRoomThanItsHours: hours are kept as they come, room grows by four hours or
// a quarter, to a day at most, and what is older than that, or before a gap of a day, is let go.
func TestDayTakesNoMoreRoomThanItsHours(t *testing.T) {
	d := new(diary)
	at := func(hour int) {
		d.observe(&cleanse.Event{At: noon.Add(time.Duration(hour) * time.Hour), Glucose: cleanse.GlucoseReading{MgdL: 120}})
	}
	var rooms []int
	for hour := range 24 {
		at(hour)
		rooms = append(rooms, cap(d.kept()))
		if d.hours.Len() != hour+1 {
			t.Fatalf("%d hours are kept after %d", d.hours.Len(), hour+1)
		}
	}
	if want := []int{4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12, 16, 16, 16, 16, 20, 20, 20, 20, 24, 24, 24, 24}; !slices.Equal(rooms, want) {
		t.Errorf("room for %v hours, want %v", rooms, want)
	}
	at(-1)
	if at(24); d.hours.Len() != dayHours || cap(d.kept()) != dayHours {
		t.Errorf("%d hours of %d are kept of a day", d.hours.Len(), cap(d.kept()))
	}
	if at(24 + dayHours); d.hours.Len() != 1 {
		t.Errorf("%d hours are kept after a gap of a day", d.hours.Len())
	}
	first := &d.kept()[0]
	if at(24 + dayHours - 3); d.hours.Len() != 4 || &d.kept()[0] != first {
		t.Errorf("an hour before makes %d, in another place", d.hours.Len())
	}
}

// TestNeedByHand: the controller's arithmetic, of six hours and not of five.
func TestNeedByHand(t *testing.T) {
	d := new(diary)
	h := noon.Unix() / 3600
	for ago := range int64(6) {
		if got := d.need(noon); got != 1 {
			t.Errorf("after %d hours: × %v", ago, got)
		}
		n := uint16(2)
		*d.reach(h - ago) = hour{n: n, tenths: uint32(n) * 1600}
	}
	d.reach(h).low = 1
	var weight float64
	for ago := range 6 {
		weight += math.Exp(-float64(ago) / 12)
	}
	want := cents(math.Exp((0.5*(160-120)/50 - 0.5/weight) * weight / (weight + 3)))
	if got := d.need(noon); got != want || want < 0.8 || want > 1.25 {
		t.Errorf("× %v, want %v", got, want)
	}
}
