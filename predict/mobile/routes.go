package mobile

import "net/http"

// route is one operation of the API. The OpenAPI document describes each of them;
// a test compares the two.
type route struct {
	method, path string
	handle       http.HandlerFunc
}

// table lists what this package serves, open to all and then guarded.
func (s *Server) table() []route {
	return []route{
		{"GET", "/healthz", s.healthz},
		{"GET", "/readyz", s.readyz},
		{"GET", "/openapi.json", s.openapi},
		{"GET", "/v1/patients", s.guarded(s.listPatients)},
		{"GET", "/v1/patients/{id}/glucose", s.guarded(s.listGlucose)},
		{"GET", "/v1/patients/{id}/recommendations", s.guarded(s.listRecommendations)},
		{"GET", "/v1/patients/{id}/stream", s.guarded(s.stream)},
		{"POST", "/v1/patients/{id}/advice", s.guarded(s.advise)},
		{"GET", "/v1/latency", s.guarded(s.getLatency)},
	}
}

// Operations are what this package serves, as "METHOD /path", for who describes them.
func (s *Server) Operations() []string {
	all := []string{"GET /", "GET /assets/{name}"}
	for _, r := range s.table() {
		all = append(all, r.method+" "+r.path)
	}
	return all
}

// routes is the table, the app, and JSON errors for everything else.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for _, r := range s.table() {
		mux.HandleFunc(r.method+" "+r.path, r.handle)
		mux.HandleFunc(r.path, wrongMethod(r.method))
	}
	mux.HandleFunc("GET /{$}", s.assets.page)
	mux.HandleFunc("GET /assets/{name...}", s.assets.asset)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusNotFound, "nothing is at "+r.URL.Path+"; GET /openapi.json describes what there is")
	})
	return mux
}

func wrongMethod(allowed string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", allowed)
		refuse(w, http.StatusMethodNotAllowed, r.Method+" is not possible at "+r.URL.Path+"; use "+allowed)
	}
}

// healthz says that the process answers.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]string{"status": "ok"})
}

// readyz says whether what is shown is up to date with the log.
func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	if !s.ready.Load() {
		refuse(w, http.StatusServiceUnavailable, "the log is still being read, so what is shown would be old; try again in a few seconds")
		return
	}
	answer(w, http.StatusOK, map[string]string{"status": "ready"})
}
