package device

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The guide's examples are written in FSH. The two sensor readings among them are
// put into JSON here, with the codes that the guide's profiles give.
func TestTheGuidesExamplesAreRead(t *testing.T) {
	root := realData(t, "fhir_cgm")
	examples, err := os.ReadFile(filepath.Join(root, "examples.fsh"))
	if err != nil {
		t.Fatal(err)
	}
	profiles, err := os.ReadFile(filepath.Join(root, "profiles.fsh"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"99504-3": "120 mg/dL 2024-05-02T10:15:00Z", "105272-9": "6.7 mmol/L 2024-05-02T10:30:00Z"}
	units := map[string]string{"99504-3": "mg/dL", "105272-9": "mmol/L"}
	for i, name := range []string{"cgmSensorReadingMassPerVolumeExample", "cgmSensorReadingMolesPerVolumeExample"} {
		code := []string{"99504-3", "105272-9"}[i]
		if !strings.Contains(string(profiles), "$LNC#"+code) {
			t.Fatalf("the profiles don't have %s", code)
		}
		_, body, ok := strings.Cut(string(examples), "Instance: "+name)
		body, _, _ = strings.Cut(body, "Instance: ")
		if !ok {
			t.Fatalf("no example %s", name)
		}
		text := fmt.Sprintf(`{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":%q}]},
			"subject":{"reference":"Patient/patientExample"},"effectiveDateTime":%q,"valueQuantity":{"value":%s,"code":%q,"unit":%q}}`,
			code, fsh(t, body, `effectiveDateTime = "([^"]+)"`), fsh(t, body, `valueQuantity.value = ([\d.]+)`), units[code], units[code])
		path := filepath.Join(t.TempDir(), "o.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		rows, summary := readAll(t, "fhir", Options{}, path)
		conserved(t, rows, summary)
		w := rows[0].Wire
		if got := fmt.Sprint(*w.Value, " ", w.Unit, " ", w.Time); got != want[code] || w.Defect != "" || w.Patient != "patientExample" {
			t.Errorf("%s: %s (%s, %s), want %s", code, got, w.Patient, w.Defect, want[code])
		}
	}
	for _, code := range fhirPeriods {
		if !strings.Contains(string(profiles), "$LNC#"+code) {
			t.Errorf("the guide has no summary %s", code)
		}
	}
}

func fsh(t *testing.T, body, pattern string) string {
	t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(body)
	if found == nil {
		t.Fatalf("no %s in %s", pattern, body)
	}
	return found[1]
}
