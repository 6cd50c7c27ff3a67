package main

import (
	"path/filepath"
	"regexp"
	"testing"
)

// TestABackfillMakesOneFileADate ingests a study of ten people and 330 days, which is
// imported at once: however the writer rotates, no table and date of a partition gets a
// second file, as long as its rows fit into memory.
func TestABackfillMakesOneFileADate(t *testing.T) {
	data := shared(t, "t1d_uom")
	cfg := startBroker(t)
	lake := filepath.Join(t.TempDir(), "lake")
	must(t, "import", "t1d-uom", data, "--brokers", cfg.Brokers)
	got := summary[counts](t, must(t, "ingest", "--brokers", cfg.Brokers, "--lake", lake, "--drain", "--rotate-age", "1m"))
	files, err := filepath.Glob(filepath.Join(lake, "*", "date=*", "*.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`^(.*/date=[^/]*/events-\d+)-\d+-\d+\.`)
	places, dates := map[string]int{}, map[string]bool{}
	for _, f := range files {
		m := name.FindStringSubmatch(f)
		if m == nil {
			t.Fatalf("unexpected name %s", f)
		}
		places[m[1]]++
		dates[filepath.Dir(f)] = true
	}
	t.Logf("%d events, %d files of %d tables' dates in %d partitions' places", got.Read, len(files), len(dates), len(places))
	if len(files) != len(places) {
		t.Errorf("%d files for %d places: a table and date of a partition has more than one", len(files), len(places))
	}
}
