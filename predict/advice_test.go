package predict

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
)

func promised(id string, at time.Time, kind Kind, units cleanse.Units) promise {
	return promise{ID: id, At: at, Until: at.Add(expireAfter), Kind: kind, Units: units}
}

func bolus(at time.Time, action, reason string) *cleanse.Event {
	return &cleanse.Event{Kind: cleanse.Insulin, At: at, Insulin: cleanse.InsulinDose{Units: 2, Action: action, Reason: reason}}
}

func reply(id, action string, units cleanse.Opt[cleanse.Units]) *cleanse.Event {
	return &cleanse.Event{Kind: cleanse.Response, Response: cleanse.Answer{Recommendation: id, Action: action, Units: units}}
}

// TestPromises: what becomes of 3 U that were advised at noon.
func TestPromises(t *testing.T) {
	none := cleanse.Opt[cleanse.Units]{}
	for name, c := range map[string]struct {
		event *cleanse.Event
		left  cleanse.Units
	}{
		"silence":                  {&cleanse.Event{Kind: cleanse.Note}, 3},
		"bolus at once":            {bolus(noon.Add(time.Minute), "rapid", "correction"), 0},
		"bolus 30 min later":       {bolus(noon.Add(30*time.Minute), "rapid", "meal"), 0},
		"bolus 31 min later":       {bolus(noon.Add(31*time.Minute), "rapid", "meal"), 3},
		"bolus 5 min before":       {bolus(noon.Add(-5*time.Minute), "short", ""), 0},
		"bolus 6 min before":       {bolus(noon.Add(-6*time.Minute), "rapid", ""), 3},
		"long-acting":              {bolus(noon, "long", "basal"), 3},
		"basal of a pump":          {bolus(noon, "rapid", "basal"), 3},
		"declined":                 {reply("a", "declined", none), 0},
		"accepted":                 {reply("a", "accepted", none), 3},
		"changed":                  {reply("a", "changed", cleanse.Some(cleanse.Units(1.5))), 1.5},
		"declined, but another id": {reply("b", "declined", none), 3},
	} {
		a := advice{Open: []promise{promised("a", noon, Correction, 3)}}
		a.observe(c.event)
		if got := a.unconfirmedSince(noon.Add(-time.Hour)); got != c.left {
			t.Errorf("%s: %v U left, want %v", name, got, c.left)
		}
	}
}

// TestOnBoard: an open promise acts like insulin, for as long.
func TestOnBoard(t *testing.T) {
	a := advice{Open: []promise{promised("a", noon, Bolus, 10)}}
	for minutes, want := range map[int]float64{0: 10, 60: 7.793, 120: 4.498, 240: 0.727, 360: 0} {
		got := a.onBoard(noon.Add(time.Duration(minutes)*time.Minute), usualSettings())
		if d := float64(got) - want; d > 0.001 || d < -0.001 {
			t.Errorf("%v U after %d min, want %v", got, minutes, want)
		}
	}
	young := usualSettings()
	young.BirthYear = 2014 // insulin acts sooner in a child
	for settings, want := range map[*cleanse.Settings]float64{young: 3.886, nil: 4.498} {
		if d := float64(a.onBoard(noon.Add(2*time.Hour), settings)) - want; d > 0.001 || d < -0.001 {
			t.Errorf("%v U too much after 2 h", d)
		}
	}
	if got := a.lastCorrection(); !got.IsZero() {
		t.Errorf("a bolus for a meal counts as a correction at %v", got)
	}
	a.Open[0].Kind = Correction
	if got := a.lastCorrection(); !got.Equal(noon) {
		t.Errorf("a correction counts as of %v", got)
	}
}

