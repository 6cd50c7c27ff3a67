package device

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden answers")

// readAll reads paths and fails the test on an error.
func readAll(t testing.TB, format string, opts Options, paths ...string) ([]Row, Summary) {
	t.Helper()
	var rows []Row
	summary, err := Read(format, paths, opts, func(r Row) error {
		rows = append(rows, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows, summary
}

// hand is a directory of hand-made files and how they are read.
type hand struct {
	format, name string
	opts         Options
}

func hands(t testing.TB) []hand {
	berlin := zone(t, "Europe/Berlin")
	return []hand{
		{"t1d-uom", "uom", Options{}},
		{"uci", "uci", Options{}},
		{"clarity", "clarity", Options{Zone: zone(t, "Europe/London"), Patient: "p-{file}"}},
		{"libreview", "libreview", Options{Zone: zone(t, "America/New_York"), Patient: "p-{file}"}},
		{"nightscout", "nightscout", Options{Patient: "p-7"}},
		{"tidepool", "tidepool", Options{Patient: "p-7"}},
		{"fhir", "fhir", Options{}},
		{"csv", "csv", Options{Mapping: filepath.Join("testdata", "csv.yaml")}},
		{"food-log", "food", Options{Zone: berlin, Patient: "p-{number}"}},
	}
}

// The golden answers are the events of hand-made files, with the summary last.
func TestHandMadeFilesBecomeTheirGoldenEvents(t *testing.T) {
	for _, h := range hands(t) {
		t.Run(h.format, func(t *testing.T) {
			name := h.name
			rows, summary := readAll(t, h.format, h.opts, filepath.Join("testdata", name))
			var got bytes.Buffer
			for _, r := range rows {
				got.Write(append(r.JSON, '\n'))
			}
			last, err := json.Marshal(summary)
			if err != nil {
				t.Fatal(err)
			}
			got.Write(append(last, '\n'))
			golden := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			diff(t, got.String(), string(want))
			conserved(t, rows, summary)
			for _, r := range rows {
				whole(t, r)
			}
		})
	}
}

func diff(t *testing.T, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			t.Fatalf("line %d differs:\n got %s\nwant %s", i+1, at(g, i), at(w, i))
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(nothing)"
}

// conserved checks what holds for every input: each line is one event, or several
// parts of one, or is ignored by name; the summary counts them; and they come in
// order.
func conserved(t *testing.T, rows []Row, s Summary) {
	t.Helper()
	seen := map[place]bool{}
	got := Summary{Events: len(rows), Lines: s.Lines}
	first := 0
	for _, r := range rows {
		if r.Wire.Defect != "" {
			got.Defects++
		}
		if r.Line == 0 {
			got.Derived++
			continue
		}
		if at := (place{r.File, r.Line, r.Part}); seen[at] {
			t.Errorf("%+v became two events", at)
		} else {
			seen[at] = true
		}
		if r.Part > 0 {
			got.Split++
			continue
		}
		first++
	}
	ignored := 0
	for _, n := range s.Ignored {
		ignored += n
	}
	if first+ignored != s.Lines || s.Lines+s.Split+s.Derived != s.Events+ignored || s.Events != got.Events || s.Defects != got.Defects || s.Derived != got.Derived || s.Split != got.Split {
		t.Errorf("%d first events, %+v, summary %+v", first, got, s)
	}
	ordered(t, rows)
}

// whole checks that a row is one object that names nothing twice, for its
// person, that says it is history.
func whole(t *testing.T, r Row) {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(r.JSON, &fields); err != nil {
		t.Fatalf("%s line %d: %v in %s", r.File, r.Line, err, r.JSON)
	}
	d := json.NewDecoder(bytes.NewReader(r.JSON))
	names := -1 // the opening brace
	for d.More() || names < 0 {
		if _, err := d.Token(); err != nil {
			t.Fatal(err)
		}
		if names++; names == 0 {
			continue
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			t.Fatal(err)
		}
	}
	if names != len(fields) {
		t.Fatalf("%s line %d names a field twice: %s", r.File, r.Line, r.JSON)
	}
	if at, err := time.Parse(time.RFC3339, r.Wire.Time); err != nil && r.Wire.Defect == "" {
		t.Fatalf("%s line %d: time %q, %s, and no defect", r.File, r.Line, r.Wire.Time, at)
	}
	if !r.Wire.Backfill || r.Wire.ID != "" || r.Key != r.Wire.Patient || r.Key == "" {
		t.Fatalf("%s line %d: backfill %v, id %q, key %q, patient %q", r.File, r.Line, r.Wire.Backfill, r.Wire.ID, r.Key, r.Wire.Patient)
	}
}

// ordered checks that a person's readable times never go back, except where a
// defect stands.
func ordered(t *testing.T, rows []Row) {
	t.Helper()
	patient, last := "", time.Time{}
	for _, r := range rows {
		if r.Key != patient {
			if r.Key < patient {
				t.Errorf("%s comes after %s", r.Key, patient)
			}
			patient, last = r.Key, time.Time{}
		}
		if r.Wire.Defect != "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, r.Wire.Time)
		if err != nil || at.Before(last) {
			t.Fatalf("%s line %d: time %s after %s (%v)", r.File, r.Line, r.Wire.Time, last, err)
		}
		last = at
	}
}

func TestWhatIsNotOfTheFormatIsOneClearError(t *testing.T) {
	write := func(name, text string) string {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	for _, c := range []struct {
		name, format string
		paths        []string
		want         []string
	}{
		{"unknown format", "fax", []string{"testdata"}, []string{`"fax"`, names()}},
		{"no paths", "uci", nil, []string{"name a directory"}},
		{"missing", "uci", []string{"testdata/nowhere"}, []string{"testdata/nowhere", "data-01", names()}},
		{"other format", "uci", []string{"testdata/uom"}, []string{"testdata/uom", "data-01", names()}},
		{"one of two is other", "t1d-uom", []string{"testdata/uom", "testdata/uci"}, []string{"testdata/uci", "UoMGlucose2301.csv"}},
		{"other header", "t1d-uom", []string{write("UoMGlucose1.csv", "time,mmol\n")}, []string{"UoMGlucose1.csv", "bg_ts,value", "time,mmol"}},
		{"no header", "t1d-uom", []string{write("UoMGlucose1.csv", "")}, []string{"UoMGlucose1.csv", "empty", "bg_ts,value"}},
		{"no columns", "uci", []string{write("data-01", "hello\n")}, []string{"data-01", "tab-separated"}},
		{"endless line", "uci", []string{write("data-01", strings.Repeat("x", maxLine+1))}, []string{"data-01", "too long"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Read(c.format, c.paths, Options{}, func(r Row) error {
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
		})
	}
}

func TestARefusalOfEmitEndsTheRead(t *testing.T) {
	calls := 0
	_, err := Read("uci", []string{"testdata/uci"}, Options{}, func(Row) error {
		calls++
		return os.ErrClosed
	})
	if calls != 1 || err == nil || !strings.Contains(err.Error(), "data-91 line 1") {
		t.Errorf("%d calls, %v", calls, err)
	}
}

func TestAFileCanBeNamedAlone(t *testing.T) {
	rows, summary := readAll(t, "uci", Options{}, "testdata/uci/data-92")
	if len(rows) != 4 || summary.Files != 1 || rows[0].File != "data-92" {
		t.Errorf("%d rows of %d files, first of %q", len(rows), summary.Files, rows[0].File)
	}
}

func TestTheZoneCanBeGiven(t *testing.T) {
	rows, _ := readAll(t, "uci", Options{Zone: time.UTC}, "testdata/uci/data-92")
	if rows[0].Wire.Time != "1989-12-24T08:00:00Z" {
		t.Errorf("time %s", rows[0].Wire.Time)
	}
}
