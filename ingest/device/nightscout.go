package device

import (
	"fmt"
	"time"
)

// nightscout reads what a Nightscout site holds, as its API or its database export
// it: entries, treatments and profiles, in one file or in several.
func nightscout() Format {
	return Format{
		Name:     "nightscout",
		About:    "Nightscout entries, treatments and profiles (JSON, as the site's API or its database gives them)",
		alone:    true,
		evidence: nsEvidence,
		read:     readNightscout,
	}
}

// nsKind tells the collections apart by fields that only one has.
func nsKind(has func(name string) bool) string {
	switch {
	case has("sgv"), has("mbg"), has("dateString") && has("type"):
		return "entry"
	case has("eventType"), has("created_at") && (has("insulin") || has("carbs")):
		return "treatment"
	case has("store") && (has("defaultProfile") || has("startDate")):
		return "profile"
	case has("created_at") && (has("openaps") || has("loop") || has("pump") || has("uploader") || has("uploaderBattery")):
		return "devicestatus"
	}
	return ""
}

func nsEvidence(_ string, head []line) string {
	seen := glimpse(head)
	kind := nsKind(func(name string) bool { return seen[name] != "" })
	if kind == "" || seen["resourceType"] != "" {
		return ""
	}
	return fmt.Sprintf("its first object has the fields of a Nightscout %s", kind)
}

// nsPerson is everything on file about one person.
type nsPerson struct {
	patient  string
	zone     *time.Location // of stamps without an offset; nil: none are taken
	drafts   []draft
	stores   []nsStore   // sorted by start
	profiles []nsProfile // as they came into force
	temps    []temp
	spans    []time.Time // when anything was recorded
}

// readNightscout reads all files before it emits the first event: doses of basal
// insulin need the profiles.
func readNightscout(files []source, with setting, out *output) error {
	people := map[string]*nsPerson{}
	var later []func()
	for _, s := range files {
		patient := with.person(s)
		p := people[patient]
		if p == nil {
			p = &nsPerson{patient: patient, zone: with.zone}
			people[patient] = p
		}
		items, err := out.items(s)
		if err != nil {
			return err
		}
		if err := nsShaped(s.name, items); err != nil {
			return err
		}
		// Profiles come first, so that a switch finds the one that it names.
		p.readProfiles(s.name, items)
		later = append(later, func() { p.read(s.name, items, out) })
	}
	for _, read := range later {
		read()
	}
	all := map[string][]draft{}
	for patient, p := range people {
		p.basal()
		all[patient] = p.drafts
	}
	return out.people(all)
}

// nsShaped refuses a file in which not one object is of Nightscout.
func nsShaped(name string, items []item) error {
	for _, it := range items {
		if nsKind(it.fields.has) != "" {
			return nil
		}
	}
	return fmt.Errorf("%s isn't of format nightscout: no object in it has the fields of an entry (sgv, date), a treatment (eventType, created_at) or a profile (store, startDate)", name)
}

// read turns the items of one file but its profiles into drafts.
func (p *nsPerson) read(file string, items []item, out *output) {
	for _, it := range items {
		if it.fields.text("isValid") == "" && string(it.fields["isValid"]) == "false" {
			out.ignore("deleted")
			continue
		}
		d := draft{wire: history("note", p.patient), file: file, src: it.src}
		switch nsKind(it.fields.has) {
		case "entry":
			p.entry(d, it.fields)
		case "treatment":
			p.treatment(d, it.fields)
		case "profile":
			p.profileDrafts(d, it.fields)
		case "devicestatus":
			out.ignore("devicestatus")
		default:
			d.adrift = true
			d.fault("not an entry, treatment, profile or devicestatus of Nightscout")
			p.drafts = append(p.drafts, d)
		}
	}
}

// add takes a draft whose time is read.
func (p *nsPerson) add(d draft) {
	if !d.adrift {
		p.spans = append(p.spans, d.at)
	}
	p.drafts = append(p.drafts, d)
}

// identified keeps the source's own id beside the event.
func (d *draft) identified(o object, names ...string) {
	for _, name := range names {
		if id := o.text(name); id != "" {
			d.keep("source_id", id)
			return
		}
		if id := o.under(name).text("$oid"); id != "" { // as mongoexport writes it
			d.keep("source_id", id)
			return
		}
	}
}
