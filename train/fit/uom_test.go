package fit

import (
	"encoding/csv"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
)

// uom replays the ten adults of the T1D-UOM study, straight from their files.
// Rows that can't be read are left out; cleansing them is not this test's matter.
func uom(t testing.TB) train.Replay {
	t.Helper()
	root := shared(t, "t1d_uom")
	files, err := filepath.Glob(filepath.Join(root, "glucose", "*.csv"))
	if err != nil || len(files) == 0 {
		t.Skip("../shared/data not found: no files in t1d_uom/glucose")
	}
	return func(fn func(string, []cleanse.Event) error) error {
		for _, file := range files {
			id := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "UoMGlucose"), ".csv")
			if err := fn("uom-"+id, adult(t, root, id)); err != nil {
				return err
			}
		}
		return nil
	}
}

func adult(t testing.TB, root, id string) []cleanse.Event {
	var events []cleanse.Event
	seen := map[time.Time]bool{}
	rows(t, filepath.Join(root, "glucose", "UoMGlucose"+id+".csv"), func(at time.Time, row []string) {
		mmol, err := strconv.ParseFloat(row[1], 64)
		if err != nil || mmol < 1.5 || mmol > 30 || seen[at] {
			return
		}
		seen[at] = true
		mgdl := cleanse.MgdL(mmol * cleanse.MgdLPerMmolL)
		events = append(events, cleanse.Event{Kind: cleanse.Glucose, At: at, Source: "cgm", Glucose: cleanse.GlucoseReading{MgdL: mgdl}})
	})
	rows(t, filepath.Join(root, "bolus", "UoMBolus"+id+".csv"), func(at time.Time, row []string) {
		if units, err := strconv.ParseFloat(row[1], 64); err == nil && units > 0 {
			events = append(events, dosed(at, "rapid", "", units))
		}
	})
	events = append(events, basal(t, filepath.Join(root, "basal", "UoMBasal"+id+".csv"))...)
	rows(t, filepath.Join(root, "nutrition", "UoMNutrition"+id+".csv"), func(at time.Time, row []string) {
		if carbs, err := strconv.ParseFloat(row[3], 64); err == nil {
			meal := cleanse.MealEntry{Carbs: cleanse.Some(cleanse.Grams(carbs))}
			events = append(events, cleanse.Event{Kind: cleanse.Meal, At: at, Meal: meal})
		}
	})
	sort.SliceStable(events, func(i, j int) bool { return events[i].At.Before(events[j].At) })
	return events
}

// basal is long-acting insulin in units (L), or the rate of a pump in units per
// hour that holds until the next row (R).
func basal(t testing.TB, file string) []cleanse.Event {
	var events []cleanse.Event
	rates := map[time.Time]float64{}
	rows(t, file, func(at time.Time, row []string) {
		switch dose, err := strconv.ParseFloat(row[1], 64); {
		case err != nil || dose < 0:
		case row[2] == "L":
			events = append(events, dosed(at, "long", "", dose))
		case row[2] == "R":
			rates[at] = dose
		}
	})
	times := slices.SortedFunc(maps.Keys(rates), time.Time.Compare)
	for i, at := range times {
		if i+1 == len(times) {
			break
		}
		e := dosed(at, "rapid", "basal", 0)
		e.Insulin.Duration = min(times[i+1].Sub(at), 24*time.Hour)
		e.Insulin.Units = cleanse.Units(rates[at] * e.Insulin.Duration.Hours())
		events = append(events, e)
	}
	return events
}

func dosed(at time.Time, action, reason string, units float64) cleanse.Event {
	return cleanse.Event{Kind: cleanse.Insulin, At: at,
		Insulin: cleanse.InsulinDose{Action: action, Reason: reason, Units: cleanse.Units(units)}}
}

// rows calls fn for each row of a file with a readable time; a person may have no
// such file.
func rows(t testing.TB, file string, fn func(time.Time, []string)) {
	f, err := os.Open(file)
	if os.IsNotExist(err) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	all, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range all {
		if at, err := time.Parse("02/01/2006 15:04", row[0]); err == nil {
			fn(at, row)
		}
	}
}

// shared is a folder of the reference data beside the repository, or skips.
func shared(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	folder := filepath.Join(dir, "../shared/data", name)
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("../shared/data not found: %s is trained on where it is", name)
	}
	return folder
}
