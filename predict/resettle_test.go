package predict_test

import (
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// TestAdviceByOtherSettingsIsWithdrawn: what happens to the settings after 5.5 U were
// advised at minute 31, and whether the advice falls with them.
func TestAdviceByOtherSettingsIsWithdrawn(t *testing.T) {
	at := func(minute int, kind, fields string) ingest.Record {
		return record("p-1", int64(100+minute), start.Add(time.Duration(minute)*time.Minute), kind, fields)
	}
	weaker := strings.Replace(settings, `"icr_g_per_u":10`, `"icr_g_per_u":12`, 1)
	for name, c := range map[string]struct {
		then      []ingest.Record
		withdrawn bool
	}{
		"the same settings again":  {[]ingest.Record{at(33, "profile", settings)}, false},
		"another carb ratio":       {[]ingest.Record{at(33, "profile", weaker)}, true},
		"another zone":             {[]ingest.Record{at(33, "profile", settings+`,"timezone":"Asia/Tokyo"`)}, true},
		"deleted":                  {[]ingest.Record{at(33, "retraction", `"replaces":"s-1"`)}, true},
		"others before these":      {[]ingest.Record{{Key: []byte("p-1"), Value: at(-9, "profile", weaker).Value, Offset: 133, Partition: 3, Seen: start.Add(33 * time.Minute)}}, false},
		"another note deleted":     {[]ingest.Record{at(33, "retraction", `"replaces":"s-0"`)}, false},
		"just before it expires":   {[]ingest.Record{at(40, "profile", weaker)}, true},
		"once it has expired":      {[]ingest.Record{at(41, "profile", weaker)}, false},
		"once it was taken":        {[]ingest.Record{at(32, "insulin", `"units":5.5,"kind":"rapid","reason":"meal"`), at(33, "profile", weaker)}, false},
		"after a hold took over":   {[]ingest.Record{at(32, "meal", `"carbs_g":400`), at(33, "profile", weaker)}, false},
		"twice, said once already": {[]ingest.Record{at(32, "profile", weaker), at(33, "profile", settings)}, false},
	} {
		s := predict.NewScorer(train.Prior())
		log := morning()
		log[0] = record("p-1", 0, start, "profile", settings+`,"id":"s-1"`)
		advised := applyAll(s, log)[0]
		before := c.then[:len(c.then)-1]
		applyAll(s, before)
		said, _ := s.Apply(c.then[len(c.then)-1])
		if got := len(said) == 1; got != c.withdrawn || len(said) > 1 {
			t.Errorf("%s: %d said, withdrawn %t", name, len(said), c.withdrawn)
			continue
		}
		if c.withdrawn && (said[0].Kind != predict.Check || said[0].Supersedes != advised.ID || said[0].Asks != advised.ID ||
			!strings.Contains(said[0].Because, "the settings have changed since 5.5 U were advised")) {
			t.Errorf("%s: %s", name, text(t, said[0]))
		}
	}
}

// TestWithdrawnAdviceCountsAsTaken until the person says that it wasn't; the meal then
// gets its dose by the new settings, with the next reading.
func TestWithdrawnAdviceCountsAsTaken(t *testing.T) {
	s := predict.NewScorer(train.Prior())
	advised := applyAll(s, morning())[0]
	weaker := strings.Replace(settings, `"icr_g_per_u":10`, `"icr_g_per_u":15`, 1)
	said, _ := s.Apply(record("p-1", 9, start.Add(33*time.Minute), "profile", weaker))
	if len(said) != 1 || said[0].Components.IOBU < 5.4 {
		t.Fatalf("%+v", said)
	}
	applyAll(s, []ingest.Record{record("p-1", 10, start.Add(34*time.Minute), "response", `"recommendation":"`+advised.ID+`","action":"declined"`)})
	said, _ = s.Apply(record("p-1", 11, start.Add(35*time.Minute), "glucose", `"value":150,"unit":"mg/dL","source":"cgm"`))
	if len(said) != 1 || said[0].Kind != predict.Bolus || said[0].Units != 3.5 { // 45 ÷ 15 + 40 ÷ 45
		t.Errorf("%+v", said)
	}
}

// TestBasalOnlyMealsAskNothing: whoever takes no insulin for meals hears nothing of them,
// and is answered when they ask.
func TestBasalOnlyMealsAskNothing(t *testing.T) {
	s := predict.NewScorer(train.Prior())
	log := morning()
	log[0] = record("p-1", 0, start, "profile", strings.Replace(settings, `"mdi"`, `"basal"`, 1))
	if said := applyAll(s, log); len(said) != 0 {
		t.Errorf("%+v", said)
	}
	if r, _ := s.Advise("p-1", start.Add(32*time.Minute), 45); r.Units != 0 || !strings.Contains(r.Because, "basal insulin only") {
		t.Errorf("%+v", r)
	}
	low := record("p-1", 20, start.Add(35*time.Minute), "glucose", `"value":60,"unit":"mg/dL","source":"cgm"`)
	meal := record("p-1", 21, start.Add(52*time.Minute), "meal", `"carbs_g":45`)
	if said := applyAll(s, []ingest.Record{low}); len(said) != 1 || said[0].Alert != predict.AlertLow {
		t.Errorf("a low: %+v", said)
	}
	again := record("p-1", 22, start.Add(51*time.Minute), "glucose", `"value":60,"unit":"mg/dL","source":"cgm"`)
	applyAll(s, []ingest.Record{again})
	if said := applyAll(s, []ingest.Record{meal}); len(said) != 1 || said[0].Alert != predict.AlertLow {
		t.Errorf("a meal at a low: %+v", said)
	}
}
