package main

import (
	"crypto/md5"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/titrate/titrate/infra/kafka"
)

// TestPoisonIsQuarantined sends every kind of bad message between good ones through the
// broker: each is in quarantine, byte for byte and with its reason, and every good one
// behind it is in the lake.
func TestPoisonIsQuarantined(t *testing.T) {
	registry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/vnd.schemaregistry.v1+json")
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"error_code":40403,"message":"Schema 7 not found"}`)
	}))
	defer registry.Close()
	good := func(value string) string {
		return fmt.Sprintf(`{"type":"glucose","patient":"p-1","time":"2026-01-02T03:04:05Z","value":%s,"unit":"mg/dL","source":"cgm","device":"g7"}`, value)
	}
	poison := map[string]struct{ value, code string }{
		"empty":                {"", "payload_empty"},
		"invalid UTF-8":        {good("\"\xff\xfe\""), "payload_not_utf8"},
		"deep nesting":         {`{"type":"glucose","x":` + strings.Repeat("[", 50_000) + strings.Repeat("]", 50_000) + "}", "payload_too_deep"},
		"NaN":                  {good("NaN"), "payload_not_json"},
		"1e400":                {good("1e400"), "number_not_finite"},
		"a key twice":          {`{"value":1,"value":2,` + good("100")[1:], "duplicate_key"},
		"wrong schema id":      {"\x00\x00\x00\x00\x07\x02\x04", "payload_undecoded"},
		"cut off":              {good("100")[:40], "payload_not_json"},
		"not an object":        {"[1,2]", "payload_not_object"},
		"text":                 {"hello", "payload_not_json"},
		"a NUL in the patient": {strings.Replace(good("100"), "p-1", `p\u0000`, 1), "patient_control"},
	}
	cfg := startBroker(t)
	lake := filepath.Join(t.TempDir(), "lake")
	args := []string{"ingest", "--brokers", cfg.Brokers, "--lake", lake, "--drain", "--schema-registry", registry.URL}
	must(t, args...)                                                 // makes the topics
	all := []kafka.Message{{Topic: topicEvents, Key: []byte("p-1")}} // null
	fine := readings(0, 10*len(poison))
	for _, c := range poison {
		all = append(append(all, kafka.Message{Topic: topicEvents, Key: []byte("p-1"), Value: []byte(c.value)}), fine[:10]...)
		fine = fine[10:]
	}
	send(t, cfg, all...)
	got := summary[counts](t, must(t, args...))
	if got.Accepted != int64(10*len(poison)) || got.Quarantined != int64(len(poison)+1) {
		t.Errorf("%+v of %d good and %d bad", got, 10*len(poison), len(poison)+1)
	}
	rows := ask(t, lake, "select md5(payload) as sum, r.code as code from (select payload, unnest(reasons) as r from quarantine) order by all")
	for name, c := range poison {
		if want := fmt.Sprintf(`{"code":%q,"sum":"%x"}`, c.code, md5.Sum([]byte(c.value))); !strings.Contains(rows, want) {
			t.Errorf("%s: quarantine holds %s, want %s", name, rows, want)
		}
	}
	if out := must(t, "verify", "--lake", lake, "--brokers", cfg.Brokers).stdout; !strings.Contains(out, "accounted for once") {
		t.Error(out)
	}
}
