package cleanse

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// outcomes cleans payloads at consecutive offsets.
func outcomes(payloads ...string) (all []Outcome) {
	c := New()
	for i, payload := range payloads {
		rec := record(payload)
		rec.Offset = int64(i)
		all = append(all, c.Clean(rec).Outcome)
	}
	return all
}

func testDuplicate(t *testing.T) {
	for base, payload := range valid {
		if got := outcomes(payload, payload)[1]; got != Duplicate {
			t.Errorf("the same %s again: outcome %d, want duplicate", base, got)
		}
	}
}

func TestAChangedValueIsNoDuplicate(t *testing.T) {
	changes := []struct{ base, old, new string }{
		{"glucose", "p-0007", "p-0008"}, {"glucose", "08:05:00", "08:05:01"}, {"glucose", "143", "144"},
		{"glucose", "flat", "singleUp"}, {"glucose", "g7-8842", "g7-8843"}, {"glucose", `"cgm"`, `"fingerstick"`},
		{"glucose", "143", `"LOW"`}, {"glucose", `"flat"`, `"flat","id":"a"`},
		{"meal", "45", "46"}, {"meal", "520", "521"}, {"meal", `"protein_g":20`, `"protein_g":21`}, {"meal", `"fat_g":18`, `"fat_g":19`},
		{"meal", `"fibre_g":4`, `"fibre_g":0`}, {"meal", "breakfast", "lunch"}, {"meal", `,"fibre_g":4`, ``}, {"sized", "usual", "more"},
		{"insulin", "4.5", "4"}, {"insulin", "rapid", "short"}, {"insulin", `"reason":"meal"`, `"reason":"correction"`},
		{"insulin", "lispro", "aspart"}, {"insulin", ":30", ":60"},
		{"profile", "1984", "1985"}, {"profile", `"value":9`, `"value":8`}, {"profile", "06:00", "07:00"}, {"profile", "45", "50"},
		{"profile", "100", "99"}, {"profile", "120", "119"}, {"profile", ":18", ":19"}, {"profile", `u":10`, `u":11`}, {"profile", "0.5", "1"},
		{"profile", "lispro", "aspart"}, {"profile", "360", "300"}, {"profile", "Europe/Berlin", "Europe/Paris"}, {"profile", "72", "73"},
		{"profile", "type1", "type2"}, {"profile", "mdi", "pump"},
		{"response", "r-1", "r-2"}, {"response", "changed", "declined"}, {"response", "4.5", "4"}, {"response", ":10", ":0"}, {"response", "exercise", "ill"},
		{"activity", "30", "31"}, {"activity", "moderate", "light"},
		{"note", "shaky", "dizzy"}, {"note", "hypo-symptoms", "other"},
	}
	for _, change := range changes {
		other := mutated(t, change.base, change.old, change.new)
		c := New()
		c.Clean(keyed("", valid[change.base]))
		rec := keyed("", other)
		rec.Offset++
		if v := c.Clean(rec); v.Outcome == Duplicate || v.Outcome == Quarantined {
			t.Errorf("%s with %s for %s: outcome %d %+v, want accepted", change.base, change.new, change.old, v.Outcome, v.Reasons)
		}
	}
}

func TestAnIDMakesARetryRecognisable(t *testing.T) {
	first := mutated(t, "glucose", `"flat"`, `"flat","id":"x"`)
	corrected := strings.Replace(first, "143", "150", 1)
	if got := outcomes(first, corrected)[1]; got != Duplicate {
		t.Errorf("same id, another value: outcome %d, want duplicate", got)
	}
	other := mutated(t, "meal", `"breakfast"`, `"breakfast","id":"x"`)
	if got := outcomes(first, other)[1]; got != Accepted {
		t.Errorf("same id, another type: outcome %d, want accepted", got)
	}
}

func TestTextsAreNotRunTogether(t *testing.T) {
	one := mutated(t, "note", `"code":"hypo-symptoms","text":"shaky"`, `"code":"ab","text":"c"`)
	two := mutated(t, "note", `"code":"hypo-symptoms","text":"shaky"`, `"code":"a","text":"bc"`)
	if got := outcomes(one, two)[1]; got != Accepted {
		t.Errorf("outcome %d, want accepted", got)
	}
}

func TestQuarantinedRecordsRepeatNothing(t *testing.T) {
	bad := mutated(t, "glucose", "143", "-1")
	for i, got := range outcomes(bad, bad, valid["glucose"]) {
		if want := []Outcome{Quarantined, Quarantined, Accepted}[i]; got != want {
			t.Errorf("record %d: outcome %d, want %d", i, got, want)
		}
	}
}

