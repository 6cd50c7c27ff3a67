package device

import (
	"os"
	"path/filepath"
	"testing"
)

// fuzzFormat feeds whole files to a reader: whatever they hold, it is an error
// without events, or every line is accounted for in events that are whole.
func fuzzFormat(f *testing.F, format, dir string, opts Options) {
	names, err := filepath.Glob(filepath.Join("testdata", dir, "*"))
	if err != nil || len(names) == 0 {
		f.Fatalf("no files in %s: %v", dir, err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "Food_Log_1.csv")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		var rows []Row
		summary, err := Read(format, []string{path}, opts, func(r Row) error {
			rows = append(rows, r)
			return nil
		})
		if err != nil {
			if len(rows) > 0 {
				t.Fatalf("%d events before %v", len(rows), err)
			}
			return
		}
		conserved(t, rows, summary)
		for _, r := range rows {
			whole(t, r)
		}
		if _, _, err := Detect(path); err != nil && len(err.Error()) > 10_000 {
			t.Fatalf("an error of %d bytes", len(err.Error()))
		}
	})
}

func FuzzClarity(f *testing.F) {
	fuzzFormat(f, "clarity", "clarity", Options{Zone: zone(f, "Europe/London"), Patient: "p"})
}

func FuzzLibreView(f *testing.F) {
	fuzzFormat(f, "libreview", "libreview", Options{Zone: zone(f, "America/New_York"), Patient: "p"})
}

func FuzzNightscout(f *testing.F) {
	fuzzFormat(f, "nightscout", "nightscout", Options{Patient: "p"})
}

func FuzzTidepool(f *testing.F) {
	fuzzFormat(f, "tidepool", "tidepool", Options{Patient: "p"})
}

func FuzzFHIR(f *testing.F) {
	fuzzFormat(f, "fhir", "fhir", Options{})
}

func FuzzMapped(f *testing.F) {
	fuzzFormat(f, "csv", "csv", Options{Mapping: filepath.Join("testdata", "csv.yaml")})
}

func FuzzFoodLog(f *testing.F) {
	fuzzFormat(f, "food-log", "food", Options{Zone: zone(f, "UTC"), Patient: "p"})
}

// Whatever a mapping file holds, it is read or refused.
func FuzzMappingFile(f *testing.F) {
	for _, name := range []string{"testdata/csv.yaml", "mappings/food-log.yaml"} {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(smallMapping))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := parseMapping("m.yaml", text)
		if m == nil && err == nil {
			t.Fatal("neither a mapping nor an error")
		}
	})
}
