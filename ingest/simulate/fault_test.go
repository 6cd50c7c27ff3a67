package simulate

import (
	"math"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
)

// recorded is what a person sent and what was true about it.
type recorded struct {
	events []sent
	truths []Truth
	byID   map[string][]sent
}

// record lives with these faults for three weeks, which has two changes of sensor.
func record(t *testing.T, seed uint64, faults ...string) recorded {
	t.Helper()
	p := people(t, Options{Patients: 1, Seed: seed, Faults: faults})[0]
	r := recorded{byID: map[string][]sent{}}
	p.OnTruth = func(truth Truth) {
		if truth.Fault != "unannounced" {
			r.truths = append(r.truths, truth)
		}
	}
	r.events = during(t, p, 3*week)
	for _, s := range r.events {
		r.byID[s.Wire.ID] = append(r.byID[s.Wire.ID], s)
	}
	return r
}

func told(t *testing.T, w ingest.Wire) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, w.Time)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestWithoutFaultsNothingIsWrong(t *testing.T) {
	if r := record(t, 1); len(r.truths) != 0 {
		t.Errorf("%d truths about faults that are off, first %+v", len(r.truths), r.truths[0])
	}
}

func TestEachFaultTellsItsTruthAndOnlyIts(t *testing.T) {
	for _, name := range Faults() {
		n := 0
		for seed := range uint64(2) {
			for _, truth := range record(t, seed, name).truths {
				n++
				if truth.Fault != name || truth.Patient != "p-0001" || truth.At.IsZero() || truth.Real < 10 {
					t.Fatalf("%s on, told %+v", name, truth)
				}
			}
		}
		if n == 0 {
			t.Errorf("%s never happened in six weeks", name)
		}
	}
}

func TestTruthsAgreeWithTheStream(t *testing.T) {
	for seed := range uint64(3) {
		r := record(t, seed, "all")
		end := day1.Add(3 * week)
		for _, truth := range r.truths {
			if truth.ID == "" || truth.Sent.After(end) {
				continue
			}
			events := r.byID[truth.ID]
			if len(events) == 0 {
				t.Fatalf("truth about an event that wasn't sent: %+v", truth)
			}
			found := false
			for _, s := range events {
				found = found || s.At.Equal(truth.Sent)
			}
			if w := events[0].Wire; !found || !told(t, w).Equal(truth.Told) || *w.Value != truth.Reported {
				t.Fatalf("event %+v, truth %+v", events, truth)
			}
		}
	}
}

// missing are the readings of r that should have been sent and weren't.
func missing(r recorded) map[time.Time]bool {
	gaps := map[time.Time]bool{}
	for _, truth := range r.truths {
		if truth.ID == "" {
			gaps[truth.At] = true
		}
	}
	return gaps
}

func TestSilenceIsAccountedFor(t *testing.T) {
	for _, name := range []string{"dropout", "warmup"} {
		sound, r := record(t, 2), record(t, 2, name)
		want := 0
		there, gaps := map[time.Time]bool{}, missing(r)
		for _, s := range r.events {
			if s.Wire.Source == "cgm" {
				there[told(t, s.Wire)] = true
			}
		}
		for _, s := range sound.events {
			if s.Wire.Source != "cgm" {
				continue
			}
			want++
			if at := told(t, s.Wire); there[at] == gaps[at] {
				t.Fatalf("%s at %s: sent %v, told missing %v", name, at, there[at], gaps[at])
			}
		}
		if len(gaps) == 0 || len(there)+len(gaps) != want {
			t.Errorf("%s: %d sent and %d missing of %d", name, len(there), len(gaps), want)
		}
	}
}

func TestDuplicatesAreTheSameBytesTwice(t *testing.T) {
	r := record(t, 3, "duplicate")
	twice := 0
	for id, events := range r.byID {
		if len(events) == 1 {
			continue
		}
		twice++
		if len(events) != 2 || events[0].Wire.Time != events[1].Wire.Time || *events[0].Wire.Value != *events[1].Wire.Value {
			t.Fatalf("%s: %+v", id, events)
		}
		if wait := events[1].At.Sub(events[0].At); wait < time.Second || wait > 11*time.Minute {
			t.Fatalf("%s: sent again after %s", id, wait)
		}
	}
	if twice < len(r.truths)-1 || twice > len(r.truths) { // the last may be on its way
		t.Errorf("%d events came twice, %d truths", twice, len(r.truths))
	}
	if share := float64(twice) / (3 * 7 * 288); share < 0.012 || share > 0.03 {
		t.Errorf("share of duplicates %g, want about 0.02", share)
	}
}

