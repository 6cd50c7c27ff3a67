package main

import (
	"net/http"
	"strings"
	"testing"
)

// open are the operations for everybody. None holds a person's data; verifyauth says
// what the secret that came along may do, which for a stranger's is nothing.
var open = map[string]bool{
	"GET /": true, "GET /assets/{name}": true, "GET /healthz": true, "GET /readyz": true, "GET /metrics": true, "GET /openapi.json": true,
	"GET /fhir/metadata": true, "GET /api/v1/verifyauth": true,
}

// TestAStrangerReadsAndWritesNothing walks every operation that is served without
// credentials and with wrong ones in each form that the doors know: nothing is given,
// and nothing reaches the log.
func TestAStrangerReadsAndWritesNothing(t *testing.T) {
	h := newHouse(t, 0)
	h.follow(t)
	token := annasSecret
	if status, text := request(t, "POST", h.http.URL+"/v1/events", token, `{"type":"note","patient":"anna","time":"2026-11-25T08:00:00Z","code":"mark","text":"a mark of anna"}`); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	sent := len(everything(t, h.page.cfg))
	bodies := []string{"", `{"type":"glucose","patient":"anna","value":100}`, observed}
	for o := range readSpec(t, h).operations() {
		method, path, _ := strings.Cut(o, " ")
		if open[o] {
			continue
		}
		for i, header := range [][2]string{{"X-None", "x"}, {"Authorization", "Bearer wrong"}, {"Authorization", "Basic YTpi"}, {"api-secret", "wrong"}, {"api-secret", strings.Repeat("0", 40)}} {
			req, err := http.NewRequestWithContext(t.Context(), method, h.http.URL+filled(path), strings.NewReader(bodies[i%len(bodies)]))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set(header[0], header[1])
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			// 429 once the address has guessed too often: it still learns nothing.
			if resp.StatusCode != http.StatusUnauthorized && resp.StatusCode != http.StatusTooManyRequests {
				t.Errorf("%s with %s %s: %d", o, header[0], header[1], resp.StatusCode)
			}
		}
	}
	if now := len(everything(t, h.page.cfg)); now != sent {
		t.Errorf("%d events of strangers are in the log", now-sent)
	}
}
