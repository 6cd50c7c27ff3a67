package detect

import (
	"fmt"
	"io"
	"strings"
)

// Table writes the result as a Markdown table, a line for each fault.
func (r *Result) Table(w io.Writer) error {
	var b strings.Builder
	b.WriteString("| fault | rules meant for it | readings | found | spells | found | precision of the rules | marks, of which wrong |\n|---|---|---|---|---|---|---|---|\n")
	for _, f := range r.Faults {
		fmt.Fprintf(&b, "| `%s` | %s | %d | %s | %d | %s | %s | %d, %d |\n",
			f.Fault, quoted(f.Rules), f.Readings, percent(f.Recall), f.Episodes, percent(f.EpisodeRecall),
			percent(f.Precision), f.Marked, f.Marked-f.Right)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

func quoted(rules []string) string {
	if len(rules) == 0 {
		return "none"
	}
	return "`" + strings.Join(rules, "`, `") + "`"
}

func percent(share *float64) string {
	if share == nil {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100**share)
}
