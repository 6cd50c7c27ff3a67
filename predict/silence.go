package predict

import (
	"fmt"
	"math"
	"time"

	"github.com/titrate/titrate/cleanse"
)

// How long a person who wears a sensor may be without a reading that is of the
// present (H1, H22): then they are told, sooner if the last one was close to a low.
// It is told again with every noDataAgain, until the sensor must have been taken off.
const (
	noDataAfter = 30 * time.Minute
	noDataLow   = 15 * time.Minute
	noDataAgain = 3 * time.Hour
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

// deadline is when something is to be said although nothing came; zero if there is
// nothing to wait for.
func (p *Person) deadline() time.Time {
	silent, missed := p.silentAt(), p.longAskAt()
	if missed.IsZero() || !silent.IsZero() && silent.Before(missed) {
		return silent
	}
	return missed
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
	switch told := p.advice.Told.at(aboutNoData); {
	case told.IsZero():
	case told.Before(c.sensed.time()):
		due = later(due, told.Add(noDataNext))
	default:
		due = later(due, told.Add(noDataAgain))
	}
	if due.Sub(c.sensor.time()) > noDataUntil { // they have taken it off
		return time.Time{}
	}
	return due
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
	ask := AboutSilence
	switch {
	case p.desk.stopped != "":
		return nil
	case reached(p.silentAt(), now):
	case reached(p.longAskAt(), now):
		ask = AboutLongLate
	default:
		return nil
	}
	p.settleBooks()
	s := p.situation(now)
	s.Ask = ask
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
	if since := k.s.Now.Sub(k.s.Glucose.Arrived); k.s.Glucose.OK && since < noDataLow {
		text = fmt.Sprintf("readings come %s min late, or a clock is wrong: set the device's clock, and measure with a meter", figure(math.Round(k.age.Minutes())))
	}
	if k.s.Glucose.OK && k.bg < nearLowUntil {
		text += fmt.Sprintf("; the last one was %s mg/dL", figure(k.bg))
	}
	return text
}
