package query

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestDocumentedSQLRuns: every statement of the lake's page, as it stands there, on a
// lake with an edited and a deleted event; and what it says of edits is what the views do.
func TestDocumentedSQLRuns(t *testing.T) {
	text, err := os.ReadFile("../../../docs/lake.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	const at = `,"time":"2026-11-21T08:05:00Z"`
	store(t, dir,
		`{"type":"meal","patient":"p-1","id":"a"`+at+`,"carbs_g":10}`,
		`{"type":"meal","patient":"p-1","id":"b","replaces":"a"`+at+`,"carbs_g":20}`,
		`{"type":"meal","patient":"p-1","id":"c"`+at+`,"carbs_g":30}`,
		`{"type":"retraction","patient":"p-1","replaces":"c"`+at+`}`,
		`{"type":"glucose","patient":"p-1"`+at+`,"value":90,"unit":"mg/dL","source":"lab"}`,
	)
	blocks := regexp.MustCompile(`(?m)^    (?:SELECT|WITH|FROM) .*\n(?:    .*\n)*`).FindAllString(string(text), -1)
	if len(blocks) != 3 {
		t.Fatalf("%d statements were found: %q", len(blocks), blocks)
	}
	edits := 0
	for _, block := range blocks {
		got := answer(t, dir, strings.ReplaceAll(block, "'lake/", "'"+dir+"/"), "csv")
		if !strings.Contains(block, "replacements") {
			continue
		}
		edits++
		if want := answer(t, dir, "from meals", "csv"); got != want || strings.Count(got, "\n") != 2 {
			t.Errorf("by the page's own statement:\n%s\nby the view:\n%s", got, want)
		}
	}
	if edits != 1 {
		t.Errorf("%d statements leave out what was replaced, want 1", edits)
	}
}
