package predict

import (
	"fmt"
	"math"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train/feature"
)

// How long a person who wears a sensor may be without a reading that is of the
// present (H1, H22): then they are told, sooner if the last one was close to a low.
// It is told again after noDataAgain, by day, and after noDataSoon, also at night, where
// a low may come unseen, until the sensor must have been taken off. Chosen in the trial
// (decision 59).
const (
	noDataAfter = 30 * time.Minute
	noDataLow   = 15 * time.Minute
	noDataAgain = 3 * time.Hour
	noDataSoon  = time.Hour
	noDataNext  = time.Hour // between two silences with readings in between
	noDataUntil = 24 * time.Hour
)

// contact is when readings came. A replay of the log rebuilds it.
type contact struct {
	present stamp // the log took a reading that was of the present
	sensed  stamp // the same of a sensor
	sensor  stamp // the log took any reading of a sensor
	low     bool  // the last reading of the present was close to a low
	// skew is the sensor's clock, if it was found behind the log; see clock.
	skew *skew
	// ahead is what came by a clock ahead of the log; nil if nothing did.
	ahead *ahead
}

// skew is by how much a clock is behind, and as of when.
type skew struct {
	by time.Duration
	at stamp
}

// behindFor is how long a clock that was found behind is taken for that, if no reading
// says otherwise: as long as a window remembers doses by themselves, and less than a
// replay reaches.
const behindFor = 8 * time.Hour

// clock is by how much the sensor's clock is behind the log, if the last readings came
// late by as much each, and else 0; see clockGate.
func (c *contact) clock(now time.Time) time.Duration {
	if c.skew == nil || now.Sub(c.skew.at.time()) > behindFor {
		return 0
	}
	return c.skew.by
}

func (c *contact) observe(e *cleanse.Event) {
	if e.Source == "cgm" {
		if c.present == 0 {
			c.present = stampOf(e.Seen) // from here on they are waited for, whatever time they tell
		}
		c.sensor.raise(e.Seen)
	}
	age := e.Seen.Sub(e.At)
	switch {
	case e.Source != "cgm":
	case e.Flags.Has(cleanse.ClockSkew) && age > 0:
		c.skew = &skew{age, stampOf(e.Seen)}
	case !e.Backfill && age <= clockMost:
		c.skew = nil
	}
	if age <= staleAfter && age >= -aheadMost {
		c.present.raise(e.Seen)
		if e.Source == "cgm" {
			c.sensed = c.present
		}
		c.low = e.Glucose.MgdL < nearLowUntil
	}
}

// deadline is when something is to be said, or remembered, although nothing came; zero if
// there is nothing to wait for.
func (p *Person) deadline() time.Time {
	return sooner(sooner(p.silentAt(), p.longAskAt()), p.rememberAt())
}

// sooner is the sooner of two moments, of which zero is none.
func sooner(a, b time.Time) time.Time {
	if b.IsZero() || !a.IsZero() && a.Before(b) {
		return a
	}
	return b
}

// silentAt is when silence becomes worth telling; zero if there is nothing to wait for.
func (p *Person) silentAt() time.Time {
	c := &p.contact
	if c.sensor == 0 || c.present == 0 {
		return time.Time{}
	}
	due := c.present.time().Add(noDataAfter)
	if c.low {
		due = c.present.time().Add(noDataLow)
	}
	if low := p.advice.Told.at(aboutLow); low.After(c.present.time()) {
		// It was shown by a clock that is behind: that one said to measure, too, and is told
		// again as long as readings say so.
		due = later(due, earlier(c.sensor.time().Add(noDataLow), low.Add(quietLater+noDataLow)))
	}
	switch told := p.advice.Told.at(aboutNoData); {
	case told.IsZero():
	case told.Before(c.sensed.time()):
		due = later(due, told.Add(noDataNext))
	default:
		due = later(due, p.silentAgain(told))
	}
	if due.Sub(c.sensor.time()) > noDataUntil { // they have taken it off
		return time.Time{}
	}
	return due
}

// silentAgain is when a silence that was told is told again.
func (p *Person) silentAgain(told time.Time) time.Time {
	soon := later(told, p.advice.spoke()).Add(noDataSoon)
	if p.unseenLow(soon) {
		return soon
	}
	again := told.Add(noDataAgain)
	return later(again, nightEnd(again, p.zone()))
}

// unseenLeast is by how much, in mg/dL, insulin has yet to lower glucose for a low to come
// of it.
const unseenLeast = 20.0

