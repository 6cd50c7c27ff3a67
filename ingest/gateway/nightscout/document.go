package nightscout

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strconv"
	"time"
)

// collections are what a site holds.
var collections = []string{"entries", "treatments", "devicestatus", "profile"}

// document is one of a collection as it is stored. It is never changed, only
// replaced.
type document struct {
	collection string
	id         string // _id
	at         int64  // ms since 1970: when it happened, or when it came if that isn't told
	created    int64  // ms: when a gateway first took it
	modified   int64  // ms: rises with every change
	deleted    bool
	raw        json.RawMessage // of a deleted one its ids
	names      []string        // what it is recognised by
	events     []string        // ids of the wire events that hold what it says
	basal      bool            // a temporary basal rate, which ends the one before
	ends       int64           // ms: of a rate, when it was planned to end
	until      int64           // ms: of a rate, where the next one cut it short; 0: nowhere
}

// numeric are the treatment fields that Nightscout turns into numbers.
var numeric = []string{"insulin", "carbs", "glucose", "targetTop", "targetBottom", "duration", "percent", "absolute", "rate", "preBolus", "relative"}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`)

// settle brings a document that came at now to the form in which Nightscout stores
// it, and tells when it happened. Its _id is still missing if it brought none.
func settle(collection string, f fields, now time.Time) (at time.Time) {
	if id := f.text("_id"); !isID(id) {
		delete(f, "_id")
		if uuid.MatchString(id) && f.text("identifier") == "" {
			f["identifier"] = id
		}
	}
	if collection == "entries" {
		return settleEntry(f, now)
	}
	return settleStamped(collection, f, now)
}

// settleEntry orders by date; sysTime and utcOffset follow dateString, which knows
// the clock's offset.
func settleEntry(f fields, now time.Time) time.Time {
	stamp, stamped := moment(f.text("dateString"))
	at, dated := f.milli("date")
	switch {
	case !dated && stamped:
		at = stamp.UTC()
		f["date"] = json.Number(strconv.FormatInt(at.UnixMilli(), 10))
	case !dated:
		at = now
	}
	if !stamped {
		stamp = at
	}
	f["sysTime"] = iso(stamp)
	f["utcOffset"] = json.Number(strconv.Itoa(offsetMinutes(stamp)))
	if stamped {
		f["dateString"] = iso(stamp)
	}
	if f.text("type") == "" && f["sgv"] != nil {
		f["type"] = "sgv"
	}
	return at
}

// settleStamped orders by created_at (a profile: by startDate), which is brought to
// UTC. One that can't be read is left for cleansing to refuse.
func settleStamped(collection string, f fields, now time.Time) time.Time {
	if collection == "treatments" {
		tidyTreatment(f)
	}
	if f.text("created_at") == "" {
		f["created_at"] = iso(createdAt(collection, f, now))
	}
	at, ok := moment(f.text("created_at"))
	if ok {
		f["created_at"] = iso(at)
		if f["utcOffset"] == nil {
			f["utcOffset"] = json.Number(strconv.Itoa(offsetMinutes(at)))
		}
	} else {
		at = now
	}
	if start, ok := moment(f.text("startDate")); ok && collection == "profile" {
		at = start
	}
	return at
}

// createdAt stands in for a missing created_at.
func createdAt(collection string, f fields, now time.Time) time.Time {
	names := []string{"timestamp", "eventTime", "date", "mills"}
	if collection == "profile" {
		names = []string{"startDate"}
	}
	for _, name := range names {
		if t, ok := moment(f.text(name)); ok {
			return t
		}
		if t, ok := f.milli(name); ok {
			return t
		}
	}
	return now
}

func tidyTreatment(f fields) {
	for name, v := range f {
		if v == "" {
			delete(f, name)
		}
	}
	for _, name := range numeric {
		if s, isText := f[name].(string); isText && json.Valid([]byte(s)) {
			if v, ok := f.number(name); ok {
				f[name] = json.Number(strconv.FormatFloat(v, 'f', -1, 64))
			}
		}
	}
}

// names are what a settled document is recognised by, the strongest first.
func names(collection string, f fields) (all []string) {
	if v := f.text("identifier"); v != "" {
		all = append(all, "identifier "+v)
	}
	if v := f.text("_id"); v != "" {
		all = append(all, "_id "+v)
	}
	switch collection {
	case "entries":
		all = append(all, "moment "+f.text("sysTime")+" "+f.text("type"))
	case "treatments":
		all = append(all, "moment "+f.text("created_at")+" "+f.text("eventType"))
	case "devicestatus":
		all = append(all, "moment "+f.text("created_at")+" "+f.text("device"))
	case "profile":
		all = append(all, "moment "+f.text("startDate")+" "+f.text("created_at")+" "+f.text("defaultProfile"))
	}
	return all
}

// learn fills in what is looked up often: f is what d's raw holds.
func (d *document) learn(f fields) {
	d.names = names(d.collection, f)
	if d.basal = isBasal(d.collection, f); d.basal {
		d.ends = basalEnd(f, d.at)
	}
}

// key is the name by which a document that comes is looked for: an entry by its
// moment, since uploaders make new ids for what they repeat.
func key(collection string, f fields) string {
	all := names(collection, f)
	if collection == "entries" {
		return all[len(all)-1]
	}
	return all[0]
}

// newID is made of what the document is recognised by: a repeat that another
// replica takes at the same moment gets the same one.
func newID(patient, collection, key string) string {
	sum := sha256.Sum256([]byte(strconv.Itoa(len(patient)) + " " + patient + " " + collection + " " + key))
	return hex.EncodeToString(sum[:12])
}

func millis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
