package lake

import (
	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
)

// rulesVersion numbers the rules that this binary cleanses by; lookback is how
// many offsets back they remember.
const (
	rulesVersion = cleanse.RulesVersion
	lookback     = cleanse.Lookback
)

// events takes the wire events of people and devices.
type events struct{ *cleanse.Cleaner }

func newEvents() events { return events{cleanse.New()} }

func (events) check(rec *ingest.Record) cleanse.Verdict { return cleanse.Check(*rec) }

func (e events) fold(rec *ingest.Record, v *cleanse.Verdict) { e.Fold(*rec, v) }
