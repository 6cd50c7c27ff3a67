package device

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
)

// fhir reads FHIR R4: Observations of the HL7 CGM guide, alone, in a Bundle, or one
// after the other as bulk exports have them.
func fhir() Format {
	return Format{
		Name:     "fhir",
		About:    "FHIR R4 Bundles or Observations (JSON; LOINC 99504-3 and 105272-9 of the HL7 CGM guide)",
		evidence: fhirEvidence,
		read:     readFHIR,
	}
}

func fhirEvidence(_ string, head []line) string {
	switch kind := glimpse(head)["resourceType"]; kind {
	case "Bundle", "Observation":
		return "its first object is a FHIR " + kind
	}
	return ""
}

// loincs are the codes of glucose and what each measures with. The unit is the
// value's own.
var loincs = map[string]string{
	"99504-3":  "cgm",         // mass per volume, interstitial fluid
	"105272-9": "cgm",         // moles per volume, interstitial fluid
	"41653-7":  "fingerstick", // capillary blood, by glucometer
	"2345-7":   "lab",         // serum or plasma, mass
	"14749-6":  "lab",         // serum or plasma, moles
}

// fhirPeriods are the guide's summaries over a period: about no moment.
var fhirPeriods = []string{
	"107931-8", "106793-3", "97507-8", "105273-7", "97506-0", "104642-4", "104641-6", "97510-2", "104640-8", "104639-0", "104638-2", "104636-6", "104637-4",
}

// readFHIR reads all files before it emits the first event.
func readFHIR(files []source, with setting, out *output) error {
	people := map[string][]draft{}
	subjects := owners{}
	for _, s := range files {
		items, err := out.items(s)
		if err != nil {
			return err
		}
		resources := unbundled(items)
		out.summary.Lines += len(resources) - len(items)
		if !slices.ContainsFunc(resources, func(it item) bool { return it.fields.has("resourceType") }) {
			return fmt.Errorf("%s isn't of format fhir: no object in it has a resourceType", s.name)
		}
		for _, it := range resources {
			if what := fhirBeside(it.fields); what != "" {
				out.ignore(what)
				continue
			}
			d, subject := fhirDraft(s, it, with)
			if with.patient != "" {
				if err := subjects.check(d.wire.Patient, s.name, subject); err != nil {
					return err
				}
			}
			people[d.wire.Patient] = append(people[d.wire.Patient], d)
		}
	}
	return out.people(people)
}

// unbundled takes resources out of their Bundles.
func unbundled(items []item) (all []item) {
	for _, it := range items {
		if it.fields.text("resourceType") != "Bundle" {
			all = append(all, item{line{it.src.text, len(all) + 1}, it.fields})
			continue
		}
		var entries []json.RawMessage
		_ = json.Unmarshal(it.fields["entry"], &entries) // a Bundle without a list has no resources
		for _, e := range entries {
			resource := objectOf(e)["resource"]
			if len(resource) == 0 {
				resource = e
			}
			all = append(all, itemOf(resource, len(all)+1))
		}
	}
	return all
}

// fhirBeside is what a resource is if it is no reading: another kind of resource, or
// a summary over a period. It is empty for readings and for what isn't known.
func fhirBeside(o object) string {
	kind := o.text("resourceType")
	if kind != "Observation" {
		return kind
	}
	for _, code := range fhirCodes(o) {
		if slices.Contains(fhirPeriods, code) {
			return "summary " + code
		}
	}
	return ""
}

func fhirCodes(o object) (codes []string) {
	for _, c := range listOf(o.under("code")["coding"]) {
		if c.text("system") == "http://loinc.org" {
			codes = append(codes, c.text("code"))
		}
	}
	return codes
}

// fhirDraft reads one Observation. The patient is the subject's id unless one was
// given.
func fhirDraft(s source, it item, with setting) (d draft, subject string) {
	o := it.fields
	subject = path.Base(o.under("subject").text("reference"))
	if subject == "." {
		subject = o.under("subject").under("identifier").text("value")
	}
	patient := with.person(s)
	if patient == "" {
		patient = subject
	}
	d = draft{wire: history("note", patient), file: s.name, src: it.src}
	if patient == "" {
		d.wire.Patient = "unknown"
		d.fault("no subject, and no patient was given (--patient)")
	}
	d.moment(fhirTime(o), with.zone)
	if id := o.text("id"); id != "" {
		d.keep("source_id", id)
	}
	d.wire.Device = path.Base(o.under("device").text("reference"))
	if d.wire.Device == "." {
		d.wire.Device = o.under("device").text("display")
	}
	d.observed(o)
	return d, subject
}

func fhirTime(o object) string {
	for _, name := range []string{"effectiveDateTime", "effectiveInstant"} {
		if text := o.text(name); text != "" {
			return text
		}
	}
	return o.under("effectivePeriod").text("start")
}

// observed fills the value. Only what is final counts: entered-in-error says that it
// never was.
func (d *draft) observed(o object) {
	codes := fhirCodes(o)
	source := ""
	for _, code := range codes {
		if source == "" {
			source = loincs[code]
		}
	}
	if source == "" {
		d.wire.Code = "fhir-observation"
		d.fault("an Observation whose codes %q aren't of glucose (LOINC 99504-3, 105272-9)", codes)
		return
	}
	d.wire.Type, d.wire.Source = "glucose", source
	switch status := o.text("status"); status {
	case "final", "amended", "corrected":
	default:
		d.fault("status %q: only final, amended and corrected Observations count", status)
	}
	quantity := o.under("valueQuantity")
	d.wire.Unit = unitNamed(quantity.text("code"))
	if d.wire.Unit == "" {
		d.wire.Unit = unitNamed(quantity.text("unit"))
	}
	if d.wire.Unit == "" {
		d.fault("unit %q is neither mg/dL nor mmol/L", quantity.text("code")+quantity.text("unit"))
	}
	switch quantity.text("comparator") {
	case "<", "<=":
		d.limit("LOW")
		return
	case ">", ">=":
		d.limit("HIGH")
		return
	}
	d.take(quantity, "value", "value", &d.wire.Value)
	d.coded(sensorCodes)
}