func TestDelayedReadingsComeInABurstInOrder(t *testing.T) {
	r := record(t, 4, "delay")
	late := map[string]bool{}
	for _, truth := range r.truths {
		late[truth.ID] = true
	}
	var last time.Time
	for _, s := range r.events {
		if s.Wire.Source != "cgm" {
			continue
		}
		at := told(t, s.Wire)
		if !at.After(last) {
			t.Fatalf("reading of %s came after that of %s", at, last)
		}
		last = at
		if wait := s.At.Sub(at); wait > 4*time.Hour+time.Minute || !late[s.Wire.ID] && wait > time.Minute {
			t.Fatalf("reading of %s sent after %s, truth told: %v", at, wait, late[s.Wire.ID])
		}
	}
}

func TestClockErrorsAreTold(t *testing.T) {
	for _, truth := range record(t, 5, "clock").truths {
		if off := truth.Told.Sub(truth.At).Abs(); off < 3*time.Minute || off > time.Hour {
			t.Fatalf("clock is off by %s: %+v", off, truth)
		}
	}
	for u := 0.0; u < 1; u += 0.001 {
		if off := clockError(u).Abs(); off < 3*time.Minute || off > time.Hour {
			t.Fatalf("clockError(%g) = %s", u, off)
		}
	}
}

func TestCompressionLowersReadingsAtNight(t *testing.T) {
	sound, r := record(t, 6), record(t, 6, "compression")
	p := people(t, Options{Patients: 1, Seed: 6})[0]
	lower := 0.0
	for _, truth := range r.truths {
		if hour := truth.At.In(p.zone).Hour(); hour >= 11 && hour < 19 {
			t.Fatalf("compression at %s", truth.At.In(p.zone))
		}
		// Lives part when a false low is treated; only the first hours are comparable.
		if before, ok := sound.byID[truth.ID]; ok && truth.Reported < *before[0].Wire.Value {
			lower++
		}
	}
	if share := lower / float64(len(r.truths)); share < 0.6 {
		t.Errorf("%.0f %% of compressed readings are below the sound sensor's", 100*share)
	}
}

func TestSpikesStandOut(t *testing.T) {
	r := record(t, 7, "spike")
	for _, truth := range r.truths {
		if truth.Reported == lowest || truth.Reported == highest {
			continue
		}
		if off := math.Abs(truth.Reported - truth.Real); off < 8 {
			t.Errorf("spike of %g mg/dL: %+v", off, truth)
		}
	}
	if n := len(r.truths); n < 5 || n > 35 {
		t.Errorf("%d spikes in three weeks, want about 15", n)
	}
}

func TestDriftGrows(t *testing.T) {
	for seed := range uint64(8) {
		var early, late, ne, nl float64
		for _, truth := range record(t, seed, "drift").truths {
			if truth.Reported == lowest || truth.Reported == highest {
				continue
			}
			if r := truth.Reported / truth.Real; truth.Reported > 0 && r < 0.95 {
				late, nl = late+r, nl+1
			} else {
				early, ne = early+r, ne+1
			}
		}
		if nl+ne > 0 && nl < 0.3*(nl+ne) {
			t.Errorf("seed %d: only %.0f of %.0f drifted readings are low", seed, nl, nl+ne)
		}
	}
}

func TestASensorsStartIsNoted(t *testing.T) {
	starts := 0
	r := record(t, 1, "warmup")
	for _, s := range r.events {
		if s.Wire.Type == "note" && s.Wire.Code == "sensor-start" {
			starts++
		}
	}
	if starts != 2 { // of three weeks with sensors of ten days
		t.Errorf("%d starts noted", starts)
	}
}
