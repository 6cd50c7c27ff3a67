package device

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

const (
	uciLayout = "01-02-2006 15:04"
	uciShape  = "MM-DD-YYYY H:MM"
)

var uciName = regexp.MustCompile(`^data-(\d+)$`)

// uci reads the diabetes records of the AIM-94 data set (Michael Kahn, Washington
// University, St. Louis; UCI Machine Learning Repository 34).
func uci() Format {
	return Format{
		Name:  "uci",
		About: "the UCI diabetes records: a directory with data-01, data-02, … (date, time, code, value, tab-separated)",
		zone:  "America/Chicago", // where the records were taken
		file:  uciName.MatchString,
		evidence: func(name string, head []line) string {
			if !uciName.MatchString(name) || uciShaped(name, head) != nil {
				return ""
			}
			return "its name is that of a record, and lines have four tab-separated columns"
		},
		read: readUCI,
	}
}

// readUCI reads all files before it emits the first event: a file that isn't of
// the set is found while nothing has been written yet.
func readUCI(files []source, with setting, out *output) error {
	people := make([][]line, len(files))
	for i, s := range files {
		_, data, err := out.load(s, 0)
		if err != nil {
			return err
		}
		if err := uciShaped(s.name, data); err != nil {
			return err
		}
		people[i] = data
	}
	for i, s := range files {
		if err := out.person(uciPerson(s.name, people[i], with.zone)); err != nil {
			return err
		}
	}
	return nil
}

// uciShaped refuses a file in which not one line has four columns: it carries
// the name of a record by chance.
func uciShaped(name string, data []line) error {
	for _, l := range data {
		if strings.Count(l.text, "\t") == 3 {
			return nil
		}
	}
	return fmt.Errorf("%s isn't of format uci: no line has four tab-separated columns (date, time, code, value)", name)
}

func uciPerson(name string, data []line, zone *time.Location) []draft {
	patient := "uci-" + uciName.FindStringSubmatch(name[strings.LastIndex(name, "/")+1:])[1]
	drafts := make([]draft, len(data))
	slots := onPaper(data)
	for i, l := range data {
		drafts[i] = uciDraft(patient, name, l, zone)
		if slots && !drafts[i].adrift {
			drafts[i].keep("time_precision", "slot")
		}
	}
	markStrays(drafts)
	return drafts
}

// uciDraft reads one line.
//
// Some records were broken over two lines: date, time and code 0 without a value;
// then, without a date, what must be the value, something, and the code in
// hexadecimal (3A for 58). Each half is a defect and an event of its own: joining
// them would rest on that reading alone.
func uciDraft(patient, name string, l line, zone *time.Location) draft {
	d := draft{wire: history("note", patient), file: name, src: l}
	row := trimmed(strings.Split(l.text, "\t"))
	if len(row) != 4 {
		d.fault("columns: %d, expected 4: date, time, code, value", len(row))
	}
	for len(row) < 4 {
		row = append(row, "")
	}
	if row[0] == "" {
		d.adrift = true
		d.fault("no date: the second half of a record split over two lines")
		d.uciCode(row)
		return d
	}
	d.stamp(row[0]+" "+row[1], uciLayout, uciShape, zone)
	if row[2] == "0" && row[3] == "" {
		d.fault("no value: the first half of a record split over two lines")
		d.uciCode(row)
		return d
	}
	entry, ok := uciCodes[row[2]]
	if !ok {
		d.uciCode(row)
		d.fault("code %q isn't documented", row[2])
		return d
	}
	entry.fill(&d, entry, row[3])
	return d
}

// uciField is a value whose meaning isn't known, as it came.
const uciField = "uci_value"

// uciCode names a note by the record's code and keeps its value as it came.
func (d *draft) uciCode(cells []string) {
	d.wire.Code = "uci-" + cells[2]
	d.keep(uciField, cells[3])
}

// onPaper reports whether all times are the four that stand for breakfast,
// lunch, dinner and bedtime in records kept on paper: fictitious ones.
func onPaper(data []line) bool {
	for _, l := range data {
		cells := strings.Split(l.text, "\t")
		if len(cells) < 2 {
			return false
		}
		switch strings.TrimSpace(cells[1]) {
		case "08:00", "8:00", "12:00", "18:00", "22:00":
		default:
			return false
		}
	}
	return len(data) > 0
}
