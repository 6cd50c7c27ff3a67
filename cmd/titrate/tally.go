package main

import (
	"strings"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/infra/ops"
)

// tally counts verdicts until they are published: one by one that would cost more
// than cleansing does. One goroutine uses it.
type tally struct {
	job      string
	metrics  *ops.Metrics
	outcomes [cleanse.Late + 1]int64
	rules    map[string]int64
}

func newTally(job string, m *ops.Metrics) *tally {
	return &tally{job: job, metrics: m, rules: map[string]int64{}}
}

func (t *tally) add(v *cleanse.Verdict) {
	t.outcomes[v.Outcome]++
	for i := range v.Reasons {
		t.rules[v.Reasons[i].Code]++
	}
	if v.Event.Flags != "" && v.Outcome != cleanse.Duplicate {
		for id := range strings.SplitSeq(string(v.Event.Flags), ",") {
			t.rules[id]++
		}
	}
}

// publish adds what was counted to the metrics.
func (t *tally) publish() {
	if t.metrics == nil {
		return
	}
	for o, n := range t.outcomes {
		if n > 0 {
			t.metrics.Event(t.job, cleanse.Outcome(o).Word(), n)
			t.outcomes[o] = 0
		}
	}
	for id, n := range t.rules {
		t.metrics.Rule(t.job, id, n)
	}
	clear(t.rules)
}
