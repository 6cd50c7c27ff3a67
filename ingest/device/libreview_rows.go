package device

import (
	"slices"
)

const libreShape = "of the file's other rows, such as MM-DD-YYYY hh:mm AM"

// drafts reads the rows of one export. They are in the order of recording within
// each device and record type, so each such series is looked at by itself. owner is
// whom the file names.
func (f libreFile) drafts(patient, order string, with setting, out *output) (all []draft, owner string) {
	layouts := layoutsOf(order)
	series := map[string][]draft{}
	var names []string
	for i, l := range f.data {
		d, r := record(patient, f.source.name, l, f.columns, f.comma)
		if name, ok := f.owner(r.cells); ok && i == 0 {
			owner = name
			out.ignore("Patient")
			continue
		}
		d.stampAny(f.stamp(r), layouts, libreShape, with.zone)
		d.wire.Device = r.of("serial number")
		if model := r.of("device"); model != "" {
			d.keep("model", model)
		}
		name := d.wire.Device + "\n" + r.of("record type")
		if series[name] == nil {
			names = append(names, name)
		}
		series[name] = append(series[name], f.events(d, r)...)
	}
	for _, name := range names {
		markStrays(series[name])
		settle(pointers(series[name]))
		all = append(all, series[name]...)
	}
	return all, owner
}

// events is what one row says: what its record type names, and whatever else stands
// in its columns of insulin, carbs and notes.
func (f libreFile) events(base draft, r row) (all []draft) {
	add := func(fill func(d *draft)) {
		d := base
		d.extra = slices.Clone(base.extra)
		d.part = len(all)
		fill(&d)
		all = append(all, d)
	}
	kind := r.of("record type")
	if fill := f.measured(kind, r); fill != nil {
		add(fill)
	}
	for _, fill := range []func(row) func(*draft){libreRapid, libreLong, libreFood, libreNote} {
		if said := fill(r); said != nil {
			add(said)
		}
	}
	switch word, known := libreKinds[kind]; {
	case !known && len(all) == 0:
		add(func(d *draft) { d.unknownRecord(kind) })
	case !known:
		all[0].unknownRecord(kind)
	case len(all) == 0: // the row says only that something was noted
		add(func(d *draft) { d.wire.Code = word })
	}
	return all
}

// libreKinds are the record types, as codes of rows in which nothing else stands.
var libreKinds = map[string]string{
	"0": "libre-historic", "1": "libre-scan", "2": "libre-strip", "3": "libre-ketone",
	"4": "libre-insulin", "5": "libre-food", "6": "libre-note",
}

func (d *draft) unknownRecord(kind string) {
	d.keep("record_type", kind)
	d.fault("record type %q is none of 0 historic, 1 scan, 2 strip, 3 ketone, 4 insulin, 5 food, 6 note", kind)
}

// measured fills a draft of a row of the types that a sensor or meter writes; nil
// for the others.
func (f libreFile) measured(kind string, r row) func(*draft) {
	switch kind {
	case "0", "1":
		return func(d *draft) { f.sensor(d, kind, r) }
	case "2":
		return func(d *draft) { d.reading(f.glucose(r, "strip glucose"), f.unit, "fingerstick") }
	case "3":
		return func(d *draft) { d.ketones(r.of("ketone mmol/l")) }
	}
	return nil
}

// sensor fills a reading of the sensor. The patient report writes historic readings
// in rows of type 1 also, so where the type's own column is empty the other counts.
func (f libreFile) sensor(d *draft, kind string, r row) {
	historic, scan := f.glucose(r, "historic glucose"), f.glucose(r, "scan glucose")
	if scan != "" && (kind == "1" || historic == "") {
		d.reading(scan, f.unit, "cgm")
		d.keep("reading", "scan")
		return
	}
	d.reading(historic, f.unit, "cgm")
}

// ketones is a note: the wire has no type for them.
func (d *draft) ketones(text string) {
	d.wire.Code = "ketones"
	var v *float64
	d.amount("ketones_mmol_l", text, &v)
	if v != nil {
		d.keep("ketones_mmol_l", *v)
	}
}

// glucose is the cell of a column of glucose, whose name may end in the unit.
func (f libreFile) glucose(r row, column string) string {
	if unit, _ := f.columns.begins(column); unit != "" {
		column += " " + unit
	}
	return r.of(column)
}
