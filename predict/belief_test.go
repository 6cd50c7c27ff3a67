package predict

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/train"
)

const believer = `"regimen":"pump","icr_g_per_u":10,"isf_mgdl_per_u":%d,"target_low_mgdl":100,"target_high_mgdl":120,"timezone":"UTC"`

// logged is hours of somebody who takes units every three hours, of whose fall glucose shows a
// share: at 0 it stays where it begins, as of who eats and doesn't log it.
func logged(hours int, mgdl, share float64, units cleanse.Units) (log []ingest.Record) {
	add := func(at time.Time, text string, args ...any) {
		text = fmt.Sprintf(`{"patient":"p-1","time":%q,%s}`, at.Format(time.RFC3339), fmt.Sprintf(text, args...))
		log = append(log, ingest.Record{Topic: "events", Offset: int64(len(log)), Seen: at, Key: []byte("p-1"), Value: []byte(text)})
	}
	begin := noon.Add(-time.Duration(hours) * time.Hour)
	add(begin, `"type":"profile",`+believer, 45)
	// The same doses in a window of their own tell how far glucose has to fall.
	twin := NewPerson("p-1", nil)
	clean := cleanse.New()
	for m := 5; m <= hours*60; m += 5 {
		at := begin.Add(time.Duration(m) * time.Minute)
		if m%180 == 5 {
			add(at, `"type":"insulin","units":%v,"kind":"rapid"`, float64(units))
			v := clean.Clean(log[len(log)-1])
			twin.fold(&v.Event)
		}
		before, now := twin.window.IOB(at.Add(-5*time.Minute)), twin.window.IOB(at)
		mgdl -= max(0, float64(before-now)*45*share)
		add(at, `"type":"glucose","value":%.1f,"unit":"mg/dL","source":"cgm"`, mgdl+float64(2*(m/5%2)))
	}
	return log
}

func applied(log []ingest.Record) *Person {
	s := NewScorer(train.Prior())
	for _, rec := range log {
		s.Apply(rec)
	}
	return s.people["p-1"]
}

// TestBelief: the log is believed until glucose contradicts it, as far as it bears it out, and never
// less than a tenth.
func TestBelief(t *testing.T) {
	if got := NewPerson("p-1", train.Prior()).day.belief(nil, noon, time.Time{}); got != 1 {
		t.Errorf("nothing seen: %v", got)
	}
	for _, c := range []struct {
		share, least, most float64
	}{{0, beliefLeast, 0.15}, {0.5, 0.3, 0.7}, {1, 0.75, 1}} {
		if got := applied(logged(16, 380, c.share, 1)).situation(noon).Belief; got < c.least || got > c.most {
			t.Errorf("glucose bears out %v of the log, which is believed for %v", c.share, got)
		}
	}
	if got := applied(logged(16, 380, 0, 1)).situation(noon.Add(20 * time.Hour)).Belief; got != 0 {
		t.Errorf("a day later, without a reading: %v", got)
	}
	adults := NewScorer(LearnedFromAdults())
	for _, rec := range logged(16, 380, 0, 1) {
		adults.Apply(rec)
	}
	if s := adults.people["p-1"].situation(noon); s.Belief != 0 || s.Doubt != (train.Correction{}) {
		t.Errorf("a trained model's forecast is doubted: %v, %v", s.Belief, s.Doubt)
	}
}

// TestWarningsGoByWhatTheLogExplained: of somebody whose glucose stays in spite of 4 U every three
// hours, the insulin on board is no warning, which it would be taken at its word. Doses count
// it in full.
func TestWarningsGoByWhatTheLogExplained(t *testing.T) {
	s := *applied(logged(16, 104, 0, 4)).situation(noon)
	var doses []cleanse.Units
	for _, c := range []struct {
		name   string
		belief float64
		doubt  train.Correction
		warned bool
	}{{"as it came", s.Belief, s.Doubt, false}, {"at its word", 0, train.Correction{}, true}} {
		s.Belief, s.Doubt = c.belief, c.doubt
		d := Decide(s)
		if warned := d.Alert != ""; warned != c.warned || d.Components.IOBU < 3 {
			t.Errorf("the log taken %s: %s %v, beside %v U on board: %s", c.name, d.Kind, d.Alert, d.Components.IOBU, d.Because)
		}
		meal := s
		meal.Ask, meal.Meal = AboutMeal, Announced{Carbs: cleanse.Some(cleanse.Grams(90)), At: noon}
		dosed := Decide(meal)
		if doses = append(doses, dosed.Units); dosed.Components.LogShare != 0 {
			t.Errorf("a dose tells what counts in warnings: %+v", dosed.Components)
		}
	}
	if doses[0] != doses[1] || doses[0] <= 0 {
		t.Errorf("doses differ by what was believed, or there are none: %v", doses)
	}
}

