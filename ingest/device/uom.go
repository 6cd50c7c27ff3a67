package device

import (
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"
)

// uomLayout is what the files hold; the study's own readme says month first, but
// days above 12 stand in front.
const (
	uomLayout = "02/01/2006 15:04"
	uomShape  = "DD/MM/YYYY HH:MM"
)

var uomName = regexp.MustCompile(`^UoM(Basal|Bolus|Glucose|Nutrition)(\d+)\.csv$`)

// uomKinds are the kinds of file, in the order in which a person's events of the
// same minute stand.
var uomKinds = []string{"Basal", "Bolus", "Nutrition", "Glucose"}

// uomColumns are the headers of each kind of file.
var uomColumns = map[string][]string{
	"Basal":     {"basal_ts", "basal_dose", "insulin_kind"},
	"Bolus":     {"bolus_ts", "bolus_dose"},
	"Glucose":   {"bg_ts", "value"},
	"Nutrition": {"meal_ts", "meal_type", "meal_tag", "carbs_g", "prot_g", "fat_g", "fibre_g"},
}

// t1dUoM reads the T1D-UOM study (Alsuhaymi et al., Sci Data 12, 1379, 2025).
func t1dUoM() Format {
	return Format{
		Name:  "t1d-uom",
		About: "the T1D-UOM study: a directory with glucose/UoMGlucose2301.csv, basal/UoMBasal2301.csv, bolus/…, nutrition/…",
		zone:  "Europe/London",
		file:  uomName.MatchString,
		evidence: func(name string, head []line) string {
			if !uomName.MatchString(name) || len(head) == 0 {
				return ""
			}
			kind, _ := uomKind(name)
			if uomHeader(name, kind, head) != nil {
				return ""
			}
			return "its name is that of a file of the study, and its header is " + strings.Join(uomColumns[kind], ",")
		},
		read: readUoM,
	}
}

// uomFile is one file, read.
type uomFile struct {
	kind string
	name string
	data []line
}

// readUoM reads all files before it emits the first event: a file that isn't of
// the study is found while nothing has been written yet.
func readUoM(files []source, with setting, out *output) error {
	people := map[string][]uomFile{}
	for _, s := range files {
		kind, id := uomKind(s.name)
		head, data, err := out.load(s, 1)
		if err != nil {
			return err
		}
		if err := uomHeader(s.name, kind, head); err != nil {
			return err
		}
		people[id] = append(people[id], uomFile{kind, s.name, data})
	}
	ids := make([]string, 0, len(people))
	for id := range people {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	for _, id := range ids {
		if err := out.person(uomPerson("uom-"+id, people[id], with.zone)); err != nil {
			return err
		}
	}
	return nil
}

func uomKind(name string) (kind, id string) {
	parts := uomName.FindStringSubmatch(name[strings.LastIndex(name, "/")+1:])
	return parts[1], parts[2]
}

// uomHeader checks that the columns are those of the study; further ones at the
// end may only be unnamed.
func uomHeader(name, kind string, head []line) error {
	want := uomColumns[kind]
	if len(head) == 0 {
		return fmt.Errorf("%s is empty: expected the header %s", name, strings.Join(want, ","))
	}
	got := strings.Split(strings.TrimRight(head[0].text, ", "), ",")
	for i := range got {
		got[i] = strings.TrimSpace(got[i])
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("%s isn't of format t1d-uom: its header is %q, expected %s", name, head[0].text, strings.Join(want, ","))
	}
	return nil
}

// uomPerson is everything on file about one person, and a profile estimated
// from it.
func uomPerson(patient string, files []uomFile, zone *time.Location) []draft {
	var meals mealTimes
	parts := map[string][]draft{}
	for _, f := range files {
		drafts := uomDrafts(patient, f, zone)
		if f.kind == "Basal" {
			spread(drafts)
		}
		parts[f.kind] = append(parts[f.kind], drafts...)
	}
	meals.add(parts["Nutrition"])
	meals.explain(parts["Bolus"])
	var all []draft
	if p, ok := uomProfile(patient, parts, zone); ok {
		all = append(all, p)
	}
	for _, kind := range uomKinds {
		all = append(all, parts[kind]...)
	}
	return all
}

// uomDrafts reads each line of one file.
func uomDrafts(patient string, f uomFile, zone *time.Location) []draft {
	drafts := make([]draft, len(f.data))
	for i, l := range f.data {
		drafts[i] = uomDraft(patient, f, l, zone)
	}
	markStrays(drafts)
	return drafts
}

// uomDraft reads one line. It has the study's columns, however few stand in it.
func uomDraft(patient string, f uomFile, l line, zone *time.Location) draft {
	d := draft{wire: history(uomTypes[f.kind], patient), file: f.name, src: l}
	want := len(uomColumns[f.kind])
	row, err := cells(l.text)
	switch {
	case err != nil:
		d.fault("not a line of comma-separated values: %v", err)
	case len(row) < want:
		d.fault("columns: %d, expected %d", len(row), want)
	case strings.Join(row[want:], "") != "":
		d.fault("text beyond the %d columns", want)
	}
	for len(row) < want {
		row = append(row, "")
	}
	d.stamp(row[0], uomLayout, uomShape, zone)
	uomFill[f.kind](&d, row)
	return d
}

// cells splits a line at its commas, outside quotes, and trims each cell.
func cells(text string) ([]string, error) {
	if !strings.Contains(text, `"`) {
		return trimmed(strings.Split(text, ",")), nil
	}
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	all, err := r.Read()
	return trimmed(all), err
}

func trimmed(all []string) []string {
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}
