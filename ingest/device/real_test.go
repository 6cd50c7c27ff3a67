package device

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// realData is a directory of the public data sets, which lie beside the
// repository and are never part of it.
func realData(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
	}
	path := filepath.Join(dir, "..", "shared", "data", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("../shared/data not found: %v", err)
	}
	return path
}

// dataLines counts a file's lines that hold text, without the reader.
func dataLines(t *testing.T, path string, headers int) int {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n := -headers
	for _, l := range bytes.Split(text, []byte("\n")) {
		if len(bytes.TrimSpace(l)) > 0 {
			n++
		}
	}
	return n
}

// eachLineOnce checks, against the files themselves, that every line is there.
func eachLineOnce(t *testing.T, root string, headers int, rows []Row) {
	t.Helper()
	got := map[string]int{}
	for _, r := range rows {
		if r.Line > 0 {
			got[r.File]++
		}
	}
	for file, n := range got {
		if want := dataLines(t, filepath.Join(root, file), headers); n != want {
			t.Errorf("%s: %d events from %d lines", file, n, want)
		}
	}
}

// sampled looks into every defect and every 50th of the other objects: all of
// them take a minute under the race detector.
func sampled(t *testing.T, rows []Row) {
	t.Helper()
	for i, r := range rows {
		if i%50 == 0 || r.Wire.Defect != "" {
			whole(t, r)
		}
	}
}

// defects are the lines that can't be understood, by file, as "line: words of
// the reason".
func defects(rows []Row) map[string][]string {
	found := map[string][]string{}
	for _, r := range rows {
		if r.Wire.Defect != "" {
			_, why, _ := strings.Cut(r.Wire.Defect, `": `)
			found[r.File] = append(found[r.File], fmt.Sprintf("%d: %s", r.Line, why))
		}
	}
	return found
}

// expect compares the defects with want, where every reason is a beginning or a
// part of the real one.
func expect(t *testing.T, rows []Row, want map[string][]string) {
	t.Helper()
	got := defects(rows)
	for file := range got {
		if _, ok := want[file]; !ok {
			t.Errorf("%s: unexpected %q", file, got[file])
		}
	}
	for file, reasons := range want {
		if len(got[file]) != len(reasons) {
			t.Errorf("%s: %d defects, want %d: %q", file, len(got[file]), len(reasons), got[file])
			continue
		}
		for i, reason := range reasons {
			n, part, _ := strings.Cut(reason, ": ")
			if !strings.HasPrefix(got[file][i], n+": ") || !strings.Contains(got[file][i], part) {
				t.Errorf("%s: %q, want %q", file, got[file][i], reason)
			}
		}
	}
}

func TestT1DUoMAsItIs(t *testing.T) {
	root := realData(t, "t1d_uom")
	rows, summary := readAll(t, "t1d-uom", Options{}, root)
	t.Run("accounts", func(t *testing.T) { uomAccounts(t, root, rows, summary) })
	t.Run("empty cells", func(t *testing.T) { uomEmptyCells(t, rows) })
	t.Run("sums", func(t *testing.T) { uomSums(t, root, rows) })
	t.Run("profiles", func(t *testing.T) { uomProfiles(t, rows) })
}

func uomAccounts(t *testing.T, root string, rows []Row, summary Summary) {
	t.Helper()
	conserved(t, rows, summary)
	sampled(t, rows)
	eachLineOnce(t, root, 1, rows)
	want := Summary{
		Files: 36, Skipped: []string{"CITATION.cff", "LICENSE.md"}, Headers: 36, Lines: 222_140,
		Derived: 10, Events: 222_150, Defects: 9,
		Kinds: map[string]int{"glucose": 197_899, "insulin": 21_937, "meal": 2_304, "profile": 10},
	}
	if !reflect.DeepEqual(summary, want) {
		t.Errorf("summary %+v\nwant    %+v", summary, want)
	}
	expect(t, rows, map[string][]string{
		"bolus/UoMBolus2302.csv":         {"118: wrong year", "163: wrong year"},
		"bolus/UoMBolus2305.csv":         {"140: wrong year"},
		"bolus/UoMBolus2403.csv":         {"47: wrong year"},
		"nutrition/UoMNutrition2320.csv": {"21: wrong year"},
		"nutrition/UoMNutrition2309.csv": {`42: time "21/02/2024"`, `57: time "26/02/2024"`, `152: time "05/04/2024"`, `159: time "08/04/2024"`},
	})
}

