package nightscout

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

// v3 does a request and returns its status and body.
func (s *site) v3(method, target, body string) (int, fields) {
	s.t.Helper()
	w := s.do(method, "/api/v3/"+target, body, "Authorization", "Bearer "+phrase)
	var got fields
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		s.t.Fatalf("%s %s: %d %s", method, target, w.Code, w.Body)
	}
	return w.Code, got
}

func v3Bolus(i int) string {
	return fmt.Sprintf(`{"app":"AAPS","identifier":"b-%d","date":%d,"eventType":"Correction Bolus","insulin":1.5,"isValid":true}`, i, start.Add(-time.Duration(i)*time.Minute).UnixMilli())
}

func TestV3CreatesOnce(t *testing.T) {
	s := newSite(t)
	code, got := s.v3("POST", "treatments", v3Bolus(1))
	if code != 201 || got["identifier"] != "b-1" || got["lastModified"] != float64(start.UnixMilli()) {
		t.Errorf("%d %v", code, got)
	}
	code, got = s.v3("POST", "treatments", v3Bolus(1))
	if code != 200 || got["isDeduplication"] != true || got["deduplicatedIdentifier"] != "b-1" {
		t.Errorf("again: %d %v", code, got)
	}
	if e := s.events(); len(e) != 1 || brief(e[0]) != "insulin rapid 1.5 U correction" || e[0].Time != "2024-05-02T11:59:00.000Z" {
		t.Errorf("events %+v", e)
	}
	for _, bad := range []string{`{"app":"x"}`, `{"date":1}`, `{"date":"soon","app":"x"}`, `[]`, `[{},{}]`, `5`} {
		if code, got := s.v3("POST", "treatments", bad); code != 400 {
			t.Errorf("%s: %d %v", bad, code, got)
		}
	}
}

func TestV3InvalidIsNoDose(t *testing.T) {
	s := newSite(t)
	invalid := strings.Replace(v3Bolus(1), `"isValid":true`, `"isValid":false`, 1)
	s.v3("POST", "treatments", invalid)
	if e := s.events(); len(e) != 1 || e[0].Type != "note" {
		t.Errorf("events %+v", e)
	}
	s = newSite(t)
	s.v3("POST", "treatments", v3Bolus(1))
	s.v3("POST", "treatments", invalid)
	if got := s.holding(); got != "note nightscout-invalid" {
		t.Errorf("holding %s", got)
	}
}

func TestV3ReadsSearchesAndGoesOn(t *testing.T) {
	s := newSite(t)
	for i := range 5 {
		s.now = start.Add(time.Duration(i) * time.Second)
		s.v3("POST", "treatments", v3Bolus(i))
	}
	for _, c := range []struct {
		target string
		want   string // identifiers
	}{
		{"treatments", "b-0 b-1 b-2 b-3 b-4"},
		{"treatments?limit=2", "b-0 b-1"},
		{"treatments?limit=2&skip=1&sort=date", "b-3 b-2"},
		{"treatments?sort$desc=date&limit=1", "b-0"},
		{"treatments?identifier$eq=b-3", "b-3"},
		{"treatments?identifier=b-3", "b-3"},
		{"treatments?identifier$in=b-3|b-1", "b-1 b-3"},
		{"treatments?insulin$gt=1.5", ""},
		{"treatments?identifier$re=[34]$", "b-3 b-4"},
		{fmt.Sprintf("treatments?srvModified$gte=%d", start.Add(3*time.Second).UnixMilli()), "b-3 b-4"},
		{fmt.Sprintf("treatments/history/%d", start.Add(time.Second).UnixMilli()), "b-2 b-3 b-4"},
		{"treatments/history/0?limit=2", "b-0 b-1"},
	} {
		code, got := s.v3("GET", strings.ReplaceAll(c.target, "|", url.QueryEscape("|")), "")
		var ids []string
		list, _ := got["result"].([]any)
		for _, doc := range list {
			ids = append(ids, doc.(map[string]any)["identifier"].(string))
		}
		if code != 200 || strings.Join(ids, " ") != c.want {
			t.Errorf("%s: %d %v, want %s", c.target, code, ids, c.want)
		}
	}
	for _, bad := range []string{"treatments?limit=0", "treatments?skip=-1", "treatments?sort=insulin", "treatments?a$where=1", "treatments/history/x", "treatments?a$re=("} {
		if code, _ := s.v3("GET", bad, ""); code != 400 {
			t.Errorf("%s: %d", bad, code)
		}
	}
	if _, got := s.v3("GET", "treatments?fields=identifier&limit=1", ""); fmt.Sprint(got["result"]) != "[map[identifier:b-0]]" {
		t.Errorf("fields: %v", got)
	}
}

func TestV3TellsDeletions(t *testing.T) {
	s := newSite(t)
	s.v3("POST", "treatments", v3Bolus(1))
	s.now = s.now.Add(time.Minute)
	s.do("DELETE", "/api/v1/treatments/b-1", "")
	if code, _ := s.v3("GET", "treatments/b-1", ""); code != 410 {
		t.Errorf("read: %d", code)
	}
	if code, _ := s.v3("GET", "treatments/b-2", ""); code != 404 {
		t.Errorf("unknown: %d", code)
	}
	_, got := s.v3("GET", fmt.Sprintf("treatments/history/%d", start.UnixMilli()), "")
	list, _ := got["result"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["isValid"] != false || list[0].(map[string]any)["identifier"] != "b-1" {
		t.Errorf("history: %v", got)
	}
	_, got = s.v3("GET", "lastModified", "")
	want := fmt.Sprintf("map[treatments:%v]", float64(s.now.UnixMilli()))
	if result, _ := got["result"].(map[string]any); fmt.Sprint(result["collections"]) != want {
		t.Errorf("lastModified: %v, want %s", got, want)
	}
	for _, target := range []string{"status", "version"} {
		if code, got := s.v3("GET", target, ""); code != 200 || got["result"].(map[string]any)["apiVersion"] == nil {
			t.Errorf("%s: %d %v", target, code, got)
		}
	}
	if w := s.do("GET", "/api/v3/treatments", "", "x", "y"); w.Code != 401 {
		t.Errorf("a stranger reads: %d", w.Code)
	}
}
