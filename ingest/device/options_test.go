package device

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// written is a directory with files of the given names and texts.
func written(t testing.TB, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i+1 < len(files); i += 2 {
		if err := os.WriteFile(filepath.Join(dir, files[i]), []byte(files[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const clarityHead = "Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Patient Info,Glucose Value (mg/dL)\n"

// A zone and a patient are never guessed, and what isn't of the format says so.
func TestWhatIsMissingIsAskedFor(t *testing.T) {
	utc := zone(t, "UTC")
	one := clarityHead + "1,,FirstName,,Ada,\n2,2024-05-02T10:00:00,EGV,,,100\n"
	other := clarityHead + "1,,FirstName,,Zoe,\n2,2024-05-02T10:00:00,EGV,,,100\n"
	libre := "Device,Serial Number,Device Timestamp,Record Type,Historic Glucose mg/dL\nL,S,01-02-2021 05:14,0,100\n"
	for _, c := range []struct {
		name, format string
		opts         Options
		path         string
		want         []string
	}{
		{"no zone", "clarity", Options{Patient: "p"}, "testdata/clarity", []string{"--zone", "hours"}},
		{"no patient", "libreview", Options{Zone: utc}, "testdata/libreview", []string{"--patient"}},
		{"no patient, JSON", "nightscout", Options{}, "testdata/nightscout", []string{"--patient"}},
		{"two people as one", "clarity", Options{Zone: utc, Patient: "p"}, written(t, "a.csv", one, "b.csv", other), []string{"a.csv", "b.csv", "different people", "{file}"}},
		{"order of dates unknown", "libreview", Options{Zone: utc, Patient: "p", Dates: "YDM"}, "testdata/libreview", []string{"YDM", "DMY, MDY, YMD"}},
		{"order of dates open", "libreview", Options{Zone: utc, Patient: "p"}, written(t, "a.csv", libre), []string{"a.csv", "--dates DMY"}},
		{"libre named as clarity", "clarity", Options{Zone: utc, Patient: "p"}, "testdata/libreview/person-a.csv", []string{"person-a.csv", "isn't of format clarity", `"index"`}},
		{"clarity named as libre", "libreview", Options{Zone: utc, Patient: "p"}, "testdata/clarity/person-a.csv", []string{"isn't of format libreview", "Record Type"}},
		{"no unit", "clarity", Options{Zone: utc, Patient: "p"}, filepath.Join(written(t, "a.csv", strings.Replace(one, "(mg/dL)", "", 1)), "a.csv"), []string{"mg/dL nor mmol/L"}},
		{"empty", "clarity", Options{Zone: utc, Patient: "p"}, filepath.Join(written(t, "a.csv", ""), "a.csv"), []string{"a.csv is empty"}},
		{"nothing in a directory", "clarity", Options{Zone: utc, Patient: "p"}, "testdata/nightscout", []string{"holds nothing of format clarity"}},
		{"cut short", "nightscout", Options{Patient: "p"}, filepath.Join(written(t, "a.json", `[{"sgv":1},{"sgv"`), "a.json"), []string{"a.json", "isn't a list of JSON objects"}},
		{"JSON of something else", "tidepool", Options{Patient: "p"}, filepath.Join(written(t, "a.json", `[{"sgv":1}]`), "a.json"), []string{"isn't of format tidepool"}},
		{"tidepool as nightscout", "nightscout", Options{Patient: "p"}, "testdata/tidepool/data.json", []string{"isn't of format nightscout"}},
		{"no resource", "fhir", Options{}, filepath.Join(written(t, "a.json", `{"sgv":1}`), "a.json"), []string{"isn't of format fhir"}},
		{"another subject", "fhir", Options{Patient: "p"}, filepath.Join(written(t, "a.json",
			`[{"resourceType":"Observation","subject":{"reference":"Patient/1"}},{"resourceType":"Observation","subject":{"reference":"Patient/2"}}]`), "a.json"), []string{"different people"}},
		{"no mapping", "csv", Options{Patient: "p"}, "testdata/csv", []string{"--mapping"}},
		{"missing mapping", "csv", Options{Patient: "p", Mapping: "testdata/nowhere.yaml"}, "testdata/csv", []string{"testdata/nowhere.yaml"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Read(c.format, []string{c.path}, c.opts, func(r Row) error {
				t.Errorf("emitted %s", r.JSON)
				return nil
			})
			if err == nil {
				t.Fatal("no error")
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q lacks %q", err, part)
				}
			}
			if strings.Contains(err.Error(), "Ada") || strings.Contains(err.Error(), "Zoe") {
				t.Errorf("%q names a person", err)
			}
		})
	}
}

func TestThePatientMayFollowTheFilesName(t *testing.T) {
	s := source{name: "dir/Dexcom_007.csv"}
	for pattern, want := range map[string]string{"p-1": "p-1", "p-{file}": "p-Dexcom_007", "b-{number}": "b-007"} {
		if got := (setting{patient: pattern}).person(s); got != want {
			t.Errorf("%s: %s, want %s", pattern, got, want)
		}
	}
}

func TestDatesGivenDecideAnOpenFile(t *testing.T) {
	dir := written(t, "a.csv", "Device,Serial Number,Device Timestamp,Record Type,Historic Glucose mg/dL\nL,S,01-02-2021 05:14,0,100\n")
	for order, want := range map[string]string{"dmy": "2021-02-01T05:14:00Z", "MDY": "2021-01-02T05:14:00Z"} {
		rows, _ := readAll(t, "libreview", Options{Zone: zone(t, "UTC"), Patient: "p", Dates: order}, dir)
		if rows[0].Wire.Time != want {
			t.Errorf("%s: %s, want %s", order, rows[0].Wire.Time, want)
		}
	}
}