// uomEmptyCells: what the study left empty is left to cleansing: the event lacks its number.
func uomEmptyCells(t *testing.T, rows []Row) {
	t.Helper()
	got := map[string]int{}
	for _, r := range rows {
		w := r.Wire
		if w.Type == "glucose" && w.Value == nil || w.Type == "insulin" && w.Units == nil || w.Type == "meal" && w.CarbsG == nil {
			got[r.File]++
		}
	}
	want := map[string]int{
		"bolus/UoMBolus2302.csv": 1, "bolus/UoMBolus2304.csv": 1, "bolus/UoMBolus2305.csv": 2, "bolus/UoMBolus2306.csv": 96,
		"nutrition/UoMNutrition2302.csv": 1, "nutrition/UoMNutrition2305.csv": 4, "nutrition/UoMNutrition2306.csv": 2, "nutrition/UoMNutrition2309.csv": 3,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("without a number: %v\nwant %v", got, want)
	}
}

// uomSums: glucose and boluses are summed from the files without the reader.
func uomSums(t *testing.T, root string, rows []Row) {
	t.Helper()
	got, want := map[string]float64{}, map[string]float64{}
	for _, r := range rows {
		switch {
		case r.Wire.Type == "glucose":
			got[r.File] += *r.Wire.Value
		case r.Wire.Type == "insulin" && r.Wire.Reason != "basal" && r.Wire.Units != nil:
			got[r.File] += *r.Wire.Units
		}
	}
	for file := range got {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range strings.Split(string(text), "\r\n")[1:] {
			if _, cell, ok := strings.Cut(l, ","); ok && cell != "" {
				v, err := strconv.ParseFloat(cell, 64)
				if err != nil {
					t.Fatal(err)
				}
				want[file] += v
			}
		}
	}
	for file := range want {
		if d := got[file] - want[file]; d > 1e-6 || d < -1e-6 {
			t.Errorf("%s: sum %v, want %v", file, got[file], want[file])
		}
	}
}

func uomProfiles(t *testing.T, rows []Row) {
	t.Helper()
	got := map[string]string{}
	for _, r := range rows {
		if w := r.Wire; w.Type == "profile" {
			got[r.Key] = fmt.Sprintf("%s icr %s isf %s basal %s", w.Regimen, w.ICR, w.ISF, w.BasalUPerDay)
		}
	}
	want := map[string]string{
		"uom-2301": "pump icr 16.5 isf 59.4 basal 18.7",
		"uom-2302": "mdi icr 26.2 isf 94.2 basal 8.6",
		"uom-2303": " icr  isf  basal ",
		"uom-2304": "pump icr 5.9 isf 21.3 basal 33.5",
		"uom-2305": "mdi icr 12.6 isf 45.3 basal 23",
		"uom-2306": "mdi icr 16.2 isf 58.3 basal 9.3",
		"uom-2307": "pump icr 25.8 isf 93 basal 6.8",
		"uom-2309": "pump icr 16.7 isf 60 basal 19.3",
		"uom-2320": " icr 18.3 isf 65.9 basal ",
		"uom-2403": "mdi icr 20.5 isf 73.7 basal 12",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("profiles %v\nwant %v", got, want)
	}
}

func TestUCIAsItIs(t *testing.T) {
	root := realData(t, "uci_diabetes")
	rows, summary := readAll(t, "uci", Options{}, root)
	conserved(t, rows, summary)
	sampled(t, rows)
	eachLineOnce(t, root, 0, rows)
	want := Summary{
		Files: 50, Skipped: []string{"Data-Codes", "Domain-Description", "README-DIABETES"}, Lines: 19_873, Events: 19_873, Defects: 195,
		Kinds: map[string]int{"glucose": 8_908, "insulin": 9_874, "meal": 301, "note": 790},
	}
	if !reflect.DeepEqual(summary, want) {
		t.Errorf("summary %+v\nwant    %+v", summary, want)
	}
	expect(t, rows, uciDefects())
}

