package device

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// What docs/import.md shows is what the code does.
func TestTheReferenceHolds(t *testing.T) {
	text, err := os.ReadFile("../../docs/import.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for _, f := range Formats() {
		if !strings.Contains(page, "`"+f.Name+"`") {
			t.Errorf("the page doesn't name the format %s", f.Name)
		}
	}
	block := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindStringSubmatch(page)
	if block == nil {
		t.Fatal("no example of a mapping")
	}
	dir := written(t, "diary.yaml", block[1], "diary.csv", "Tagebuch\nPerson;Datum;Uhrzeit;Art;Wert;Einheit;KE;Insulin;Bemerkung\n"+
		"p-1;02.05.2024;7:05;Sensor;5,6;mmol/l;;;\np-1;02.05.2024;7:15;Tagebuch;;;4,5;3,5;\np-1;02.05.2024;7:20;Werbung;;;;;\n")
	rows, summary := readAll(t, "csv", Options{Mapping: dir + "/diary.yaml"}, dir+"/diary.csv")
	conserved(t, rows, summary)
	if summary.Events != 3 || summary.Defects != 0 || *rows[1].Wire.CarbsG != 45 || *rows[2].Wire.Units != 3.5 {
		t.Errorf("the example reads %+v", summary)
	}
	_, err = parseMapping("diary.yaml", []byte(strings.Replace(block[1], "type: glucose", "type: sugar", 1)))
	shown := regexp.MustCompile(`(?m)^    (mapping diary.yaml line \d+: .*)$`).FindStringSubmatch(page)
	if err == nil || shown == nil || err.Error() != shown[1] {
		t.Errorf("the error is %v, the page shows %q", err, shown)
	}
}
