// Package cleanse turns records of the log into events that can be trusted, or
// says exactly why not.
//
// It is pure: a verdict is a function of the record and of the bounded stretch of
// its partition before it, never of the clock, the batch or the process. Two
// consumers that read the same log therefore agree on every event.
package cleanse

// Outcome is what became of a record. Every record has exactly one, so
// read = accepted + quarantined + duplicate + late.
type Outcome uint8

// The outcomes. Late is accepted, but arrived long after it happened.
const (
	Accepted Outcome = iota + 1
	Quarantined
	Duplicate
	Late
)

// Reason is one thing that is wrong with a record: which field, a stable code,
// and a note for a person. All reasons are collected, not only the first.
type Reason struct {
	Field string `json:"field"`
	Code  string `json:"code"`
	Note  string `json:"note"`
}

// Verdict is what cleansing says of one record. Event is valid for Accepted,
// Late and Duplicate; Reasons are not empty for Quarantined.
type Verdict struct {
	Outcome Outcome
	Event   Event
	Reasons []Reason
	// Fails is the rule that the record breaks and that an operator wants the job to
	// stop at; empty if none.
	Fails string
	// Ahead is the reading, if only its time speaks against it, which is in the future;
	// else nil. The outcome is Quarantined all the same.
	Ahead *Ahead

	identity uint64 // what Fold knows the event by
	flags    flagSet
}
