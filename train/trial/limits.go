package trial

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/titrate/titrate/ingest/simulate"
	"github.com/titrate/titrate/train"
)

// Limited are Titrate's arms under different limits of the chance, within four hours, of
// less than 70 mg/dL that a dose may bring. Each is named by its limit: the curve of lows
// against time in range from which predict's limit is chosen.
func Limited(limits []float64, model *train.Model) ([]Arm, error) {
	var arms []Arm
	for _, limit := range limits {
		if !(limit > 0 && limit <= 1) {
			return nil, fmt.Errorf("limit %v: want a chance above 0 and up to 1", limit)
		}
		arms = append(arms, Arm{limitName(limit), func(*simulate.Person) Policy {
			s := newScored(model)
			s.scorer.AllowLow(limit)
			return s
		}})
	}
	return arms, nil
}

func limitName(limit float64) string {
	return Titrate + "@" + strconv.FormatFloat(100*limit, 'f', -1, 64) + "%"
}

// Curve writes the arms' lows and time in range as a Markdown table.
func (r *Result) Curve(w io.Writer) error {
	var b strings.Builder
	b.WriteString("| arm | 70–180 % | <70 % | <54 % | >180 % | GRI | carbs on advice a day | messages a day |\n|---|---|---|---|---|---|---|---|\n")
	for i := range r.Arms {
		a := &r.Arms[i]
		if a.Failed != "" {
			continue
		}
		m := a.Groups[0].Means
		fmt.Fprintf(&b, "| `%s` | %.1f | %.2f | %.2f | %.1f | %.1f | %.1f | %.1f |\n",
			a.Arm, m[inRange], m[below70], m["tbr54"], m["tar180"], m["gri"], m["treatments"], m["messages"])
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write curve: %w", err)
	}
	return nil
}
