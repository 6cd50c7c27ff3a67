package device

import (
	_ "embed"
	"regexp"
	"slices"
)

//go:embed mappings/food-log.yaml
var foodLogMapping []byte

var foodLogName = regexp.MustCompile(`^Food_Log_\d+\.csv$`)

// foodLog reads the food logs of the BIG IDEAs study by a mapping of its own: an
// example of what a mapping can do.
func foodLog() Format {
	return Format{
		Name:     "food-log",
		About:    "the BIG IDEAs study's food logs (Food_Log_001.csv, …: time_begin, logged_food, calorie, total_carb)",
		local:    true,
		alone:    true,
		evidence: foodLogEvidence,
		read: func(files []source, with setting, out *output) error {
			m, err := parseMapping("food-log.yaml (built in)", foodLogMapping)
			if err != nil {
				return err
			}
			return m.read(files, with, out)
		},
	}
}

func foodLogEvidence(name string, head []line) string {
	if len(head) == 0 {
		return ""
	}
	cells, err := cut(head[0].text, ',')
	if err != nil {
		return ""
	}
	if slices.Contains(cells, "time_begin") && slices.Contains(cells, "logged_food") && slices.Contains(cells, "total_carb") {
		return "its header has the study's columns time_begin, logged_food and total_carb"
	}
	if foodLogName.MatchString(name) && len(cells) == 11 && numericDate.MatchString(cells[2]) {
		return "its name is that of a food log, and its lines have the eleven columns of one without a header"
	}
	return ""
}
