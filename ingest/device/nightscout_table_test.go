package device

import (
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestNightscoutMatchesItsTable compares with the table that another program made of
// the same files: per five minutes CGM, carbs, bolus and basal. The events carry the
// basal profile's own zone, and the table's maker read its clock as UTC; so the
// profile is read once more with UTC for the comparison.
//
// Three things differ, and there the table is wrong: rates given in percent, which it
// takes for nothing; and the profile switch of three hours on 27 October, which it
// lets run on until the next.
func TestNightscoutMatchesItsTable(t *testing.T) {
	root := realData(t, "device_exports/nightscout")
	rows, summary := readAll(t, "nightscout", Options{Patient: "p"}, root)
	conserved(t, rows, summary)
	want := Summary{Files: 3, Lines: 594, Split: 5, Derived: 17, Events: 616,
		Kinds: map[string]int{"glucose": 576, "insulin": 28, "meal": 7, "profile": 5}}
	if !reflect.DeepEqual(unlisted(summary), want) {
		t.Errorf("summary %+v\nwant    %+v", summary, want)
	}
	expect(t, rows, nil)

	table := expectedTable(t, filepath.Join(root, "nightscout_expected_output.csv"))
	rows, _ = readAll(t, "nightscout", Options{Patient: "p"}, inUTC(t, root))
	got := fiveMinutes(rows)
	if len(table) != 576 {
		t.Fatalf("%d rows in the table", len(table))
	}
	differ := map[string]int{}
	for at, w := range table {
		g := got[at]
		if g.cgm != w.cgm || g.carbs != w.carbs || g.bolus != w.bolus {
			t.Errorf("%s: %+v, want %+v", at, g, w)
		}
		if math.Abs(g.basal-w.basal) > 6e-6 {
			differ[whyBasalDiffers(at)]++
		}
	}
	// The last slot holds nothing: the record ends with its reading.
	wantDiffer := map[string]int{"percent": 12 + 18 + 12, "switch of three hours": 24, "end": 1}
	if !maps.Equal(differ, wantDiffer) {
		t.Errorf("basal differs in %v slots, want %v", differ, wantDiffer)
	}
}

// whyBasalDiffers names the stretch of the table in which at lies.
func whyBasalDiffers(at time.Time) string {
	for _, s := range []struct{ from, to, why string }{
		{"2024-10-26T09:00", "2024-10-26T10:00", "percent"}, {"2024-10-27T01:30", "2024-10-27T03:00", "percent"}, {"2024-10-27T20:00", "2024-10-27T21:00", "percent"},
		{"2024-10-27T14:00", "2024-10-27T16:00", "switch of three hours"}, {"2024-10-27T23:55", "2024-10-28T00:00", "end"},
	} {
		if text := at.UTC().Format("2006-01-02T15:04"); text >= s.from && text < s.to {
			return s.why
		}
	}
	return at.UTC().Format(time.RFC3339)
}

// slot is five minutes of the table.
type slot struct{ cgm, carbs, bolus, basal float64 }

func expectedTable(t *testing.T, path string) map[time.Time]slot {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	table := map[time.Time]slot{}
	for _, l := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		cells := strings.Split(strings.TrimSpace(l), ",")
		at, err := time.Parse("2006-01-02 15:04:05Z07:00", cells[0])
		if err != nil {
			t.Fatal(err)
		}
		var v [8]float64
		for i := 2; i < 8; i++ {
			if v[i], err = strconv.ParseFloat(cells[i], 64); err != nil {
				t.Fatal(err)
			}
		}
		table[at.UTC()] = slot{v[2], v[4], v[7], v[6]}
	}
	return table
}

// inUTC copies the files with the profiles' zone replaced.
func inUTC(t *testing.T, root string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"nightscout_entries.json", "nightscout_treatments.json", "nightscout_profiles.json"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.ReplaceAll(string(text), "Europe/Helsinki", "UTC")
		if err := os.WriteFile(filepath.Join(dir, name), []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// fiveMinutes lays events into slots; insulin over time is spread evenly.
func fiveMinutes(rows []Row) map[time.Time]slot {
	const width = 5 * time.Minute
	slots := map[time.Time]slot{}
	for _, r := range rows {
		at, err := time.Parse(time.RFC3339, r.Wire.Time)
		if err != nil {
			continue
		}
		at = at.UTC()
		here := slots[at.Truncate(width)]
		switch w := r.Wire; {
		case w.Type == "glucose":
			here.cgm = *w.Value
		case w.Type == "meal":
			here.carbs += *w.CarbsG
		case w.Type == "insulin" && w.Reason != "basal":
			here.bolus += *w.Units
		case w.Type == "insulin":
			end := at.Add(time.Duration(*w.DurationMin * float64(time.Minute)))
			for s := at.Truncate(width); s.Before(end); s = s.Add(width) {
				overlap := min(end.Sub(s), width, s.Add(width).Sub(at)).Minutes()
				one := slots[s]
				one.basal += *w.Units * overlap / *w.DurationMin
				slots[s] = one
			}
			continue
		default:
			continue
		}
		slots[at.Truncate(width)] = here
	}
	return slots
}
