package predict_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// TestRetoldIsTheRecordBitForBit: a scorer of two people, whose champion is swapped
// and whose advice is stopped for a while, and then each recommendation made again
// from its person's part of the log alone.
func TestRetoldIsTheRecordBitForBit(t *testing.T) {
	log := life(5, 6)
	models := map[string]*train.Model{"prior": train.Prior(), "2026-11-20.1": named("2026-11-20.1")}
	s := predict.NewScorer(models["prior"])
	var said []predict.Recommendation
	for i, rec := range log {
		switch i {
		case len(log) / 3:
			s.Use(models["2026-11-20.1"])
		case len(log) / 2:
			s.Stop("model under review")
		case len(log) * 3 / 5:
			s.Stop("")
		}
		got, _ := s.Apply(rec)
		said = append(said, got...)
	}
	retold := 0
	for _, patient := range []string{"p-1", "p-2"} {
		var theirs []predict.Recommendation
		for _, r := range said {
			if r.Patient == patient {
				theirs = append(theirs, r)
			}
		}
		for n := 1; n <= len(theirs); n += 1 + n/6 {
			want := theirs[n-1]
			got := predict.Retell(partOf(log, patient, theirs[:n]), theirs[:n], func(v string) *train.Model { return models[v] })
			if !got.Found || !got.Recommendation.Same(&want) || got.Differ != 0 || got.Earlier != n-1 {
				t.Fatalf("%s, recommendation %d of %d: found %t, %d of %d earlier ones differ\nrecorded %s\nretold   %s",
					patient, n, len(theirs), got.Found, got.Differ, got.Earlier, text(t, want), text(t, got.Recommendation))
			}
			retold++
		}
	}
	if retold < 15 || !strings.Contains(text(t, said), "model under review") {
		t.Errorf("only %d of %d recommendations were retold", retold, len(said))
	}
}

func partOf(log []ingest.Record, patient string, said []predict.Recommendation) (part []ingest.Record) {
	for _, rec := range log {
		answered := slices.ContainsFunc(said, func(r predict.Recommendation) bool { return r.Event.Offset == rec.Offset })
		if string(rec.Key) == patient || answered {
			part = append(part, rec)
		}
	}
	return part
}

func TestRetellTellsWhatDiffers(t *testing.T) {
	log := morning()
	said := applyAll(predict.NewScorer(train.Prior()), log)
	prior := func(string) *train.Model { return train.Prior() }
	for name, c := range map[string]struct {
		log   []ingest.Record
		model func(string) *train.Model
	}{
		"a reading is gone": {append(slices.Clone(log[:6]), log[7:]...), prior},
		"the model is gone": {log, func(string) *train.Model { return nil }},
	} {
		got := predict.Retell(c.log, said, c.model)
		if !got.Found || got.Recommendation.Same(&said[0]) {
			t.Errorf("%s: found %t, and it is said to be the same", name, got.Found)
		}
	}
	if got := predict.Retell(log[:5], said, prior); got.Found {
		t.Error("found without the event")
	}
}

// TestCardIsInTheReadersUnit: numbers, sentences and notes; one that can't be said in mmol/L
// stands as it was recorded, and says so.
func TestCardIsInTheReadersUnit(t *testing.T) {
	r := applyAll(predict.NewScorer(train.Prior()), morning())[0]
	r.Forecast = []predict.ForecastPoint{{Minutes: 30, P05: 90, P50: 180.1559, P95: 270}}
	for unit, want := range map[string][]string{
		predict.MgPerDL:  {"in 30 min 90 180 270", r.Because, "glucose 156 mg/dL is not below 70"},
		predict.MmolPerL: {"in 30 min 5.0 10.0 15.0", inMmol(t, r.Because), "glucose 8.7 mmol/L is not below 3.9"},
	} {
		flat := cardOf(t, &r, unit)
		for _, part := range append(want, "Bolus 5.5 U", r.ID, "forecast, "+unit, "predicted_low pass") {
			if !strings.Contains(flat, part) {
				t.Errorf("in %s the card lacks %q:\n%s", unit, part, flat)
			}
		}
		if other := map[string]string{predict.MgPerDL: predict.MmolPerL, predict.MmolPerL: predict.MgPerDL}[unit]; strings.Contains(flat, other) {
			t.Errorf("in %s the card tells %s:\n%s", unit, other, flat)
		}
	}
	r.Because = "glucose was 143 once"
	if flat := cardOf(t, &r, predict.MmolPerL); !strings.Contains(flat, r.Because+" (as recorded; glucose in mg/dL)") {
		t.Errorf("the unit of what isn't known isn't told:\n%s", flat)
	}
}

func inMmol(t *testing.T, recorded string) string {
	said, ok := predict.InUnit(predict.MmolPerL, recorded)
	if !ok || said == recorded {
		t.Fatalf("%q is said as %q", recorded, said)
	}
	return said
}

// cardOf is a card without its layout.
func cardOf(t *testing.T, r *predict.Recommendation, unit string) string {
	var card bytes.Buffer
	if err := r.Card(&card, unit, start.Location()); err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(card.String()), " ")
}
