package nightscout

import (
	"encoding/csv"
	"net/http"
	"strings"
)

// list answers with documents: as JSON, or entries as a table where the path's
// extension or the client's Accept asks for one.
func (c *call) list(collection string, found []*document) {
	separator := c.separator()
	if collection != "entries" || separator == 0 {
		answer(c.w, raws(found))
		return
	}
	kind := "text/tab-separated-values"
	if separator == ',' {
		kind = "text/csv"
	}
	c.w.Header().Set("Content-Type", kind+"; charset=utf-8")
	c.w.WriteHeader(http.StatusOK)
	out := csv.NewWriter(c.w)
	out.Comma = separator
	for _, doc := range found {
		f, _ := decode(doc.raw)    // a View keeps none that can't be read
		_ = out.Write(row(doc, f)) // else the client is gone
	}
	out.Flush()
}

// row is the columns of Nightscout's own tables.
func row(d *document, f fields) []string {
	value := f.text("sgv")
	if value == "" {
		value = f.text(f.text("type"))
	}
	return []string{iso(millis(d.at)), f.text("date"), value, f.text("direction"), f.text("device")}
}

// separator of the table that is asked for; 0 for JSON.
func (c *call) separator() rune {
	switch accept := c.r.Header.Get("Accept"); {
	case c.format == "csv", c.format == "" && strings.HasPrefix(accept, "text/csv"):
		return ','
	case c.format == "tsv", c.format == "txt", c.format == "" && (strings.HasPrefix(accept, "text/tab-separated-values") || strings.HasPrefix(accept, "text/plain")):
		return '\t'
	}
	return 0
}
