package device

import (
	"strings"
	"time"
)

// clarityLayouts are the stamps of exports; re-saved ones part date and time by a
// space.
var clarityLayouts = []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05"}

const clarityShape = "YYYY-MM-DDThh:mm:ss"

// clarityAbout are the rows before the readings: about the owner, the device and
// its alarms, at no moment.
var clarityAbout = map[string]bool{"FirstName": true, "LastName": true, "PatientIdentifier": true, "DateOfBirth": true, "Device": true, "Alert": true}

// drafts reads the rows of one export, which are in the order in which they were
// recorded. owner is whom it names.
func (f clarityFile) drafts(patient string, with setting, out *output) (all []draft, owner string) {
	for _, l := range f.data {
		d, r := record(patient, f.source.name, l, f.columns, f.comma)
		kind := r.of("event type")
		if r.of("timestamp") == "" && clarityAbout[kind] {
			if kind != "Device" && kind != "Alert" {
				owner += kind + "=" + r.of("patient info") + "\n"
			}
			out.ignore(kind)
			continue
		}
		d.stampAny(r.of("timestamp"), clarityLayouts, clarityShape, with.zone)
		d.wire.Device = r.of("source device id")
		f.fill(&d, kind, r)
		all = append(all, d)
	}
	markStrays(all)
	settle(pointers(all))
	return all, owner
}

func pointers(all []draft) []*draft {
	each := make([]*draft, len(all))
	for i := range all {
		each[i] = &all[i]
	}
	return each
}

// fill writes a row into its draft by its event type.
func (f clarityFile) fill(d *draft, kind string, r row) {
	subtype := r.of("event subtype")
	switch kind {
	case "EGV":
		f.sensor(d, subtype, r.of("glucose value"))
		if rate := r.of("glucose rate of change"); rate != "" {
			d.keep("rate", rate)
		}
	case "Calibration":
		d.reading(r.of("glucose value"), f.unit, "fingerstick")
		d.keep("note", "calibration")
	case "Insulin":
		clarityInsulin(d, subtype, r.of("insulin value"))
	case "Carbs":
		d.wire.Type = "meal"
		d.amount("carbs_g", r.of("carb value"), &d.wire.CarbsG)
	case "Exercise":
		clarityExercise(d, subtype, r.of("duration"))
	case "Health", "Note", "Notes", "Alert", "Device":
		d.wire.Code = plainCode("clarity", kind, subtype)
		d.wire.Text = r.of("patient info")
	default:
		d.keep("event_type", kind)
		d.fault("event type %q isn't known", kind)
	}
}

// sensor fills a sensor's reading. The subtype Low or High says that glucose was
// beyond the sensor's range, whatever number stands beside it.
func (f clarityFile) sensor(d *draft, subtype, value string) {
	word, ok := beyond[strings.ToLower(subtype)]
	if !ok {
		d.reading(value, f.unit, "cgm")
		return
	}
	d.wire.Type, d.wire.Unit, d.wire.Source = "glucose", f.unit, "cgm"
	d.limit(word)
	if value != "" && !strings.EqualFold(value, word) {
		d.keep("beside", value)
	}
}

func clarityInsulin(d *draft, subtype, value string) {
	d.wire.Type = "insulin"
	d.amount("units", value, &d.wire.Units)
	switch strings.ToLower(subtype) {
	case "fast-acting", "rapid-acting":
		d.wire.Kind = "rapid"
	case "long-acting":
		d.wire.Kind, d.wire.Reason = "long", "basal"
	default:
		d.keep("event_subtype", subtype)
		d.fault("insulin %q is neither Fast-Acting nor Long-Acting", subtype)
	}
}

// efforts are the sources' words for how hard exercise was.
var efforts = map[string]string{"light": "light", "low": "light", "medium": "moderate", "moderate": "moderate", "heavy": "vigorous", "high": "vigorous", "vigorous": "vigorous"}

func clarityExercise(d *draft, subtype, text string) {
	d.wire.Type = "activity"
	d.wire.Intensity = efforts[strings.ToLower(subtype)]
	if subtype != "" && d.wire.Intensity == "" {
		d.keep("event_subtype", subtype)
		d.fault("exercise %q is none of Light, Medium, Heavy", subtype)
	}
	if text == "" {
		return
	}
	run, err := time.ParseDuration(strings.Replace(strings.Replace(text, ":", "h", 1), ":", "m", 1) + "s")
	if err != nil || run < 0 {
		d.keep("duration", text)
		d.fault("duration %q isn't of the form hh:mm:ss", text)
		return
	}
	minutes := run.Minutes()
	d.wire.Minutes = &minutes
}

// plainCode makes a note's code of a source's words: clarity-health-illness.
func plainCode(words ...string) string {
	var all []string
	for _, w := range words {
		if w = strings.ReplaceAll(plainName(w), " ", "-"); w != "" {
			all = append(all, w)
		}
	}
	return strings.Join(all, "-")
}
