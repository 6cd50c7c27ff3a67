package device

import (
	"fmt"
	"slices"
)

// tidepool reads what Tidepool's API and its export as JSON give.
func tidepool() Format {
	return Format{
		Name:     "tidepool",
		About:    "Tidepool data (JSON: cbg, smbg, bolus, basal, wizard, food, …)",
		alone:    true,
		evidence: tideEvidence,
		read:     readTidepool,
	}
}

// tideEvidence: every datum has a type and a time, and says which upload it came
// with.
func tideEvidence(_ string, head []line) string {
	seen := glimpse(head)
	_, read := tideFill[seen["type"]]
	if !(read || tideIgnored[seen["type"]]) || seen["eventType"] != "" || seen["resourceType"] != "" {
		return ""
	}
	for _, name := range []string{"uploadId", "deviceId", "deviceTime", "dataSetId"} {
		if seen[name] != "" {
			return fmt.Sprintf("its first object is a Tidepool %s with %s", seen["type"], name)
		}
	}
	return ""
}

// tideIgnored are the types about no moment of the person's: how data was uploaded,
// and how devices were set and fared.
var tideIgnored = map[string]bool{
	"upload": true, "cgmSettings": true, "controllerSettings": true, "controllerStatus": true,
	"deviceStatus": true, "dosingDecision": true, "pumpStatus": true, "alert": true,
}

// tideFill writes an item into a draft by the item's type; what it says further is
// added with also.
var tideFill = map[string]func(d *draft, o object, also func(func(*draft))){
	"cbg":              func(d *draft, o object, _ func(func(*draft))) { d.tideGlucose(o, "cgm") },
	"smbg":             func(d *draft, o object, _ func(func(*draft))) { d.tideGlucose(o, "fingerstick") },
	"bolus":            tideBolus,
	"wizard":           tideWizard,
	"basal":            func(d *draft, o object, _ func(func(*draft))) { d.tideBasal(o) },
	"insulin":          func(d *draft, o object, _ func(func(*draft))) { d.tidePen(o) },
	"food":             func(d *draft, o object, _ func(func(*draft))) { d.tideFood(o) },
	"physicalActivity": func(d *draft, o object, _ func(func(*draft))) { d.tideActivity(o) },
	"bloodKetone":      func(d *draft, o object, _ func(func(*draft))) { d.ketones(o.text("value")) },
	"pumpSettings":     func(d *draft, o object, _ func(func(*draft))) { d.tideSettings(o) },
	"deviceEvent":      func(d *draft, o object, _ func(func(*draft))) { d.tideDevice(o) },
	"reportedState":    func(d *draft, o object, _ func(func(*draft))) { d.tideNote(o, "reportedState") },
	"water":            func(d *draft, o object, _ func(func(*draft))) { d.tideNote(o, "water") },
	"note":             func(d *draft, o object, _ func(func(*draft))) { d.tideNote(o, "note") },
}

// readTidepool reads all files before it emits the first event.
func readTidepool(files []source, with setting, out *output) error {
	people := map[string][]draft{}
	for _, s := range files {
		items, err := out.items(s)
		if err != nil {
			return err
		}
		known := func(it item) bool {
			return tideFill[it.fields.text("type")] != nil || tideIgnored[it.fields.text("type")]
		}
		if !slices.ContainsFunc(items, known) {
			return fmt.Errorf("%s isn't of format tidepool: no object in it has a type such as cbg, smbg, bolus or basal", s.name)
		}
		patient := with.person(s)
		mealDoses := tideMealDoses(items)
		for _, it := range items {
			if kind := it.fields.text("type"); tideIgnored[kind] {
				out.ignore(kind)
				continue
			}
			if it.fields.text("type") == "wizard" && nothing(it.fields) {
				out.ignore("wizard without carbs")
				continue
			}
			people[patient] = append(people[patient], tideDrafts(patient, s.name, it, with, mealDoses)...)
		}
	}
	return out.people(people)
}

// tideMealDoses are the ids of boluses that a calculator proposed: true for carbs,
// false for a correction alone.
func tideMealDoses(items []item) map[string]bool {
	doses := map[string]bool{}
	for _, it := range items {
		if it.fields.text("type") != "wizard" {
			continue
		}
		carbs, _ := it.fields.number("carbInput")
		id := it.fields.text("bolus")
		if nested := it.fields.under("bolus"); nested != nil {
			id = nested.text("id")
		}
		if id != "" {
			doses[id] = carbs > 0
		}
	}
	return doses
}

// tideDrafts is what one item says.
func tideDrafts(patient, file string, it item, with setting, doses map[string]bool) []draft {
	base := draft{wire: history("note", patient), file: file, src: it.src}
	base.moment(it.fields.text("time"), with.zone)
	base.wire.Device = it.fields.text("deviceId")
	all := []draft{base}
	also := func(fill func(d *draft)) {
		d := base
		d.extra = slices.Clone(base.extra)
		fill(&d)
		d.part = len(all) // only now: fill may add one before
		all = append(all, d)
	}
	d := &all[0]
	kind := it.fields.text("type")
	if id := it.fields.text("id"); id != "" {
		d.keep("source_id", id)
	}
	if fill := tideFill[kind]; fill != nil {
		first := *d
		fill(&first, it.fields, also)
		all[0] = first
	} else {
		d.keep("source_type", kind)
		d.fault("type %q isn't known", kind)
	}
	for i := range all {
		if meal, ok := doses[it.fields.text("id")]; ok && kind == "bolus" {
			all[i].wire.Reason = map[bool]string{true: "meal", false: "correction"}[meal]
		}
	}
	return all
}
