package predict

import (
	"fmt"
	"math"
	"time"

	"github.com/titrate/titrate/cleanse"
)

// aheadUntil is how far ahead a sensor's clock may be for its readings to say anything (H2).
// A wrong zone, evening for morning, and tomorrow's date are mistakes of people, and come to
// a day at most. What is wilder was broken on the way, and the value perhaps with it.
const aheadUntil = 24 * time.Hour

// ahead is what came by a clock that is ahead.
type ahead struct {
	by  time.Duration
	at  stamp // when the log took the newest reading
	low stamp // the newest below nearLowUntil; zero if there is none
}

// Sight is glucose as a sensor shows it whose clock is ahead; zero if none does.
type Sight struct {
	MgdL    cleanse.MgdL
	Special cleanse.Special
	By      time.Duration // how far the clock is ahead
}

// Ahead takes a reading that is quarantined because its sensor's clock is ahead, and
// answers it if it is low: with a check, as nothing else can rest on it. The window, and
// with it features, forecasts and doses, never see it. What comes from the future can't be
// of a slow connection, so one reading is enough to tell that it is the clock (decision 65).
func (p *Person) Ahead(a *cleanse.Ahead) []Recommendation {
	if !p.contact.sight(a) || math.Round(float64(a.Glucose.MgdL)) >= lowBelow {
		return nil
	}
	s := p.situation(a.Seen)
	s.Ask, s.Sight = AboutSight, Sight{a.Glucose.MgdL, a.Glucose.Special, a.By}
	s.Forecast, s.Unlike = nil, 0 // it would rest on the reading before
	// A challenger isn't asked: no model has a part in this.
	if p.desk.kernel.weigh(s); !p.speaks(&p.desk.kernel) {
		return nil
	}
	return p.tell(s, &cleanse.Event{Partition: a.Partition, Offset: a.Offset})
}

// ReplayAhead is Ahead of what was answered already.
func (p *Person) ReplayAhead(a *cleanse.Ahead) { p.contact.sight(a) }

// sight notes a reading by a clock that is ahead, and tells whether it says anything.
// Whoever wears the sensor is waited for from here on, as with any clock.
func (c *contact) sight(a *cleanse.Ahead) bool {
	if a.Backfill || a.By > aheadUntil {
		return false
	}
	at := stampOf(a.Seen)
	if c.present == 0 {
		c.present = at
	}
	c.sensor = max(c.sensor, at)
	if c.ahead == nil {
		c.ahead = &ahead{}
	}
	c.ahead.by, c.ahead.at = a.By, at
	if a.Glucose.MgdL < nearLowUntil {
		c.ahead.low = at
	}
	return true
}

// aheadBy is how far ahead the clock is by which readings come, if none has come lately by
// a right one; else 0.
func (c *contact) aheadBy(now time.Time) time.Duration {
	if c.ahead == nil || c.ahead.at < c.present || now.Sub(c.ahead.at.time()) >= noDataAfter {
		return 0
	}
	return c.ahead.by
}

// sighted is when the newest reading near a low came by a clock that is ahead; zero if none
// did, or one of the present has come since.
func (c *contact) sighted() time.Time {
	if c.ahead == nil || c.ahead.low < c.present {
		return time.Time{}
	}
	return c.ahead.low.time()
}

// settleSight tells of a low that a sensor shows whose clock is ahead.
func (k *kernel) settleSight() {
	mgdl := math.Round(float64(k.s.Sight.MgdL))
	k.say(aboutLow, AlertLow, Check)
	if k.s.Sight.Special == cleanse.Low || mgdl < urgentBelow {
		k.said.Alert = AlertUrgentLow
	}
	k.said.level, k.said.Worth = mgdl, mgdl < lowBelow
}

func (k *kernel) becauseSight() string {
	what := fmt.Sprintf("glucose %s mg/dL is below %s", figure(math.Round(float64(k.s.Sight.MgdL))), figure(lowBelow))
	if k.s.Sight.Special == cleanse.Low {
		what = "the sensor reads LOW"
	}
	return k.measureFirst(what, "its sensor's clock is "+aheadFor(k.s.Sight.By))
}

// aheadFor is how far a clock is ahead, in words.
func aheadFor(by time.Duration) string {
	number, unit := lasting(by)
	return fmt.Sprintf("%s %s ahead", figure(number), unit)
}
