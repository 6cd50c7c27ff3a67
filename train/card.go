package train

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// card is the model card in Markdown: what it is, for what, and what not.
func (r *Report) card() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Model %s\n\n", r.Model)
	fmt.Fprintf(&b, "Forecasts glucose 5 to 240 minutes ahead as five quantiles, given a plan of insulin and carbs.\n\n")
	fmt.Fprintf(&b, "- made: %s, seed %d, features %s\n", r.Made.Format(time.DateOnly), r.Seed, r.Features)
	fmt.Fprintf(&b, "- data: %d examples, %s to %s; %d people to learn from, %d to tune on, %d to judge by\n",
		r.Examples, r.Since.Format(time.DateOnly), r.Until.Format(time.DateOnly),
		len(r.Split.Train), len(r.Split.Tune), len(r.Split.Test))
	fmt.Fprintf(&b, "- code: %s; data: %s\n", r.Lineage.Code, r.Lineage.ranges())
	fmt.Fprintf(&b, "- meant for: research into dosing decisions, behind a safety kernel. Not a medical device.\n")
	fmt.Fprintf(&b, "- not meant for: people unlike those it learned from; pregnancy, kidney failure and illness were not looked at.\n\n")
	fmt.Fprintf(&b, "%s\n\n", r.Verdict())
	fmt.Fprintf(&b, "| minutes | model RMSE | 95 %% | last value | inside 90 %% |\n|---|---|---|---|---|\n")
	for _, s := range r.Horizons {
		f := s.Forecasters
		fmt.Fprintf(&b, "| %d | %.1f | %.1f–%.1f | %.1f | %.0f %% |\n",
			s.Minutes, f[0].RMSE.Value, f[0].RMSE.Low, f[0].RMSE.High, f[lastValue].RMSE.Value, 100*r.inside(s.Minutes))
	}
	fmt.Fprintf(&b, "\nDirection of the dose's effect wrong in %d of %d probes, of the carbs' in %d.\n",
		r.Probes.DoseWrong, r.Probes.Asked, r.Probes.CarbsWrong)
	if v := r.Interventions; v != nil && v.Pairs > 0 {
		fmt.Fprintf(&b, "\nOther doses, as %d virtual people lived them (%d pairs):\n\n| minutes | direction right | rank | size against the truth |\n|---|---|---|---|\n", v.People, v.Pairs)
		for _, s := range v.Horizons {
			fmt.Fprintf(&b, "| %d | %.1f %% | %.3f | %.2f |\n", s.Minutes, 100*s.Sign, s.Rank, s.Size.Value)
		}
	}
	if a := r.Alarm; a.Lows > 0 {
		fmt.Fprintf(&b, "\nLows: %d of %d foretold, %.0f minutes ahead in the middle; %.2f false alarms a day.\n", a.Foretold, a.Lows, a.LeadMinutes, a.FalsePerDay)
	}
	return b.Bytes()
}

// inside is the share of outcomes inside the 90 % interval some minutes ahead.
func (r *Report) inside(minutes int) float64 {
	for _, c := range r.Coverage {
		if c.Minutes == minutes {
			return c.Wide
		}
	}
	return 0
}

// ranges are the stretches of the log that the lake held.
func (l *Lineage) ranges() string {
	if len(l.Ledger) == 0 {
		return "an unknown place"
	}
	parts := make([]string, len(l.Ledger))
	for i, r := range l.Ledger {
		parts[i] = fmt.Sprintf("ledger %s/%d offsets %d to %d", r.Topic, r.Partition, r.Start, r.Next)
	}
	return strings.Join(parts, ", ")
}