// TestQuiet: nothing is said twice too soon, but for what became urgent.
func TestQuiet(t *testing.T) {
	for name, c := range map[string]struct {
		topic  topic
		was    float64
		after  time.Duration
		level  float64
		allows bool
	}{
		"low again":                  {aboutLow, 65, 14 * time.Minute, 60, false},
		"low a quarter later":        {aboutLow, 65, 15 * time.Minute, 60, true},
		"low, now urgent":            {aboutLow, 65, 5 * time.Minute, 54, true},
		"urgent again":               {aboutLow, 54, 5 * time.Minute, 45, false},
		"predicted again":            {aboutPredictedLow, 75, 29 * time.Minute, 70, false},
		"predicted half an hour on":  {aboutPredictedLow, 75, 30 * time.Minute, 70, true},
		"predicted, now urgent soon": {aboutPredictedLow, 75, 5 * time.Minute, 50, true},
		"ketones again":              {aboutKetones, 0, 239 * time.Minute, 0, false},
		"ketones 4 h on":             {aboutKetones, 0, 4 * time.Hour, 0, true},
		"correction again":           {aboutCorrection, 0, 59 * time.Minute, 0, false},
	} {
		var a advice
		d := Decision{topic: c.topic, level: c.was}
		if !a.mayTell(&d, noon) {
			t.Errorf("%s: not even once", name)
		}
		a.told(&d, &Recommendation{Time: noon}, 100)
		d.level = c.level
		if got := a.mayTell(&d, noon.Add(c.after)); got != c.allows {
			t.Errorf("%s: allowed %v", name, got)
		}
	}
	var a advice
	a.told(&Decision{topic: aboutLow, level: 60}, &Recommendation{Time: noon}, 60)
	soon := Decision{topic: aboutPredictedLow, level: 40}
	if a.mayTell(&soon, noon.Add(10*time.Minute)) {
		t.Error("a low is predicted to somebody who was told that it is there")
	}
}

// TestOneMessageForDoseAndKetones: who is told to check for them with a dose isn't told
// again on their own.
func TestOneMessageForDoseAndKetones(t *testing.T) {
	s := usualReading()
	set(&s, 300)
	s.Glucose.HighFor = 3 * time.Hour
	d := Decide(s)
	if d.Kind != Correction || !strings.Contains(d.Because, "check for ketones") {
		t.Fatalf("%s: %s", d.Kind, d.Because)
	}
	var a advice
	a.told(&d, &Recommendation{Time: noon}, 300)
	alone := Decision{topic: aboutKetones}
	if a.mayTell(&alone, noon.Add(2*time.Hour)) || !a.mayTell(&alone, noon.Add(4*time.Hour)) {
		t.Error("want quiet for four hours after the dose")
	}
}

// TestSupersede: advice that still holds is named by what follows it.
func TestSupersede(t *testing.T) {
	last := promised("a", noon, Bolus, 3)
	a := advice{Last: &last}
	for after, want := range map[time.Duration]string{9 * time.Minute: "a", 10 * time.Minute: ""} {
		if got := a.supersede(&Recommendation{Time: noon.Add(after)}); got != want {
			t.Errorf("after %v it supersedes %q", after, got)
		}
	}
}

// TestIdentify: every part of a log position, and the model, make another id.
func TestIdentify(t *testing.T) {
	seen := map[string]bool{}
	for _, id := range []string{
		identify("p", "m", 1, 2), identify("q", "m", 1, 2), identify("p", "n", 1, 2), identify("p", "m", 2, 2), identify("p", "m", 1, 3),
	} {
		if seen[id] || len(id) != 32 {
			t.Errorf("id %q", id)
		}
		seen[id] = true
	}
	if identify("p", "m", 1, 2) != "70318cb4b479831f3b3c07a6c0b59794" {
		t.Errorf("the id has changed: %s", identify("p", "m", 1, 2))
	}
}

// TestFacts: newer ones win in whatever order they come.
func TestFacts(t *testing.T) {
	var f facts
	for _, hour := range []time.Duration{2, 9, 2, 5} {
		f.long(injected{stampOf(noon.Add(hour * time.Hour)), cleanse.Units(hour), 0})
	}
	if f.Long.Units != 9 || f.longBefore().LongPrev.Units != 5 {
		t.Errorf("%+v", f)
	}
	zones := map[string]struct {
		to    *time.Location
		after time.Duration
		want  bool
	}{
		"far, at once":        {time.FixedZone("", 3*3600), time.Hour, true},
		"far, a day later":    {time.FixedZone("", 3*3600), 25 * time.Hour, false},
		"two hours away":      {time.FixedZone("", 2*3600), time.Hour, false},
		"west is as far away": {time.FixedZone("", -3*3600), time.Hour, true},
	}
	for name, z := range zones {
		var f facts
		f.profile(&cleanse.Event{At: noon.Add(-time.Hour), Profile: &cleanse.Settings{Zone: time.UTC}})
		f.profile(&cleanse.Event{At: noon, Profile: &cleanse.Settings{Zone: z.to}})
		f.profile(&cleanse.Event{At: noon.Add(-2 * time.Hour), Profile: &cleanse.Settings{Zone: time.FixedZone("", 9*3600)}})
		if got := f.formerZone(noon.Add(z.after)) != nil; got != z.want {
			t.Errorf("%s: doubt %v", name, got)
		}
	}
}

