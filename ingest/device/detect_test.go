package device

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every real file is of the format that it should be, or of none.
func TestEveryRealFileIsDetected(t *testing.T) {
	root := realData(t, ".")
	formats := []struct{ pattern, format string }{
		{`^t1d_uom/(glucose|basal|bolus|nutrition)/`, "t1d-uom"},
		{`^uci_diabetes/data-\d+$`, "uci"},
		{`^(big_ideas/dexcom|device_exports/dexcom_clarity)/`, "clarity"},
		{`^device_exports/libreview/`, "libreview"},
		{`^device_exports/nightscout/.*\.json$`, "nightscout"},
		{`^big_ideas/food_logs/`, "food-log"},
	}
	counts := map[string]int{}
	err := filepath.WalkDir(root, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := relative(root, p)
		want := ""
		for _, f := range formats {
			if regexp.MustCompile(f.pattern).MatchString(name) {
				want = f.format
			}
		}
		f, why, err := Detect(p)
		if f.Name != want || (err == nil) != (want != "") || (why == "") != (want == "") {
			t.Errorf("%s is %q by %q (%v), want %q", name, f.Name, why, err, want)
		}
		counts[f.Name]++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	delete(counts, "")
	if want := map[string]int{"t1d-uom": 36, "uci": 50, "clarity": 12, "libreview": 2, "nightscout": 3, "food-log": 10}; !maps.Equal(counts, want) {
		t.Errorf("%v, want %v", counts, want)
	}
}

func TestHandMadeFilesAreDetected(t *testing.T) {
	for _, h := range hands(t) {
		f, why, err := Detect(filepath.Join("testdata", h.name))
		if h.format == byMapping {
			if err == nil || !strings.Contains(err.Error(), "--mapping") {
				t.Errorf("%s: %q, %v", h.name, f.Name, err)
			}
			continue
		}
		if err != nil || f.Name != h.format || why == "" {
			t.Errorf("%s: %q by %q, %v", h.name, f.Name, why, err)
		}
	}
	if _, _, err := Detect("testdata"); err == nil || !strings.Contains(err.Error(), "mixes formats") {
		t.Errorf("a directory of everything: %v", err)
	}
	if _, _, err := Detect("testdata/nowhere"); err == nil {
		t.Error("no error for a missing file")
	}
}

// What is told of a person in an export's first rows isn't passed on.
func TestNamesAndBirthdaysStay(t *testing.T) {
	for _, h := range hands(t) {
		rows, summary := readAll(t, h.format, h.opts, filepath.Join("testdata", h.name))
		text, err := json.Marshal(summary)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			text = append(text, r.JSON...)
		}
		for _, name := range []string{"Ada", "1/2/1970", "1/2/70", "01-02-1970"} {
			if i := strings.Index(string(text), name); i >= 0 {
				t.Errorf("%s passes %q on: …%s", h.format, name, text[max(0, i-80):i+20])
			}
		}
	}
	if !slices.Contains(slices.Collect(maps.Keys(clarityAbout)), "FirstName") {
		t.Error("no names are looked for")
	}
}