// uciDefects lists the set's known defects by file and line.
func uciDefects() map[string][]string {
	want := map[string][]string{
		"data-02": {`170: "0Hi"`, `204: "0Hi"`, `210: "0Hi"`, `218: "0Hi"`, `222: "0Hi"`, `236: "0Lo"`, `612: "0Hi"`},
		"data-20": {`104: code "4"`, `364: "06-31-1991 07:50"`, "365: 06-31", "366: 06-31", "367: 06-31", "368: 06-31", "369: 06-31", "370: 06-31"},
		"data-22": {`2: code "36"`, `86: code "56"`},
		"data-27": split(806),
		"data-29": split(208, 434, 532, 559, 642, 668, 839, 930, 1028, 1143),
		"data-40": {`75: "0''"`},
	}
	clock := []string{`786: "08-20-1990 11:0"`, `787: "08-20-1990 11:0"`}
	want["data-29"] = append(want["data-29"][:36:36], append(clock, want["data-29"][36:]...)...)
	for file, lines := range map[string][]int{
		"data-03": {4, 9, 19, 28, 37, 46, 61, 145, 240, 244},
		"data-04": {15, 19, 113, 119, 120, 125},
		"data-05": {10, 16, 17, 22, 291, 292},
		"data-11": {73},
		"data-12": {12},
		"data-17": {8, 9, 19, 20, 34, 35, 46, 57, 58, 70, 78, 90, 99, 110, 120, 129, 141, 142, 151, 160, 195, 251},
		"data-18": {12, 90, 270, 271},
		"data-19": {65, 66, 282, 297},
		"data-23": {151, 152, 153},
		"data-25": {68},
		"data-32": {12, 25, 33, 46, 57, 84, 105},
		"data-33": {18, 39},
		"data-34": {167},
		"data-35": {118, 189, 268},
		"data-36": {3, 137, 185},
		"data-43": {14, 22, 56, 74, 118, 159, 180, 240, 297},
		"data-44": {75},
		"data-49": {1, 5, 6, 7, 104, 109, 129, 130, 137, 142, 149, 157, 163, 179},
		"data-50": {1, 6, 26, 27, 34, 39, 46, 54, 60, 76, 138},
	} {
		for _, n := range lines {
			want[file] = append(want[file], fmt.Sprintf(`%d: code "56"`, n))
		}
	}
	return want
}

// split are three records in a row that were each broken over two lines.
func split(first ...int) (all []string) {
	for _, n := range first {
		for i := range 3 {
			all = append(all, fmt.Sprintf("%d: first half", n+2*i), fmt.Sprintf("%d: second half", n+2*i+1))
		}
	}
	return all
}

// Nine people's records are kept on paper, with four fictitious times.
func TestUCIPaperRecords(t *testing.T) {
	rows, _ := readAll(t, "uci", Options{}, realData(t, "uci_diabetes"))
	marked, all := map[string]int{}, map[string]int{}
	for _, r := range rows {
		all[r.Key]++
		if bytes.Contains(r.JSON, []byte(`"time_precision":"slot"`)) {
			marked[r.Key]++
		}
	}
	for _, key := range strings.Fields("uci-02 uci-06 uci-07 uci-10 uci-21 uci-26 uci-31 uci-41 uci-42") {
		if marked[key] == 0 || marked[key] != all[key] {
			t.Errorf("%s: %d of %d marked", key, marked[key], all[key])
		}
		delete(marked, key)
	}
	if len(marked) > 0 {
		t.Errorf("also marked: %v", marked)
	}
}

// BenchmarkT1DUoM reads the whole study; one operation is 222,150 events.
func BenchmarkT1DUoM(b *testing.B) {
	root := realData(b, "t1d_uom")
	events := 0
	for b.Loop() {
		summary, err := Read("t1d-uom", []string{root}, Options{}, func(Row) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
		events += summary.Events
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}
