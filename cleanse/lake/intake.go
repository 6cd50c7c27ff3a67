package lake

import (
	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
)

// intake judges the records of one partition.
type intake interface {
	// check judges a record by itself and overwrites v with what it finds.
	check(rec *ingest.Record, v *cleanse.Verdict)
	// fold completes the verdict by what came before, in offset order, and
	// remembers the record.
	fold(rec *ingest.Record, v *cleanse.Verdict)
	// row shelves what was accepted.
	row(s *shelves, rec *ingest.Record, v *cleanse.Verdict)
}

func (events) row(s *shelves, _ *ingest.Record, v *cleanse.Verdict) {
	e := &v.Event
	switch e.Kind {
	case cleanse.Glucose:
		at := e.At.UnixMicro()
		s.glucose.put(s.packer.glucoseRow(e, at), place{e.Patient, at}, e.Offset)
	case cleanse.Meal:
		s.meals.add(mealRowOf(e))
	case cleanse.Insulin:
		at := e.At.UnixMicro()
		s.insulin.put(s.packer.insulinRow(e, at), place{e.Patient, at}, e.Offset)
	case cleanse.Profile:
		s.profiles.add(profileRowOf(e))
	case cleanse.Response:
		s.responses.add(responseRowOf(e))
	case cleanse.Activity:
		s.activities.add(activityRowOf(e))
	case cleanse.Note:
		s.notes.add(noteRowOf(e))
	case cleanse.Retraction:
		s.retractions.add(retractionRowOf(e))
	default:
		panic("an event of no kind was accepted")
	}
}
