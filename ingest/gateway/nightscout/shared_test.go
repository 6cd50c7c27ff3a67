package nightscout

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest/gateway"
)

func TestWriterServesOtherDoors(t *testing.T) {
	s := newSite(t)
	for secret, want := range map[string]string{digest: "anna", reader: "401", "wrong": "401", "": "401"} {
		r := httptest.NewRequest(http.MethodPost, "/fhir/Observation", nil)
		r.Header.Set("Api-Secret", secret)
		patient, status, _ := s.door.Writer(r)
		if got := patient + strings.TrimPrefix(fmt.Sprint(status), "0"); got != want {
			t.Errorf("%q: %q, want %q", secret, got, want)
		}
	}
}

func TestUnsafeOptionsAreRefused(t *testing.T) {
	g, err := gateway.New(gateway.Options{Log: &memory{}, Tokens: []string{"t"}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	good := Credential{Patient: "anna", Secret: phrase, Read: true}
	for name, all := range map[string][]Credential{
		"none":        nil,
		"short":       {{Patient: "anna", Secret: "eleven char"}},
		"nobody":      {{Secret: phrase}},
		"twice":       {good, {Patient: "bert", Secret: phrase}},
		"its own SHA": {good, {Patient: "bert", Secret: digest}},
	} {
		if _, err := New(Options{Gateway: g, Now: time.Now, Credentials: all}); err == nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), phrase) || strings.Contains(err.Error(), "eleven char") {
			t.Errorf("%s: the error tells the secret: %v", name, err)
		}
	}
	if _, err := New(Options{Gateway: g, Now: time.Now, Credentials: []Credential{good}}); err != nil {
		t.Error(err)
	}
}

func TestManyAtOnce(t *testing.T) {
	s := newSite(t)
	var wait sync.WaitGroup
	for n := range 8 {
		wait.Go(func() {
			for i := range 25 {
				at := start.Add(-time.Duration(i) * time.Minute).UnixMilli()
				s.do("POST", "/api/v1/entries", fmt.Sprintf(`{"type":"sgv","sgv":%d,"date":%d}`, 100+n, at))
				s.do("GET", "/api/v1/entries?find[sgv][$gt]=90", "")
			}
		})
	}
	wait.Wait()
	s.now = s.now.Add(time.Hour)
	if got := s.list("GET", "/api/v1/entries?count=100", ""); len(got) != 25 {
		t.Errorf("%d entries of 25 moments", len(got))
	}
}

func BenchmarkPostEntry(b *testing.B) {
	s := newSite(b)
	b.ReportAllocs()
	for i := range b.N {
		at := start.Add(time.Duration(i) * time.Second).UnixMilli()
		if w := s.do("POST", "/api/v1/entries", fmt.Sprintf(`{"type":"sgv","sgv":100,"date":%d}`, at)); w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
}
