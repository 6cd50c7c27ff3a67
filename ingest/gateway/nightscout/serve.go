package nightscout

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/titrate/titrate/ingest/gateway"
)

// call is one request on its way.
type call struct {
	w      http.ResponseWriter
	r      *http.Request
	who    gateway.Holder
	known  bool // a right secret came along
	values url.Values
	path   map[string]string // what stands at the {places} of the route
	format string            // the path's extension: json, csv, …; "" if none
}

// ServeHTTP answers as a Nightscout site does: 200 with the documents, in the order
// and number in which they were sent; errors as {"status":…,"message":…}. Beyond
// Nightscout, 429 and 503 with Retry-After mean that the same request may be sent
// again later; nothing of it was acknowledged.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		fail(w, bad("the query can't be read"))
		return
	}
	c := &call{w: w, r: r, values: values}
	to, allowed := c.route(d.routes)
	secret := offered(r, values)
	if token, ok := strings.CutPrefix(r.URL.Path, tokenPath); ok {
		secret = token // the one that is tried here: a wrong one must count
	}
	who, refused := d.gateway.Keys().AdmitHashed(r, secret)
	if refused != nil && refused.Status != http.StatusUnauthorized {
		fail(w, refused)
		return
	}
	c.who, c.known = who, refused == nil
	if refused := d.permit(c, to, allowed); refused != nil {
		fail(w, refused)
		return
	}
	to.handle(d, c)
}

// permit is nil if c may go on to the route. Who isn't known learns nothing, not
// even what there is.
func (d *Door) permit(c *call, to *route, allowed []string) *gateway.Refusal {
	v3 := strings.HasPrefix(c.r.URL.Path, "/api/v3/")
	switch {
	case to != nil && to.needs == nothing:
		return nil
	case !c.known:
		return unauthorized()
	case c.who.Patient == gateway.Everybody:
		return &gateway.Refusal{Status: http.StatusForbidden, Reason: "This token isn't of one patient, and a site is"}
	case to == nil && len(allowed) > 0:
		c.w.Header().Set("Allow", strings.Join(allowed, ", "))
		return &gateway.Refusal{Status: http.StatusMethodNotAllowed, Reason: "Method Not Allowed"}
	case to == nil:
		return missing()
	case to.needs == reading && !c.who.Read, to.needs == writing && !c.who.Write:
		if v3 {
			return &gateway.Refusal{Status: http.StatusForbidden, Reason: "Missing permission"}
		}
		return unauthorized()
	case c.path["collection"] != "" && !slices.Contains(collections, c.path["collection"]):
		return missing()
	case v3 && c.format != "" && c.format != "json":
		return &gateway.Refusal{Status: http.StatusNotAcceptable, Reason: "Unsupported output format requested: use json"}
	case to.documents && !d.ready.Load():
		return &gateway.Refusal{Status: http.StatusServiceUnavailable, Reason: "The log is still being read", Retry: 5}
	}
	return nil
}

// offered is the secret that a request carries; empty if none. A request with two
// is judged by the first in this order.
func offered(r *http.Request, query url.Values) string {
	if s := strings.TrimSpace(r.Header.Get("Api-Secret")); s != "" {
		return s
	}
	if scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") && token != "" {
		return strings.TrimSpace(token)
	}
	if s := query.Get("token"); s != "" {
		return s
	}
	return query.Get("secret")
}

func bad(reason string) *gateway.Refusal {
	return &gateway.Refusal{Status: http.StatusBadRequest, Reason: reason}
}
