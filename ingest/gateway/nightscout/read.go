package nightscout

import (
	"encoding/json"
	"strconv"
	"time"
)

// search returns the documents that q asks for, the latest first, at most count
// of them. Without a limit in time it looks back as far as Nightscout does; of
// profiles, to the first.
func (d *Door) search(patient, collection string, q query, count int) []*document {
	oldest := int64(-1 << 62)
	if collection != "profile" && !q.dated() {
		oldest = d.now().Add(-window).UnixMilli()
	}
	found := []*document{}
	for _, doc := range d.view.snapshot(patient, collection) {
		if len(found) == count || doc.at < oldest {
			break
		}
		if len(q.terms) == 0 {
			found = append(found, doc)
			continue
		}
		if f, ok := decode(doc.raw); ok && q.matches(f) {
			found = append(found, doc)
		}
	}
	return found
}

// usual is how many documents are given where a request names no count.
func usual(collection string, q query) int {
	switch {
	case q.count > 0:
		return q.count
	case collection == "treatments" && len(q.terms) > 0:
		return 1000
	case collection == "treatments":
		return 100
	}
	return 10
}

// siteVersion is that of the Nightscout whose API this is: clients read it to learn
// what a site can do.
const siteVersion = "15.0.2"

// status is what clients ask first.
func status(now time.Time) map[string]any {
	return map[string]any{
		"status":            "ok",
		"name":              "titrate",
		"version":           siteVersion,
		"serverTime":        iso(now),
		"serverTimeEpoch":   now.UnixMilli(),
		"apiEnabled":        true,
		"careportalEnabled": true,
		"boluscalcEnabled":  false,
		"settings": map[string]any{
			"units":      "mg/dl",
			"timeFormat": 24,
			"thresholds": map[string]int{"bgHigh": 250, "bgTargetTop": 180, "bgTargetBottom": 70, "bgLow": 54},
			"enable":     []string{"careportal"},
		},
		"extendedSettings": map[string]any{},
	}
}

// raws are the documents as they are given out.
func raws(all []*document) []json.RawMessage {
	list := make([]json.RawMessage, len(all))
	for i, d := range all {
		list[i] = d.raw
	}
	return list
}

// deleted is how MongoDB, through Nightscout, reports a deletion.
func deleted(n int) json.RawMessage {
	s := strconv.Itoa(n)
	return json.RawMessage(`{"n":` + s + `,"ok":1,"deletedCount":` + s + `}`)
}
