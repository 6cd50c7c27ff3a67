package device

import (
	"fmt"
	"strings"
)

// libreview reads exports of Abbott LibreView in both layouts: the CSV that a
// person downloads (Device, Serial Number, Device Timestamp, …) and the patient
// report of a clinic (Meter Timestamp, …).
func libreview() Format {
	return Format{
		Name:     "libreview",
		About:    "Abbott LibreView exports (CSV with the columns Record Type and Historic Glucose; also the patient report)",
		local:    true,
		alone:    true,
		evidence: libreEvidence,
		read:     readLibre,
	}
}

// libreHeaderWithin is in how many of the first lines the header stands; before it
// stand the report's title and the owner's name.
const libreHeaderWithin = 5

// libreFile is one export, read.
type libreFile struct {
	source  source
	columns columns
	comma   rune
	unit    string // of glucose
	data    []line
}

func libreEvidence(_ string, head []line) string {
	f, ok := libreHeader(head)
	if !ok || f.unit == "" {
		return ""
	}
	layout := "LibreView's columns Device Timestamp, Record Type and Historic Glucose"
	if _, report := f.columns["meter timestamp"]; report {
		layout = "the patient report's columns Meter Timestamp, Record Type and Historic Glucose"
	}
	return "its header has " + layout
}

// libreHeader finds the header among the first lines; data is what follows.
func libreHeader(all []line) (f libreFile, ok bool) {
	for i, l := range all[:min(libreHeaderWithin, len(all))] {
		comma := commaOf(l.text)
		c := columnsOf(l.text, comma)
		unit, historic := c.begins("historic glucose")
		_, kind := c["record type"]
		_, device := c["device timestamp"]
		_, meter := c["meter timestamp"]
		if historic && kind && (device || meter) {
			return libreFile{columns: c, comma: comma, unit: unitNamed(unit), data: all[i+1:]}, true
		}
	}
	return f, false
}

// readLibre reads all files before it emits the first event.
func readLibre(files []source, with setting, out *output) error {
	people := map[string][]draft{}
	owners := owners{}
	for _, s := range files {
		f, err := loadLibre(s, out)
		if err != nil {
			return err
		}
		order, err := dateOrder(s.name, f.stamps(), with.dates)
		if err != nil {
			return err
		}
		patient := with.person(s)
		drafts, owner := f.drafts(patient, order, with, out)
		if err := owners.check(patient, s.name, owner); err != nil {
			return err
		}
		people[patient] = append(people[patient], drafts...)
	}
	return out.people(people)
}

// loadLibre counts the lines up to the header as headers.
func loadLibre(s source, out *output) (libreFile, error) {
	_, all, err := out.records(s, 0)
	if err != nil {
		return libreFile{}, err
	}
	f, ok := libreHeader(all)
	switch {
	case !ok:
		return f, fmt.Errorf("%s isn't of format libreview: none of its first %d lines is a header with the columns Record Type, Historic Glucose, and Device Timestamp or Meter Timestamp", s.name, libreHeaderWithin)
	case f.unit == "":
		return f, fmt.Errorf("%s isn't of format libreview: its column Historic Glucose names neither mg/dL nor mmol/L", s.name)
	}
	headers := len(all) - len(f.data)
	out.summary.Headers += headers
	out.summary.Lines -= headers
	f.source = s
	return f, nil
}

// stamp is a row's time as it stands there.
func (f libreFile) stamp(r row) string {
	if text := r.of("device timestamp"); text != "" {
		return dashed(text)
	}
	return dashed(r.of("meter timestamp"))
}

// stamps is the times of all rows.
func (f libreFile) stamps() (all []string) {
	for _, l := range f.data {
		cells, _ := cut(l.text, f.comma)
		r := row{f.columns, cells}
		if r.of("record type") != "" {
			all = append(all, f.stamp(r))
		}
	}
	return all
}

// owner is the row behind the header that some exports have: name and birthday, and
// nothing in any further column.
func (f libreFile) owner(cells []string) (string, bool) {
	if len(cells) < 2 || strings.Join(cells[2:], "") != "" {
		return "", false
	}
	return strings.Join(cells[:2], "\n"), numericDate.MatchString(cells[1])
}
