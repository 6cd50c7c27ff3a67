package cleanse

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
	"unsafe"
)

// TestQuickReadsAlike: what quick reads of a payload, spoilt or not, is what careful
// reads of it; and where it gives up, it leaves nothing behind.
func TestQuickReadsAlike(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 3))
	marks := []byte(`{}[]",:\-+.eE019tfn aé` + "\x00\x1f\x7f\xff")
	var payloads []string
	for _, payload := range valid {
		payloads = append(payloads, payload)
	}
	used := &message{} // for all of them: what it guesses must not matter
	read := 0
	for range 300_000 {
		payload := []byte(payloads[random.IntN(len(payloads))])
		for range random.IntN(3) {
			at := random.IntN(len(payload))
			switch random.IntN(3) {
			case 0:
				payload[at] = marks[random.IntN(len(marks))]
			case 1:
				payload = append(payload[:at], payload[at+1:]...)
			case 2:
				other := payloads[random.IntN(len(payloads))]
				payload = append(payload[:at:at], other[random.IntN(len(other)):]...)
			}
			if len(payload) == 0 {
				break
			}
		}
		used.forget()
		quick := used.quick(payload)
		if !quick {
			if used.seen != 0 || used.fields != [fieldCount]token{} {
				t.Fatalf("gave up on %q and left %v behind", payload, used.fields)
			}
			continue
		}
		read++
		careful := &message{}
		if !careful.careful(payload) || len(careful.reasons) > 0 || careful.strange != nil {
			t.Fatalf("read %q, which isn't right: %+v", payload, careful.reasons)
		}
		if used.seen != careful.seen || !reflect.DeepEqual(used.fields, careful.fields) {
			t.Fatalf("read %q as %v instead of %v", payload, used.fields, careful.fields)
		}
	}
	if read < 30_000 {
		t.Errorf("only %d payloads were read at all", read)
	}
	for name, payload := range valid {
		if name != "profile" && !(&message{}).quick([]byte(payload)) {
			t.Errorf("%s isn't read quickly", name)
		}
	}
}

// TestLentVerdictsSayTheSame: an exam that is used again, and lends text, finds what a
// new one does.
func TestLentVerdictsSayTheSame(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 4))
	c := New()
	for range 100_000 {
		rec := record("")
		for _, payload := range valid {
			if rec.Value = []byte(payload); random.IntN(4) == 0 {
				break
			}
		}
		if at := random.IntN(len(rec.Value)); random.IntN(3) == 0 {
			rec.Value[at] = byte(random.IntN(256))
		}
		if random.IntN(10) == 0 {
			rec.Key = []byte("p-0008")
		}
		want := Check(rec)
		var got Verdict
		c.CheckLent(&rec, &got)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%s of %s is judged\n%+v, but by a new exam\n%+v", rec.Value, rec.Key, got, want)
		}
	}
}

// TestFoldKeepsNothingLent: what is remembered of a person outlives the record's bytes.
func TestFoldKeepsNothingLent(t *testing.T) {
	c := New()
	for i, payload := range []string{mutated(t, "profile", "Europe/Berlin", "Pacific/Chatham"), valid["glucose"], valid["note"]} {
		rec := record(payload)
		rec.Offset = int64(i)
		var v Verdict
		c.CheckLent(&rec, &v)
		c.FoldInto(&rec, &v)
		clear(rec.Value)
	}
	s := c.sequence
	if p := s.person("p-0007"); len(s.people) != 1 || p.zone != 1 || s.zones[0].String() != "Pacific/Chatham" {
		t.Errorf("people are %v, zones %v", s.people, s.zones)
	}
	if zone, ok := location("Pacific/Chatham"); !ok || zone.String() != "Pacific/Chatham" {
		t.Errorf("the zone is %v", zone)
	}
}

// TestDaysAreThoseOfTheCalendar compares with package time.
func TestDaysAreThoseOfTheCalendar(t *testing.T) {
	at := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	for day := int(at.Unix() / (24 * 60 * 60)); at.Year() < 10_000; day++ {
		if got := daysSince1970(at.Year(), int(at.Month()), at.Day()); got != day {
			t.Fatalf("%v is day %d, want %d", at, got, day)
		}
		at = at.AddDate(0, 0, 1)
	}
}

// TestProfilesShareWords: who says what the one before said shares it, but not with a record
// that was only lent.
func TestProfilesShareWords(t *testing.T) {
	c := New()
	first, second, third := record(valid["profile"]), record(valid["profile"]), record(valid["profile"])
	var lent Verdict
	c.CheckLent(&first, &lent)
	a, b := c.Clean(second).Event.Profile.Insulin, c.Clean(third).Event.Profile.Insulin
	clear(first.Value)
	if a != "lispro" || unsafe.StringData(a) != unsafe.StringData(b) {
		t.Errorf("%q and %q", a, b)
	}
}
