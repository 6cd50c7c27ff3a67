package mobile

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/titrate/titrate/predict"
)

func TestDocumentRefersToSchemasThatExist(t *testing.T) {
	var doc struct {
		Components struct {
			Schemas map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal(document, &doc); err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(document), `"#/components/schemas/`)[1:] {
		name, _, _ := strings.Cut(part, `"`)
		if _, ok := doc.Components.Schemas[name]; !ok {
			t.Errorf("schema %s is referred to but not there", name)
		}
	}
}

// Every field of advice is in the document that apps are built by.
func TestTheDocumentNamesEveryFieldOfAdvice(t *testing.T) {
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct {
					Properties map[string]any
				}
			}
		}
	}
	if err := json.Unmarshal(document, &doc); err != nil {
		t.Fatal(err)
	}
	known := doc.Components.Schemas["Recommendation"].Properties
	for field := range reflect.TypeFor[predict.Recommendation]().Fields() {
		if _, ok := known[jsonName(field)]; !ok {
			t.Errorf("the document lacks %s of a recommendation", jsonName(field))
		}
	}
	for field := range reflect.TypeFor[predict.Components]().Fields() {
		if _, ok := known["components"].Properties[jsonName(field)]; !ok {
			t.Errorf("the document lacks %s of a recommendation's components", jsonName(field))
		}
	}
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

func TestEverythingOfPatientsNeedsTheToken(t *testing.T) {
	w := newWard(t)
	w.glucose(0, 143)
	for _, r := range w.table() {
		path := strings.ReplaceAll(r.path, "{id}", person)
		for _, header := range []string{"", token, "Bearer", "Bearer " + token + "x", "Basic " + token} {
			got := status(w, r.method, path, header)
			if guarded := strings.HasPrefix(path, "/v1/"); guarded != (got == http.StatusUnauthorized) {
				t.Errorf("%s %s with Authorization %q: status %d", r.method, path, header, got)
			}
		}
	}
}

func TestWithoutAdmitNobodyIsLetIn(t *testing.T) {
	w := newWard(t)
	w.options.Admit = nil
	if got := status(w, "GET", "/v1/patients", "Bearer "+token); got != http.StatusUnauthorized {
		t.Errorf("status %d", got)
	}
}

func TestATokenShowsOnlyWhomItIsFor(t *testing.T) {
	w := newWard(t)
	w.glucose(0, 143)
	w.tell("p-8", 0, `"type":"glucose","value":99,"unit":"mg/dL","source":"cgm"`)
	for _, r := range w.table() {
		path := strings.ReplaceAll(r.path, "{id}", person)
		if got := status(w, r.method, path, "Bearer of p-8"); strings.Contains(r.path, "{id}") && got != http.StatusForbidden {
			t.Errorf("%s %s with another's token: status %d", r.method, path, got)
		}
		if guarded := strings.HasPrefix(path, "/v1/"); guarded {
			if got := status(w, r.method, path, "Bearer to write"); got != http.StatusForbidden {
				t.Errorf("%s %s with a token to write: status %d", r.method, path, got)
			}
			if got := status(w, r.method, path, "Bearer once too often"); got != http.StatusTooManyRequests {
				t.Errorf("%s %s while waiting: status %d", r.method, path, got)
			}
		}
	}
	r := httptest.NewRequest("GET", "/v1/patients", nil)
	r.Header.Set("Authorization", "Bearer of p-8")
	rec := httptest.NewRecorder()
	w.Handler().ServeHTTP(rec, r)
	if body := rec.Body.String(); !strings.Contains(body, `"p-8"`) || strings.Contains(body, person) {
		t.Errorf("the list: %s", body)
	}
}

func status(w *ward, method, path, authorization string) int {
	r := httptest.NewRequest(method, path, nil)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	rec := httptest.NewRecorder()
	w.Handler().ServeHTTP(rec, r)
	return rec.Code
}

func TestErrorsAreJSONThatSaysWhatToDo(t *testing.T) {
	w := newWard(t)
	w.refused("GET", "/nowhere", "", http.StatusNotFound, "/nowhere", "openapi.json")
	w.refused("GET", "/v1/patients/p-9/glucose", "", http.StatusNotFound, "p-9", "/v1/patients")
	w.refused("DELETE", "/v1/patients", "", http.StatusMethodNotAllowed, "DELETE", "use GET")
	w.refused("GET", "/v1/patients/"+person+"/advice", "", http.StatusMethodNotAllowed, "use POST")
}

func TestReadyOnlyOnceTheLogIsRead(t *testing.T) {
	w := newWard(t)
	if got := w.ask("GET", "/healthz", "", nil); got != http.StatusOK {
		t.Errorf("healthz: status %d", got)
	}
	w.refused("GET", "/readyz", "", http.StatusServiceUnavailable, "log")
	w.SetReady()
	if got := w.ask("GET", "/readyz", "", nil); got != http.StatusOK {
		t.Errorf("readyz: status %d", got)
	}
}
