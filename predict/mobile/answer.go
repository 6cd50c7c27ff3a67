package mobile

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"strings"
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

// guarded lets only requests with the token through.
func (s *Server) guarded(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.knows(r.Header.Get("Authorization")) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="titrate"`)
			refuse(w, http.StatusUnauthorized, "the token is missing or wrong in the header Authorization; send \"Authorization: Bearer TOKEN\" with the token that titrate printed at its start")
			return
		}
		next(w, r)
	}
}

// knows compares in constant time. Hashing first keeps the token's length from
// showing in the time too.
func (s *Server) knows(authorization string) bool {
	scheme, token, _ := strings.Cut(authorization, " ")
	given, want := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(s.options.Token))
	same := subtle.ConstantTimeCompare(given[:], want[:]) == 1
	return same && strings.EqualFold(scheme, "Bearer") && s.options.Token != ""
}

// patient is the chart that the path names; without one it has answered 404.
func (s *Server) patient(w http.ResponseWriter, r *http.Request) (*chart, bool) {
	id := r.PathValue("id")
	c, ok := s.chart(id)
	if !ok {
		refuse(w, http.StatusNotFound, "no events of the patient \""+id+"\" were seen yet; GET /v1/patients lists those that were")
	}
	return c, ok
}

// sinceParam is the query's since, or the zero time; if bad it has answered 400.
func sinceParam(w http.ResponseWriter, r *http.Request) (time.Time, bool) {
	text := r.URL.Query().Get("since")
	if text == "" {
		return time.Time{}, true
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		refuse(w, http.StatusBadRequest, "\""+text+"\" in the query's since is not an RFC 3339 time; write it like since=2026-11-21T08:05:00Z (and + as %2B)")
	}
	return t, err == nil
}
