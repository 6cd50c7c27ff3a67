package lake

import (
	"fmt"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
)

// rowOf and its like make rows that point into the event.
func rowOf(e *cleanse.Event) row {
	return row{
		Patient: e.Patient, Time: e.At.UnixMicro(), Received: e.Seen.UnixMicro(),
		Device: present(&e.Device), Source: present(&e.Source), ID: present(&e.ID), Late: e.Late, Backfill: e.Backfill,
		Partition: e.Partition, Offset: e.Offset,
		Replaces: present(&e.Replaces), Flags: present((*string)(&e.Flags)), Extra: present(&e.Extra),
	}
}

// specials are the words of the column special, in the order of cleanse.Special.
var specials = [...]string{cleanse.Measured: "", cleanse.Low: "low", cleanse.High: "high"}

func mealRowOf(e *cleanse.Event) mealRow {
	m := &e.Meal
	return mealRow{
		row: rowOf(e), CarbsG: pointer(m.Carbs), Kcal: pointer(m.Kcal),
		ProteinG: pointer(m.Protein), FatG: pointer(m.Fat), FibreG: pointer(m.Fibre),
		Meal: present(&m.Meal), Size: present(&m.Size),
	}
}

func profileRowOf(e *cleanse.Event) profileRow {
	s := e.Profile
	r := profileRow{
		row: rowOf(e), BirthYear: positive(int32(s.BirthYear)), WeightKg: positive(s.WeightKg), Diabetes: present(&s.Diabetes),
		Regimen: present(&s.Regimen), MaxBolusU: positive(float64(s.MaxBolus)), DoseStepU: positive(float64(s.DoseStep)),
		Insulin: present(&s.Insulin), DIAMin: positive(s.DIA.Minutes()), Timezone: s.Zone.String(),
	}
	r.ICR, r.ICRSchedule = encodeSchedule(s.ICR)
	r.ISF, r.ISFSchedule = encodeSchedule(s.ISF)
	r.TargetLow, r.TargetLowSchedule = encodeSchedule(s.TargetLow)
	r.TargetHigh, r.TargetHighSchedule = encodeSchedule(s.TargetHigh)
	r.Basal, r.BasalSchedule = encodeSchedule(s.BasalPerDay)
	return r
}

func responseRowOf(e *cleanse.Event) responseRow {
	a := &e.Response
	return responseRow{
		row: rowOf(e), Recommendation: a.Recommendation, Action: a.Action,
		Units: pointer(a.Units), CarbsG: pointer(a.Carbs), Reason: present(&a.Reason),
	}
}

func activityRowOf(e *cleanse.Event) activityRow {
	return activityRow{row: rowOf(e), Minutes: e.Activity.Duration.Minutes(), Intensity: present(&e.Activity.Intensity)}
}

func noteRowOf(e *cleanse.Event) noteRow {
	return noteRow{row: rowOf(e), Code: present(&e.Note.Code), Text: present(&e.Note.Text)}
}

func retractionRowOf(e *cleanse.Event) retractionRow { return retractionRow{rowOf(e)} }

func messageOf(rec *ingest.Record) message {
	return message{
		Payload: rec.Value, Key: rec.Key, Topic: rec.Topic, Partition: rec.Partition,
		Offset: rec.Offset, Received: rec.Seen.UnixMicro(),
	}
}

func quarantineRowOf(rec *ingest.Record, reasons []cleanse.Reason) quarantineRow {
	rows := make([]reasonRow, len(reasons))
	for i, r := range reasons {
		rows[i] = reasonRow{Field: r.Field, Code: r.Code, Note: r.Note}
	}
	return quarantineRow{message: messageOf(rec), Reasons: rows}
}

// positive is nil for 0, which these columns never say.
func positive[T int32 | float64](v T) *T {
	if v == 0 {
		return nil
	}
	return &v
}

func pointer[T ~float64](o cleanse.Opt[T]) *float64 {
	if !o.OK {
		return nil
	}
	v := float64(o.V)
	return &v
}

func option[T ~float64](p *float64) cleanse.Opt[T] {
	if p == nil {
		return cleanse.Opt[T]{}
	}
	return cleanse.Some(T(*p))
}

// minutes is the inverse of Duration.Minutes, exact to the nanosecond for
// durations below 26 days.
func minutes(m float64) time.Duration {
	if m < 0 {
		return -minutes(-m)
	}
	return time.Duration(m*float64(time.Minute) + 0.5)
}

func micros(us int64) time.Time { return time.UnixMicro(us).UTC() }

// outcomes are the words of the column outcome, in the order of cleanse.Outcome.
var outcomes = [...]string{
	cleanse.Accepted: "accepted", cleanse.Quarantined: "quarantined",
	cleanse.Duplicate: "duplicate", cleanse.Late: "late",
}

// day is the number of UTC days since 1970 of a time in microseconds.
type day int32

const microsPerDay = 24 * 60 * 60 * 1_000_000

func dayOf(us int64) day {
	if us < 0 {
		return day((us - microsPerDay + 1) / microsPerDay)
	}
	return day(us / microsPerDay)
}

func (d day) String() string { return time.Unix(int64(d)*24*60*60, 0).UTC().Format(time.DateOnly) }

func parseDay(s string) (day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("date of a file: %w", err)
	}
	return dayOf(t.UnixMicro()), nil
}
