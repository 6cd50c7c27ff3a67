package predict

import (
	"fmt"
	"testing"
	"time"
)

// TestVigilHasOneEntryAPerson, however many readings come: its queue would grow with
// the log, and every reading would cost more than the one before.
func TestVigilHasOneEntryAPerson(t *testing.T) {
	var v vigil
	begin := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	var people []*Person
	for i := range 20 {
		people = append(people, NewPerson(fmt.Sprint("p-", i), nil))
	}
	for m := 0; m < 24*60; m += 5 {
		at := begin.Add(time.Duration(m) * time.Minute)
		for _, p := range people {
			p.contact.present, p.contact.sensed, p.contact.sensor = stampOf(at), stampOf(at), stampOf(at)
			v.watch(p)
			v.due(at, func(p *Person) { t.Errorf("%s is thought silent at %v", p.patient, at) })
			if len(v.queue) > len(people) {
				t.Fatalf("%d entries for %d people at %v", len(v.queue), len(people), at)
			}
		}
	}
	silent := map[string]int{}
	v.due(begin.Add(25*time.Hour), func(p *Person) {
		silent[p.patient]++
		p.advice.Told.set(aboutNoData, said{At: begin.Add(25 * time.Hour)})
	})
	if len(silent) != len(people) {
		t.Errorf("%d of %d people are noticed when nothing comes", len(silent), len(people))
	}
}