func TestADuplicateThatIsLateIsADuplicate(t *testing.T) {
	old := mutated(t, "glucose", "08:05", "03:05")
	if got := outcomes(old, old); got[0] != Late || got[1] != Duplicate {
		t.Errorf("outcomes %v, want late, then duplicate", got)
	}
}

func TestLookbackEndsExactly(t *testing.T) {
	for distance, want := range map[int64]Outcome{1: Duplicate, Lookback - 1: Duplicate, Lookback: Duplicate, Lookback + 1: Accepted, 5 * Lookback: Accepted} {
		c := New()
		rec := record(valid["glucose"])
		c.Clean(rec)
		rec.Offset += distance
		if got := c.Clean(rec).Outcome; got != want {
			t.Errorf("%d offsets later: outcome %d, want %d", distance, got, want)
		}
	}
}

// A duplicate prolongs what is known: each copy is compared with the one before.
func TestADuplicateIsRememberedToo(t *testing.T) {
	c := New()
	rec := record(valid["glucose"])
	c.Clean(rec)
	for i := range 3 {
		rec.Offset += Lookback
		if got := c.Clean(rec).Outcome; got != Duplicate {
			t.Errorf("copy %d: outcome %d, want duplicate", i+1, got)
		}
	}
}

func TestAnOffsetThatDoesNotRiseBeginsAnew(t *testing.T) {
	c := New()
	rec := record(valid["glucose"])
	c.Clean(rec)
	for _, offset := range []int64{rec.Offset, 7, -3, -1 << 63, 1<<63 - 1} {
		rec.Offset = offset
		if got := c.Clean(rec).Outcome; got != Accepted {
			t.Errorf("at offset %d: outcome %d, want accepted", offset, got)
		}
	}
}

// entry is an identity at an offset, as Fold observes it.
type entry struct {
	offset   int64
	identity uint64
}

// drawLog is a log with gaps, some as long as the lookback, in which few
// identities repeat often and collide in the index.
func drawLog(t *rapid.T) (log []entry) {
	short, long := rapid.Int64Range(1, 3), rapid.Int64Range(Lookback-50, Lookback+3)
	gap := rapid.OneOf(short, short, short, short, short, short, rapid.Int64Range(1, 100), rapid.Int64Range(1, 100), long)
	identity := rapid.OneOf(rapid.Uint64Range(1, 20), rapid.Map(rapid.Uint64Range(1, 20), func(v uint64) uint64 { return v<<40 | indexMask - 3 }))
	offset := rapid.Int64Range(0, 10).Draw(t, "block") * Lookback
	offset = max(0, offset+rapid.OneOf(rapid.Int64Range(-50, 0), rapid.Int64Range(0, Lookback)).Draw(t, "start"))
	for range rapid.IntRange(1, 60).Draw(t, "records") {
		log = append(log, entry{offset, identity.Draw(t, "identity")})
		offset += gap.Draw(t, "gap")
	}
	return log
}

func TestRecentAgreesWithASearchOfTheLog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log := drawLog(t)
		r := newRecent()
		for i, e := range log {
			want := false
			for _, before := range log[:i] {
				want = want || before.identity == e.identity && before.offset >= e.offset-Lookback
			}
			if got := r.observe(e.offset, e.identity); got != want {
				t.Fatalf("%+v: known %v, want %v", e, got, want)
			}
		}
	})
}

func TestReadingBackRebuildsTheState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log := drawLog(t)
		from := log[rapid.IntRange(0, len(log)-1).Draw(t, "restart")].offset
		whole, rebuilt := newRecent(), newRecent()
		for _, e := range log {
			want := whole.observe(e.offset, e.identity)
			if e.offset < from-Lookback {
				continue
			}
			if got := rebuilt.observe(e.offset, e.identity); e.offset >= from && got != want {
				t.Fatalf("%+v: known %v after a restart at %d, %v without", e, got, from, want)
			}
		}
	})
}

// The index stays consistent when it is as full as it gets.
func TestAFullIndex(t *testing.T) {
	r := newRecent()
	for offset := range int64(3 * Lookback) {
		if r.observe(offset, uint64(offset)*0x9e3779b97f4a7c15|1) {
			t.Fatalf("offset %d is known, though it is new", offset)
		}
	}
	var used [2]int
	for _, entries := range r.index {
		for half, entry := range entries {
			if entry != 0 {
				used[half]++
			}
		}
	}
	if want := [2]int{Lookback, Lookback}; used != want {
		t.Errorf("the halves of the index hold %d identities, want %d", used, want)
	}
}
