package device

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

// unlisted is a summary without the files beside the data, which differ by where
// the reader was pointed.
func unlisted(s Summary) Summary {
	s.Skipped = nil
	return s
}

// sumsOf adds up what the events of each file say, by type.
func sumsOf(rows []Row, file string) (glucose, carbs float64, count int) {
	for _, r := range rows {
		if filepath.Base(r.File) != file {
			continue
		}
		count++
		if r.Wire.Value != nil {
			glucose += *r.Wire.Value
		}
		if r.Wire.CarbsG != nil {
			carbs += *r.Wire.CarbsG
		}
	}
	return glucose, carbs, count
}

// columnSum adds up a column of a file without the reader; words count as nothing,
// and rows where skip holds aren't counted.
func columnSum(t *testing.T, path string, comma rune, column int, take func(cells []string) bool) (sum float64) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.Comma, r.FieldsPerRecord = comma, -1
	all, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, cells := range all {
		if len(cells) > column && take(cells) {
			if v, err := strconv.ParseFloat(cells[column], 64); err == nil {
				sum += v
			}
		}
	}
	return sum
}

func TestClarityAsItIs(t *testing.T) {
	root := realData(t, "device_exports/dexcom_clarity")
	rows, summary := readAll(t, "clarity", Options{Zone: zone(t, "America/New_York"), Patient: "p-{file}"}, root)
	conserved(t, rows, summary)
	sampled(t, rows)
	want := Summary{Files: 2, Headers: 2, Lines: 3_599, Events: 3_572, Kinds: map[string]int{"glucose": 3_571, "activity": 1},
		Ignored: map[string]int{"FirstName": 2, "LastName": 2, "PatientIdentifier": 1, "DateOfBirth": 2, "Device": 3, "Alert": 17}}
	if !reflect.DeepEqual(unlisted(summary), want) {
		t.Errorf("summary %+v\nwant    %+v", summary, want)
	}
	expect(t, rows, nil)
	low, second := 0, ""
	for _, r := range rows {
		if strings.Contains(string(r.JSON), `"value":"LOW"`) {
			low++
		}
		if r.Line == 1104 && strings.Contains(r.File, "De-identified") {
			second = r.Wire.Time
		}
	}
	if low != 16 {
		t.Errorf("%d rows of subtype Low became LOW, want 16", low)
	}
	if _, err := time.Parse(time.RFC3339, second); err != nil || !strings.HasSuffix(second, "-05:00") {
		t.Errorf("after the change of clocks on 2018-11-04 a row is at %q", second)
	}
	measured := func(cells []string) bool {
		return (cells[2] == "EGV" || cells[2] == "Calibration") && cells[3] != "Low" && cells[1] != ""
	}
	for file, comma := range map[string]rune{"De-identified_Dexcom.txt": '\t', "cgmquantify_test_file_MIT.csv": ','} {
		got, _, _ := sumsOf(rows, file)
		if want := columnSum(t, filepath.Join(root, file), comma, 7, measured); math.Abs(got-want) > 1e-6 {
			t.Errorf("%s: glucose adds up to %v, want %v", file, got, want)
		}
	}
}

func TestBigIdeasAsTheyAre(t *testing.T) {
	opts := Options{Zone: zone(t, "America/New_York"), Patient: "big-ideas-{number}"}
	rows, summary := readAll(t, "clarity", opts, realData(t, "big_ideas/dexcom"))
	conserved(t, rows, summary)
	sampled(t, rows)
	want := Summary{Files: 10, Headers: 10, Lines: 23_831, Events: 23_717, Kinds: map[string]int{"glucose": 23_717},
		Ignored: map[string]int{"FirstName": 10, "LastName": 10, "PatientIdentifier": 4, "DateOfBirth": 10, "Device": 10, "Alert": 70}}
	if !reflect.DeepEqual(unlisted(summary), want) {
		t.Errorf("summary %+v\nwant    %+v", summary, want)
	}
	expect(t, rows, nil)

	root := realData(t, "big_ideas/food_logs")
	rows, summary = readAll(t, "food-log", opts, root)
	conserved(t, rows, summary)
	want = Summary{Files: 10, Headers: 9, Lines: 866, Events: 866, Kinds: map[string]int{"meal": 866}}
	if !reflect.DeepEqual(unlisted(summary), want) {
		t.Errorf("summary %+v\nwant    %+v", summary, want)
	}
	expect(t, rows, nil)
	for i := 1; i <= 10; i++ {
		file, column := fmt.Sprintf("Food_Log_%03d.csv", i), 9
		if i == 3 {
			column = 8 // no header, no time_end
		}
		_, got, _ := sumsOf(rows, file)
		if want := columnSum(t, filepath.Join(root, file), ',', column, func([]string) bool { return true }); math.Abs(got-want) > 1e-6 {
			t.Errorf("%s: carbs add up to %v, want %v", file, got, want)
		}
	}
}

func TestLibreViewAsItIs(t *testing.T) {
	root := realData(t, "device_exports/libreview")
	rows, summary := readAll(t, "libreview", Options{Zone: zone(t, "America/New_York"), Patient: "p-{file}"}, root)
	conserved(t, rows, summary)
	sampled(t, rows)
	want := Summary{Files: 2, Headers: 5, Lines: 5_321, Events: 5_320, Kinds: map[string]int{"glucose": 5_215, "meal": 3, "note": 102},
		Ignored: map[string]int{"Patient": 1}}
	if !reflect.DeepEqual(unlisted(summary), want) {
		t.Errorf("summary %+v\nwant    %+v", summary, want)
	}
	expect(t, rows, nil)
	any := func([]string) bool { return true }
	path := filepath.Join(root, "libreview_person1_glucose.csv")
	got, _, _ := sumsOf(rows, filepath.Base(path))
	if want := columnSum(t, path, ',', 4, any) + columnSum(t, path, ',', 5, any); got != want {
		t.Errorf("glucose adds up to %v, want %v", got, want)
	}
	report := filepath.Join(root, "De-identified_Libre.csv")
	got, _, _ = sumsOf(rows, filepath.Base(report))
	if want := columnSum(t, report, ',', 2, any); got != want {
		t.Errorf("the report's glucose adds up to %v, want %v", got, want)
	}
	for _, r := range rows {
		if r.Line == 4 && r.File == filepath.Base(path) && r.Wire.Time != "2021-05-30T17:14:00-04:00" {
			t.Errorf("05-30-2021 05:14 PM was read as %s", r.Wire.Time)
		}
	}
}
