package mobile

import (
	_ "embed" // for the document
	"net/http"
)

// document describes the whole HTTP API, with the operations of the gateway and
// of operations that are served beside this package's.
//
//go:embed openapi.json
var document []byte

func (s *Server) openapi(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Write(document) // an error means that the client has gone
}