// TestPromisesAreKept: new advice doesn't make older advice forgotten before its
// insulin has worn off.
func TestPromisesAreKept(t *testing.T) {
	var a advice
	for _, hours := range []time.Duration{0, 23, 25} {
		at := noon.Add(hours * time.Hour)
		a.told(&Decision{topic: aboutMeal}, &Recommendation{ID: at.String(), Time: at, Kind: Bolus, Units: 2}, 100)
	}
	if len(a.Open) != 2 || !a.Open[0].At.Equal(noon.Add(23*time.Hour)) {
		t.Errorf("open: %+v", a.Open)
	}
	changed := reply(a.Open[0].ID, "changed", cleanse.Some(cleanse.Units(0)))
	if a.observe(changed); a.Open[0].Units != 0 {
		t.Errorf("changed to nothing: %+v", a.Open[0])
	}
}

// TestHeldFor: a refused meal waits an hour and a half, and not for somebody who has
// dosed by themselves.
func TestHeldFor(t *testing.T) {
	a := advice{Held: &heldMeals{heldMeal: heldMeal{At: noon, Carbs: 40}}}
	for after, want := range map[time.Duration]bool{90 * time.Minute: true, 91 * time.Minute: false} {
		if _, got := a.held(noon.Add(after)); got != want {
			t.Errorf("held after %v: %v", after, got)
		}
	}
	if a.observe(bolus(noon.Add(time.Minute), "rapid", "meal")); a.Held != nil {
		t.Error("held although a bolus was logged")
	}
	if _, ok := a.held(noon); ok {
		t.Error("nothing is held, and yet something is")
	}
}

// TestUnansweredQuestionIsAskedOnceMore: half an hour later, by day, unless it was
// answered, and as long as the dose would hold a correction back.
func TestUnansweredQuestionIsAskedOnceMore(t *testing.T) {
	for name, c := range map[string]struct {
		from  int // hour of the first reading
		reply string
		own   bool   // the reply names the question, not the dose
		gap   [2]int // minutes without readings, after the first
		want  []int  // minutes from the advice to its questions
	}{
		"nobody answers":         {from: 12, want: []int{15, 45}},
		"taken, not logged":      {from: 12, reply: "accepted", want: []int{15}},
		"answered with another":  {from: 12, reply: "changed", want: []int{15}},
		"the question answered":  {from: 12, reply: "accepted", own: true, want: []int{15}},
		"the night begins":       {from: 21, want: []int{15}},
		"no reading for 2 h":     {from: 12, gap: [2]int{30, 150}, want: []int{15, 140}},
		"no reading for 3 h":     {from: 12, gap: [2]int{30, 190}, want: []int{15, 180}},
		"no reading for longer":  {from: 12, gap: [2]int{30, 195}, want: []int{15}},
		"no reading for an hour": {from: 12, gap: [2]int{15, 90}},
	} {
		p := NewPerson("p-1", train.Prior())
		p.Observe(&cleanse.Event{Kind: cleanse.Profile, Profile: usualSettings()})
		begin := time.Date(2026, 11, 20, c.from, 10, 0, 0, time.UTC)
		var advised Recommendation
		var got []int
		for m := 0; m < 240; m += 5 {
			if m >= c.gap[0] && m < c.gap[1] {
				continue
			}
			at := begin.Add(time.Duration(m) * time.Minute)
			e := &cleanse.Event{Kind: cleanse.Glucose, At: at, Seen: at, Source: "cgm", Glucose: cleanse.GlucoseReading{MgdL: cleanse.MgdL(228 + m%10)}, Offset: int64(m)}
			for _, r := range p.Observe(e) {
				switch {
				case r.Kind == Correction && advised.ID == "":
					advised = r
				case r.Asks == advised.ID:
					got = append(got, int(r.Time.Sub(advised.Time).Minutes()))
					if c.reply != "" {
						about := r.Asks
						if c.own {
							about = r.ID
						}
						p.Observe(&cleanse.Event{Kind: cleanse.Response, At: at, Seen: at, Response: cleanse.Answer{Recommendation: about, Action: c.reply}})
					}
				}
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: asked after %v min, want %v", name, got, c.want)
		}
	}
}