// unseenLow tells whether a low may have come unseen by a moment, or be about to: from the
// last reading on, insulin leads below the target range, and still acts.
func (p *Person) unseenLow(at time.Time) bool {
	last, ok := p.window.Last()
	if !ok {
		return false
	}
	rx := inForce(&Situation{Now: at, Settings: p.window.Settings(), FormerZone: p.facts.formerZone(at)})
	fall, rise := float64(p.toAct(last.At))*rx.isf, float64(p.toAbsorb(last.At, at))*rx.csf()
	acts := float64(p.insulinAt(at))*rx.isf >= unseenLeast || last.MgdL < nearLowUntil
	return acts && float64(last.MgdL)-fall+rise < rx.low
}

// insulinAt is what is, or has to be thought, on board at a moment.
func (p *Person) insulinAt(t time.Time) cleanse.Units {
	return p.window.IOBBehind(t, p.contact.clock(t)) + p.advice.onBoard(t, p.window.Settings())
}

// toAct is the insulin that acts from a moment on, with what was taken since.
func (p *Person) toAct(from time.Time) cleanse.Units {
	sum := p.insulinAt(from)
	for d := range p.window.Doses() {
		if d.At.After(from.Add(feature.Ahead)) { // what is sooner is on board
			sum += d.Units
		}
	}
	return sum
}

// toAbsorb is the carbs that are absorbed from a moment on, with what was eaten since.
func (p *Person) toAbsorb(from, to time.Time) cleanse.Grams {
	return p.window.COB(from) + p.carbsBetween(from.Add(feature.Ahead), to)
}

// Tick tells the person that it is now, although nothing came: silence is no event of
// the log, nor is a dose that was missed. It answers only what a time without readings
// deserves. Telling it again is harmless.
func (p *Person) Tick(now time.Time) []Recommendation {
	return p.tick(now, EventRef{Partition: -1, Offset: now.UnixMicro()})
}

// tick is Tick at a position of the log, from which what is said has its id; whoever
// ticks without a log gives the time for one.
func (p *Person) tick(now time.Time, at EventRef) []Recommendation {
	if reached(p.rememberAt(), now) {
		p.changed = true
	}
	ask := AboutSilence
	switch {
	case p.desk.stopped != "":
		return nil
	case reached(p.silentAt(), now) && now.Sub(p.contact.sensor.time()) > noDataUntil:
		// Nobody looked while there was something to tell: the log stood still, or its next
		// record is of another time. By now they have taken it off.
		p.contact.sensor = 0
		return nil
	case reached(p.silentAt(), now):
	case reached(p.longAskAt(), now):
		ask = AboutLongLate
	default:
		return nil
	}
	s := p.situation(now)
	s.Ask, s.Unseen = ask, p.unseenLow(now)
	k := &p.desk.kernel
	if k.weigh(s); !k.said.Worth {
		return nil
	}
	d := k.explain()
	r := p.recommendation(d, now)
	// The record at that position may be this person's own, and answered itself.
	r.ID = identify(p.patient+" is silent", r.Model, at.Partition, at.Offset)
	r.Event = at
	r.Supersedes = p.advice.supersede(&r)
	p.advice.told(&d, &r, s.Glucose.MgdL)
	p.changed = true
	return []Recommendation{r}
}

// reached tells whether a deadline, if there is one, is over.
func reached(due, now time.Time) bool { return !due.IsZero() && !now.Before(due) }

func (k *kernel) becauseSilence() string {
	quiet := k.s.Now.Sub(k.s.Glucose.Present)
	text := "no glucose reading has come for " + figure(math.Round(quiet.Minutes())) + " min: look at sensor and phone, and measure with a meter"
	last := "the last one"
	switch since := k.s.Now.Sub(k.s.Glucose.Arrived); {
	case k.s.Glucose.Ahead > 0:
		text = "readings come, but by a clock that is " + aheadFor(k.s.Glucose.Ahead) + ": set the device's clock, and measure with a meter"
		last = "the last one before"
	case k.s.Glucose.OK && since < noDataLow:
		text = fmt.Sprintf("readings come %s min late, or a clock is wrong: set the device's clock, and measure with a meter", figure(math.Round(k.age.Minutes())))
	}
	switch {
	case k.s.Glucose.OK && k.bg < nearLowUntil:
		text += fmt.Sprintf("; %s was %s mg/dL", last, figure(k.bg))
	case k.s.Unseen:
		text += "; insulin on board may bring a low: measure every hour"
	}
	return text
}
