package cleanse

import "math"

// dose is insulin as it is remembered.
type dose struct {
	at, offset int64
	identity   uint64
	milli      int64 // thousandths of a unit: sums don't depend on their order
	action     uint32
	long       bool
	lasting    bool // delivered over a while, or by itself long-acting
}

func (d dose) place() (int64, uint64) { return d.offset, d.identity }

func doseOf(e *Event, identity uint64) dose {
	i := &e.Insulin
	long := i.Action == "long"
	return dose{
		at: e.At.UnixMicro(), offset: e.Offset, identity: identity, milli: int64(math.Round(1000 * float64(i.Units))),
		action: hashed(i.Action), long: long, lasting: i.Duration > 0 || long || i.Action == "intermediate",
	}
}

const day = 24 * 60 * minute

// dose returns the rules that a dose breaks.
func (s *sequence) dose(p *person, now *dose, from int64) (found flagSet) {
	if now.milli == 0 {
		return 0
	}
	total := now.milli
	for i := range p.doses.len() {
		d := s.doses.back(&p.doses, i)
		if d.offset < from {
			break
		}
		gap := now.at - d.at
		apart := max(gap, -gap)
		if now.long && d.long && d.milli > 0 && apart < s.limits.longActing {
			found |= isLongTwice
		}
		if !now.lasting && !d.lasting && d.milli == now.milli && d.action == now.action && apart < s.limits.bolusAgain {
			found |= isBolusAgain
		}
		if gap >= 0 && gap < day {
			total += d.milli
		}
	}
	if total > s.limits.dailyInsulin {
		found |= isMuchInsulin
	}
	return found
}

// portion is a meal as it is remembered.
type portion struct {
	at, offset int64
	identity   uint64
	milli      int64 // milligrams of carbohydrate
}

func (p portion) place() (int64, uint64) { return p.offset, p.identity }

func portionOf(e *Event, identity uint64) portion {
	return portion{e.At.UnixMicro(), e.Offset, identity, int64(math.Round(1000 * float64(e.Meal.Carbs.V)))}
}

// meal returns the rules that a meal breaks.
func (s *sequence) meal(p *person, now *portion, from int64) (found flagSet) {
	if now.milli == 0 {
		return 0
	}
	total := now.milli
	for i := range p.meals.len() {
		m := s.meals.back(&p.meals, i)
		if m.offset < from {
			break
		}
		gap := now.at - m.at
		if m.milli == now.milli && max(gap, -gap) < s.limits.mealAgain {
			found |= isMealAgain
		}
		if gap >= 0 && gap < day {
			total += m.milli
		}
	}
	if total > s.limits.dailyCarbs {
		found |= isManyCarbs
	}
	return found
}
