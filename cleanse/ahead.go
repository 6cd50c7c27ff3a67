package cleanse

import "time"

// Ahead is a sensor's reading that breaks no rule but time_in_future: a clock that is more
// than MaxAhead ahead. It is quarantined and no Event, since when it was measured isn't
// known; but that it came, and that it was low, may matter to somebody.
type Ahead struct {
	Patient  string
	By       time.Duration // how far ahead of the log its time is, at least
	Seen     time.Time     // when the log took it, UTC
	Backfill bool          // declared history
	Glucose  GlucoseReading

	Partition int32
	Offset    int64
}

// ahead is what the examined record is if a wrong clock is all that is wrong with it; else
// nil. Rules that an operator added are asked here: what is quarantined already isn't
// judged by them.
func (x *exam) ahead() *Ahead {
	e := x.event
	if e.Kind != Glucose || e.Source != "cgm" || e.Replaces != "" || len(x.reasons) != 1 || x.reasons[0].Code != timeInFuture {
		return nil
	}
	if x.book.hash != "" {
		e.At = x.future
		x.additions()
		others := len(x.reasons) > 1
		if x.reasons = x.reasons[:1]; others {
			return nil
		}
	}
	return &Ahead{
		Patient: e.Patient, By: x.future.Sub(e.Seen), Seen: e.Seen, Backfill: e.Backfill, Glucose: e.Glucose,
		Partition: e.Partition, Offset: e.Offset,
	}
}
