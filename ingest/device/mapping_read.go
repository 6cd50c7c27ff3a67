package device

import (
	"strconv"
	"strings"
	"time"
)

// byMapping is the format whose tables a mapping file describes.
const byMapping = "csv"

// csvByMapping reads any table by a mapping file, so that a new source needs no
// code.
func csvByMapping() Format {
	return Format{
		Name:  byMapping,
		About: "any CSV, by a mapping file (--mapping FILE.yaml) that says what its columns are",
		evidence: func(name string, _ []line) string {
			if name = strings.ToLower(name); strings.HasSuffix(name, ".csv") || strings.HasSuffix(name, ".tsv") || strings.HasSuffix(name, ".txt") {
				return "its name ends as that of a table"
			}
			return ""
		},
		read: func(files []source, with setting, out *output) error {
			if with.mapping == "" {
				return optionf("csv needs a mapping file that says what the columns are (--mapping FILE.yaml; docs/import.md is its reference)")
			}
			m, err := loadMapping(with.mapping)
			if err != nil {
				return optionf("load mapping: %w", err)
			}
			return m.read(files, with, out)
		},
	}
}

// mappedRow is a line of a table, by its columns.
type mappedRow struct {
	cells map[string]string
	file  string // the file's name without its ending
}

// read reads all files before it emits the first event.
func (m *mapping) read(files []source, with setting, out *output) error {
	if with.zone == nil {
		with.zone = m.zone
	}
	switch {
	case with.zone == nil && !m.time.offset:
		return OptionError{m.time.at.fail("the formats %s have no offset from UTC: give the zone of the times, as the key zone or as --zone Europe/Berlin", m.time.shapes)}
	case with.patient == "" && m.patient == nil:
		return optionf("mapping %s doesn't say whose rows these are: give the id (--patient p-0007), or the key patient with a column", m.file)
	}
	people := map[string][]draft{}
	for _, s := range files {
		drafts, err := m.drafts(s, with, out)
		if err != nil {
			return err
		}
		for _, d := range drafts {
			people[d.wire.Patient] = append(people[d.wire.Patient], d)
		}
	}
	return out.people(people)
}

// drafts reads one file.
func (m *mapping) drafts(s source, with setting, out *output) (all []draft, err error) {
	t, err := m.load(s, out)
	if err != nil {
		return nil, err
	}
	series := map[string][]draft{}
	var order []string
	for _, l := range t.data {
		d, in := m.record(s, l, t, with)
		if m.ignore != nil {
			skip, err := m.ignore.holds(in)
			if err != nil {
				d.fault("ignore: %v", err)
			}
			if skip {
				out.ignore("rows that the mapping ignores")
				continue
			}
		}
		m.stamp(&d, in, with.zone)
		if series[d.wire.Patient] == nil {
			order = append(order, d.wire.Patient)
		}
		series[d.wire.Patient] = append(series[d.wire.Patient], m.become(d, in)...)
	}
	for _, patient := range order {
		markStrays(series[patient])
		settle(pointers(series[patient]))
		all = append(all, series[patient]...)
	}
	return all, nil
}

// record begins a line's draft, for its patient.
func (m *mapping) record(s source, l line, t mappedTable, with setting) (draft, mappedRow) {
	d, r := record(with.person(s), s.name, l, t.columns, t.comma)
	in := mappedRow{map[string]string{}, s.stem()}
	for name := range t.columns {
		in.cells[name] = r.of(name)
	}
	if m.patient != nil {
		text, err := m.text(*m.patient, in)
		if err != nil {
			d.fault("patient: %v", err)
		}
		d.wire.Patient = text
	}
	if d.wire.Patient == "" {
		d.wire.Patient = "unknown"
		d.fault("the row doesn't say whose it is")
	}
	return d, in
}

// stamp gives a draft the row's time.
func (m *mapping) stamp(d *draft, in mappedRow, zone *time.Location) {
	var parts []string
	for _, c := range m.time.columns {
		if in.cells[c] != "" {
			parts = append(parts, in.cells[c])
		}
	}
	text := strings.Join(parts, " ")
	if m.time.cel != nil {
		v, err := m.time.cel.eval(in)
		if err != nil {
			d.fault("time: %v", err)
		}
		text, _ = v.(string)
	}
	for _, layout := range m.time.layouts {
		if at, ok := moment(text, layout); ok {
			d.happened(at)
			return
		}
	}
	if zone == nil {
		zone = time.UTC // every format has an offset, so nothing is read by it
	}
	d.stampAny(text, m.time.layouts, m.time.shapes, zone)
}

// moment reads a time that says its offset from UTC itself.
func moment(text, layout string) (time.Time, bool) {
	switch {
	case layout == "unix" || layout == "unix-ms":
		n, err := strconv.ParseInt(text, 10, 64)
		if layout == "unix" {
			n *= 1000
		}
		return time.UnixMilli(n).UTC(), err == nil && n >= 0 && n <= 10*firstMilli
	case strings.Contains(layout, "Z07:00"):
		at, err := time.Parse(layout, text)
		return at, err == nil
	}
	return time.Time{}, false
}
