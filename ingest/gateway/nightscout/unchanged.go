package nightscout

import (
	"net/http"
	"time"
)

// unchanged sends Last-Modified and answers 304 to who has all that there is of the
// collection. HTTP tells seconds only: as long as the second of the last change
// isn't over another may follow in it, so then nothing is said.
func (d *Door) unchanged(c *call, collection string) bool {
	return d.unmodified(c, d.view.changed(c.who.Patient, collection))
}

// unmodified is unchanged for something that last changed at ms since 1970.
func (d *Door) unmodified(c *call, ms int64) bool {
	last := millis(ms).Truncate(time.Second)
	if ms == 0 || !last.Before(d.now().UTC().Truncate(time.Second)) {
		return false
	}
	c.w.Header().Set("Last-Modified", last.Format(http.TimeFormat))
	since, err := http.ParseTime(c.r.Header.Get("If-Modified-Since"))
	if err != nil || last.After(since) {
		return false
	}
	c.w.WriteHeader(http.StatusNotModified)
	return true
}

// outdated reports whether the document changed after what the client last saw.
func outdated(r *http.Request, d *document) bool {
	since, err := http.ParseTime(r.Header.Get("If-Unmodified-Since"))
	return err == nil && millis(d.modified).Truncate(time.Second).After(since)
}
