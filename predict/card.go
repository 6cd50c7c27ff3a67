package predict

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/titrate/titrate/cleanse"
)

// Units of glucose that a card can be written in.
const (
	MgPerDL   = "mg/dL"
	MmolPerL  = "mmol/L"
	cardClock = "2006-01-02 15:04:05 -07:00"
)

// Card writes r for a reader: what, why, each part of the dose, each gate and the
// forecast, in mg/dL or mmol/L and in the time of zone. What can't be said in mmol/L
// stands as it was recorded, and says so.
func (r *Recommendation) Card(w io.Writer, unit string, zone *time.Location) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%s\n\n", r.headline())
	fmt.Fprintf(out, "  %s\n\n", rendered(unit, r.Because))
	c := r.Components
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "  patient\t%s\n", r.Patient)
	fmt.Fprintf(table, "  time\t%s\n", r.Time.In(zone).Format(cardClock))
	fmt.Fprintf(table, "  valid until\t%s\n", r.Expires.In(zone).Format(cardClock))
	fmt.Fprintf(table, "  model\t%s\n", r.Model)
	fmt.Fprintf(table, "  event\tpartition %d, offset %d\n", r.Event.Partition, r.Event.Offset)
	fmt.Fprintf(table, "  id\t%s\n", r.ID)
	if r.Supersedes != "" {
		fmt.Fprintf(table, "  supersedes\t%s\n", r.Supersedes)
	}
	if r.Alert != "" {
		fmt.Fprintf(table, "  alert\t%s\n", r.Alert)
	}
	fmt.Fprintf(table, "\n  for the meal\t%v U\n  to correct\t%v U\n  on board\t%v U\n  model's factor\t%v\n",
		float64(c.MealU), float64(c.CorrectionU), float64(c.IOBU), c.ModelFactor)
	if c.LogShare > 0 {
		fmt.Fprintf(table, "  the log counts for\t%v\n", c.LogShare)
	}
	compared := len(r.Forecast) > 0 && r.Forecast[0].Without > 0
	if len(r.Forecast) > 0 {
		fmt.Fprintf(table, "\n  forecast, %s\t5 %%\tmedian\t95 %%", unit)
	}
	if compared {
		fmt.Fprintf(table, "\tmedian without")
	}
	for _, f := range r.Forecast {
		fmt.Fprintf(table, "\n  in %d min\t%s\t%s\t%s", f.Minutes, glucoseIn(unit, f.P05), glucoseIn(unit, f.P50), glucoseIn(unit, f.P95))
		if compared {
			fmt.Fprintf(table, "\t%s", glucoseIn(unit, f.Without))
		}
	}
	if len(r.Forecast) > 0 {
		fmt.Fprintln(table)
	}
	fmt.Fprint(table, "\n  gate\toutcome\t\n")
	for _, g := range r.Gates {
		fmt.Fprintf(table, "  %s\t%s\t%s\n", g.ID, g.Outcome, rendered(unit, g.Note))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	return out.Flush()
}

func (r *Recommendation) headline() string {
	words := strings.ToUpper(string(r.Kind[:1])) + string(r.Kind[1:])
	switch {
	case r.Units > 0:
		return fmt.Sprintf("%s %v U", words, float64(r.Units))
	case r.CarbsG > 0:
		return fmt.Sprintf("%s %v g", words, float64(r.CarbsG))
	}
	return words
}

// rendered is a recorded sentence in the reader's unit, or as it is with a warning.
func rendered(unit, recorded string) string {
	if said, ok := InUnit(unit, recorded); ok {
		return said
	}
	return recorded + " (as recorded; glucose in mg/dL)"
}

func glucoseIn(unit string, v cleanse.MgdL) string {
	if unit == MmolPerL {
		return fmt.Sprintf("%.1f", v.MmolL())
	}
	return fmt.Sprintf("%.0f", float64(v))
}