// TestBeliefSurvivesARestart: also where settings changed, which a replay knows from its end
// only.
func TestBeliefSurvivesARestart(t *testing.T) {
	for ago := range 30 {
		log := logged(40, 390, 0.25, 2)
		at := noon.Add(-time.Duration(ago)*time.Hour - 20*time.Minute)
		change := ingest.Record{Topic: "events", Seen: at, Key: []byte("p-1"), Value: fmt.Appendf(nil,
			`{"type":"profile","patient":"p-1","time":%q,`+believer+`}`, at.Format(time.RFC3339), 90)}
		for i := range log {
			if log[i].Seen.After(at) {
				log = append(log[:i], append([]ingest.Record{change}, log[i:]...)...)
				break
			}
		}
		owner := NewScorer(train.Prior())
		for i := range log {
			log[i].Offset = int64(i)
			owner.Apply(log[i])
		}
		other := NewScorer(train.Prior())
		if err := other.Restore("p-1", owner.Memory("p-1")); err != nil {
			t.Fatal(err)
		}
		for _, rec := range log {
			if noon.Sub(rec.Seen) <= Lookback {
				other.Replay(rec)
			} else {
				other.cleaner.Clean(rec)
			}
		}
		want, got := owner.people["p-1"].situation(noon), other.people["p-1"]
		if s := got.situation(noon); s.Belief != want.Belief || s.Doubt != want.Doubt || want.Belief == 0 {
			t.Errorf("settings changed %d hours ago: believed for %v, after a restart for %v", ago, want.Belief, s.Belief)
		}
	}
}

// TestAgreementHolds: an hour of readings each minute at the bounds neither turns round nor is lost.
func TestAgreementHolds(t *testing.T) {
	var a agreement
	for range 60 {
		a.add(-1e9, 1e9)
	}
	if a.explained != math.MaxUint16 || a.agreed != math.MinInt16 {
		t.Errorf("%+v", a)
	}
	a = agreement{}
	a.add(-40, -50)
	if a != (agreement{250, 200}) {
		t.Errorf("%+v, want 50² and 40·50, in tens", a)
	}
}

// TestBeliefByHand: of hours that say −30 mg/dL a reading of which nothing came, those of the last
// fourteen count, and of them those that began after the hour that followed the settings'.
func TestBeliefByHand(t *testing.T) {
	h := noon.Unix() / 3600
	of := func(ago int64, settings time.Time) float64 {
		d := new(diary)
		at := d.reach(h - ago)
		*at = hour{n: 10, log: agreement{explained: 900}}
		return d.belief(d.kept(), noon, settings)
	}
	never, some := time.Time{}, cents(300.0/1200)
	for _, c := range []struct {
		ago      int64
		settings time.Time
		want     float64
	}{
		{0, never, some}, {13, never, some}, {14, never, 1},
		{3, noon.Add(-5 * time.Hour), some}, {3, noon.Add(-4 * time.Hour), 1}, {3, noon.Add(-3 * time.Hour), 1},
	} {
		if got := of(c.ago, c.settings); got != c.want {
			t.Errorf("%d hours ago, by settings of %v: %v, want %v", c.ago, c.settings, got, c.want)
		}
	}
}

// TestWhatInsulinNeedsBesideIsBelievedAsMuch: what is said of more carbs goes by belief, too.
func TestWhatInsulinNeedsBesideIsBelievedAsMuch(t *testing.T) {
	for belief, said := range map[float64]bool{0: true, 1: true, 0.1: false} {
		s := usualReading()
		set(&s, 60)
		s.Insulin.OnBoard, s.Belief = 6, belief
		if d := Decide(s); strings.Contains(d.Because, "more over the next hours") != said || d.Components.LogShare != belief {
			t.Errorf("believed for %v, told for %v: %s", belief, d.Components.LogShare, d.Because)
		}
	}
}
