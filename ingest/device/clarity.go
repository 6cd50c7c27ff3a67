package device

import (
	"fmt"
	"strings"
)

// clarity reads exports of Dexcom Clarity.
func clarity() Format {
	return Format{
		Name:     "clarity",
		About:    "Dexcom Clarity exports (CSV or tab-separated text with a header that begins Index,Timestamp)",
		local:    true,
		alone:    true,
		evidence: clarityEvidence,
		read:     readClarity,
	}
}

// clarityFile is one export, read.
type clarityFile struct {
	source  source
	columns columns
	comma   rune
	unit    string
	data    []line
}

// clarityEvidence looks at the header, the first line that holds text.
func clarityEvidence(_ string, head []line) string {
	if len(head) == 0 {
		return ""
	}
	if _, err := clarityHeader("", head[0].text); err != nil {
		return ""
	}
	return "its header has Dexcom Clarity's columns Index, Timestamp, Event Type and Glucose Value"
}

// clarityHeader reads the columns. Their names carry formats and units in
// parentheses, which differ between releases.
func clarityHeader(name, header string) (clarityFile, error) {
	f := clarityFile{comma: commaOf(header)}
	named := columnsOf(header, f.comma)
	f.columns = columns{}
	for full, i := range named {
		for _, short := range []string{"index", "timestamp", "event type", "event subtype", "patient info", "source device id", "glucose value", "insulin value", "carb value", "duration", "glucose rate of change", "transmitter time"} {
			if full == short || strings.HasPrefix(full, short+" ") {
				f.columns[short] = i
			}
		}
		if rest, ok := strings.CutPrefix(full, "glucose value "); ok {
			f.unit = unitNamed(rest)
		}
	}
	for _, must := range []string{"index", "timestamp", "event type", "event subtype", "glucose value"} {
		if _, ok := f.columns[must]; !ok {
			return f, fmt.Errorf("%s isn't of format clarity: its header %q has no column %q", name, clip(header), must)
		}
	}
	if f.unit == "" {
		return f, fmt.Errorf("%s isn't of format clarity: the column of glucose in its header %q names neither mg/dL nor mmol/L", name, clip(header))
	}
	return f, nil
}

// readClarity reads all files before it emits the first event: a file that isn't
// an export is found while nothing has been written yet.
func readClarity(files []source, with setting, out *output) error {
	people := map[string][]draft{}
	owners := owners{}
	for _, s := range files {
		f, err := loadClarity(s, out)
		if err != nil {
			return err
		}
		patient := with.person(s)
		drafts, owner := f.drafts(patient, with, out)
		if err := owners.check(patient, s.name, owner); err != nil {
			return err
		}
		people[patient] = append(people[patient], drafts...)
	}
	return out.people(people)
}

func loadClarity(s source, out *output) (clarityFile, error) {
	head, data, err := out.records(s, 1)
	if err != nil {
		return clarityFile{}, err
	}
	if len(head) == 0 {
		return clarityFile{}, fmt.Errorf("%s is empty: expected %s", s.name, clarity().About)
	}
	f, err := clarityHeader(s.name, head[0].text)
	f.source, f.data = s, data
	return f, err
}

// owners is whom the files of each patient name as their owner. Neither name nor
// birthday leaves this package.
type owners map[string]struct{ owner, file string }

// check refuses two files of one patient that name different owners: joining two
// people's insulin into one would be worse than any missing reading.
func (o owners) check(patient, file, owner string) error {
	if owner == "" {
		return nil
	}
	before, ok := o[patient]
	if ok && before.owner != owner {
		return optionf("%s and %s name different people, but both were to be patient %s: import them apart, or give --patient with {file}", before.file, file, patient)
	}
	o[patient] = struct{ owner, file string }{owner, file}
	return nil
}
