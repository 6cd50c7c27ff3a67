package nightscout

import (
	"math"
	"net/http"
	"net/url"
	"strings"

	"github.com/titrate/titrate/ingest/gateway"
)

const tokenPath = "/api/v2/authorization/request/"

// ServeHTTP answers as a Nightscout site does: 200 with the documents, in the order
// and number in which they were sent; errors as {"status":…,"message":…}. Beyond
// Nightscout, 429 and 503 with Retry-After mean that the same request may be sent
// again later; nothing of it was acknowledged.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		fail(w, &gateway.Refusal{Status: http.StatusBadRequest, Reason: "the query can't be read"})
		return
	}
	who, known, refused := d.admit(r, values)
	if refused != nil {
		fail(w, refused)
		return
	}
	path := strings.TrimSuffix(strings.TrimSuffix(r.URL.Path, "/"), ".json")
	switch rest, v1 := strings.CutPrefix(path, "/api/v1/"); {
	case v1 && rest == "verifyauth":
		answer(w, verified(who, known))
	case !known:
		fail(w, unauthorized())
	case strings.HasPrefix(r.URL.Path, tokenPath):
		d.token(w, who, r.URL.Path[len(tokenPath):])
	case v1:
		d.v1(w, r, who, strings.Split(rest, "/"), values)
	case strings.HasPrefix(path, "/api/v3/"):
		d.v3(w, r, who, strings.Split(path[len("/api/v3/"):], "/"), values)
	default:
		fail(w, missing())
	}
}

// Writer says whose data a request may write, for doors of other formats that take
// the same credentials: the patient, or the status to refuse with and, of 429, the
// seconds to wait.
func (d *Door) Writer(r *http.Request) (patient string, status, retry int) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return "", http.StatusBadRequest, 0
	}
	who, _, refused := d.admit(r, values)
	switch {
	case refused != nil:
		return "", refused.Status, refused.Retry
	case !who.write:
		return "", http.StatusUnauthorized, 0
	}
	return who.patient, 0, 0
}

// admit finds who asks. Who has guessed wrong too often waits, even with the right
// secret: else the guessing could go on meanwhile.
func (d *Door) admit(r *http.Request, values url.Values) (who holder, known bool, refused *gateway.Refusal) {
	secret := offered(r, values)
	if token, ok := strings.CutPrefix(r.URL.Path, tokenPath); ok {
		secret = token // the one that is tried here: a wrong one must count
	}
	if secret == "" {
		return holder{}, false, nil
	}
	address, now := d.address(r), d.now()
	if wait := d.penalty.wait(address, now); wait > 0 {
		seconds := int(math.Ceil(wait.Seconds()))
		return holder{}, false, &gateway.Refusal{Status: http.StatusTooManyRequests, Reason: "Too many wrong secrets", Retry: seconds}
	}
	who, known = d.keys.open(secret)
	if !known {
		d.penalty.fail(address, now)
	}
	return who, known, nil
}
