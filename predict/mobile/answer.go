package mobile

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// failure is every error that a client sees: what is wrong, where, what to do.
type failure struct {
	Error string `json:"error"`
}

// answer writes v as JSON. It is never cached: glucose of five minutes ago must
// not be taken for today's.
func answer(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":"the answer can't be written as JSON; please report this"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(append(body, '\n')) // an error means that the client has gone
}

func refuse(w http.ResponseWriter, status int, message string) {
	answer(w, status, failure{Error: message})
}

// visit is a request of somebody who was let in.
type visit struct {
	w    http.ResponseWriter
	r    *http.Request
	sees func(patient string) bool
}

// guarded lets only those through whom Options.Admit knows.
func (s *Server) guarded(next func(visit)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		sees, status, retry := nobody, http.StatusUnauthorized, 0
		if s.options.Admit != nil {
			sees, status, retry = s.options.Admit(r)
		}
		switch status {
		case 0:
			next(visit{w, r, sees})
		case http.StatusTooManyRequests:
			w.Header().Set("Retry-After", strconv.Itoa(retry))
			refuse(w, status, "too many requests, or too many wrong tokens from this address; try again in "+strconv.Itoa(retry)+" s")
		case http.StatusForbidden:
			refuse(w, status, "this token may write, not read")
		default:
			w.Header().Set("WWW-Authenticate", `Bearer realm="titrate"`)
			refuse(w, http.StatusUnauthorized, "the token is missing or wrong in the header Authorization; send \"Authorization: Bearer TOKEN\" with the token that titrate printed at its start")
		}
	}
}

func nobody(string) bool { return false }

// patient is the chart that the path names; without one it has answered 403 or 404.
func (s *Server) patient(v visit) (*chart, bool) {
	id := v.r.PathValue("id")
	if !v.sees(id) {
		refuse(v.w, http.StatusForbidden, "this token isn't for the patient \""+id+"\"; GET /v1/patients lists those that it is for")
		return nil, false
	}
	c, ok := s.chart(id)
	if !ok {
		refuse(v.w, http.StatusNotFound, "no events of the patient \""+id+"\" were seen yet; GET /v1/patients lists those that were")
	}
	return c, ok
}

// sinceParam is the query's since, or the zero time; if bad it has answered 400.
func sinceParam(v visit) (time.Time, bool) {
	text := v.r.URL.Query().Get("since")
	if text == "" {
		return time.Time{}, true
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		refuse(v.w, http.StatusBadRequest, "\""+text+"\" in the query's since is not an RFC 3339 time; write it like since=2026-11-21T08:05:00Z (and + as %2B)")
	}
	return t, err == nil
}
