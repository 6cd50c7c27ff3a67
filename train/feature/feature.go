// Package feature turns a person's recent past into a vector of numbers.
//
// A Window is a fold over one person's events in log order. The same fold runs in
// training and in live scoring, so a model is asked about exactly the numbers
// that it was taught with. The package is pure: time is an argument, equal events
// make equal vectors bit for bit, and observing allocates nothing once a person has
// as many entries as usual.
package feature

import "time"

// Version names the meaning of the features. It changes whenever a feature is
// added, removed or computed otherwise; the Fingerprint catches it if somebody
// forgets.
const Version = "v2"

// Horizons are the minutes ahead of which the vector tells how much of the
// insulin and carbohydrate on board will have acted.
var Horizons = [...]int{5, 15, 30, 45, 60, 90, 120, 150, 180, 210, 240}

// The stretch of the past that a Window remembers. A Window rebuilt from the
// person's latest profile and a suffix of the log that begins Reach before the
// moment asked for gives the same vectors.
const (
	Reach        = 8 * 24 * time.Hour // the insulin totals reach furthest
	glucoseReach = 3 * time.Hour
	doseReach    = 8 * time.Hour
	mealReach    = 8 * time.Hour
)

// Fresh is how old the newest reading may be for a vector to be made of it.
const Fresh = 30 * time.Minute

// Ahead is how far beyond the moment asked for a logged dose or meal may lie and
// still count: devices' clocks disagree by minutes, and insulin that the person
// has logged must never be overlooked because of it.
const Ahead = 15 * time.Minute

// micros is a time in microseconds since 1970, the lake's own resolution: a
// window filled from the lake must equal one filled from the log.
type micros = int64

func since(at, then micros) (minutes float64) { return float64(at-then) / 60e6 }

func span(d time.Duration) micros { return d.Microseconds() }

func instant(at micros) time.Time { return time.UnixMicro(at).UTC() }
