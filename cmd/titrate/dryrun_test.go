package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// dryRun is what import --dry-run prints.
type dryRun struct {
	Import struct {
		Events int
		Shared []sharedReadings
	}
	Records  int64
	Outcomes map[string]int64
	Broken   map[string]ruleBreaches
}

// quarantining are the counts of the rules that quarantine.
func (d *dryRun) quarantining() map[string]int64 {
	found := map[string]int64{}
	for rule, b := range d.Broken {
		if b.Action == "quarantine" {
			found[rule] = b.Count
		}
	}
	return found
}

// Every public set imports, and what is quarantined is what the sets' description
// names, and nothing else.
//
// t1d-uom: 5 wrong years and 4 dates without a time (source_defect; two of the years
// leave no time behind), empty boluses and carbs, glucose of 0.1 mmol/L.
// uci: "0Hi", "0Lo" and `0”`, 31 June, records split over two lines, "11:0", unknown
// codes (all source_defect, some of which leave no value or time either), and two
// values out of range. The exports have no defect at all.
func TestEverySetIsCleansedAsItIsDescribed(t *testing.T) {
	data := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(data); err != nil {
		t.Skipf("../shared/data not found: %v", err)
	}
	const american = "--zone America/New_York --patient "
	for _, set := range []struct {
		format, path, flags string
		outcomes            map[string]int64
		quarantine          map[string]int64
		shared              []string // pairs of people
	}{
		{"t1d-uom", "t1d_uom", "", map[string]int64{"accepted": 206_362, "duplicate": 15_662, "quarantined": 126},
			map[string]int64{"source_defect": 9, "time_in_future": 1, "time_unparseable": 4, "units_missing": 100, "carbs_missing": 10, "value_implausible": 7},
			[]string{"uom-2303 uom-2304"}},
		{"uci", "uci_diabetes", "", map[string]int64{"accepted": 19_670, "duplicate": 6, "quarantined": 197},
			map[string]int64{"source_defect": 195, "field_type": 8, "time_missing": 33, "time_unparseable": 9, "units_range": 1, "value_range": 1},
			[]string{"uci-49 uci-50", "uci-04 uci-05", "uci-11 uci-12"}},
		{"clarity", "device_exports/dexcom_clarity", american + "p-{file}", map[string]int64{"accepted": 3_572}, map[string]int64{}, nil},
		{"libreview", "device_exports/libreview", american + "p-{file}", map[string]int64{"accepted": 5_318, "duplicate": 2}, map[string]int64{}, nil},
		{"nightscout", "device_exports/nightscout", "--patient p-1", map[string]int64{"accepted": 616}, map[string]int64{}, nil},
		{"clarity", "big_ideas/dexcom", american + "big-{number}", map[string]int64{"accepted": 23_715, "duplicate": 2}, map[string]int64{}, nil},
		{"food-log", "big_ideas/food_logs", american + "big-{number}", map[string]int64{"accepted": 866}, map[string]int64{}, nil},
	} {
		t.Run(set.path, func(t *testing.T) {
			args := append([]string{"import", set.format, filepath.Join(data, filepath.FromSlash(set.path)), "--dry-run"}, strings.Fields(set.flags)...)
			var got dryRun
			if err := json.Unmarshal([]byte(must(t, args...).stdout), &got); err != nil {
				t.Fatal(err)
			}
			if int64(got.Import.Events) != got.Records || !maps.Equal(got.Outcomes, set.outcomes) || !maps.Equal(got.quarantining(), set.quarantine) {
				t.Errorf("%d events, %d records, %v, quarantined by %v;\nwant %v by %v", got.Import.Events, got.Records, got.Outcomes, got.quarantining(), set.outcomes, set.quarantine)
			}
			var shared []string
			for _, s := range got.Import.Shared {
				shared = append(shared, strings.Join(s.Patients[:], " "))
			}
			if !reflect.DeepEqual(shared, set.shared) {
				t.Errorf("people who share readings: %+v, want %v", got.Import.Shared, set.shared)
			}
			for rule, b := range got.Broken {
				if b.Count > 0 && len(b.Examples) == 0 || len(b.Examples) > mostExamples {
					t.Errorf("%s has %d examples", rule, len(b.Examples))
				}
			}
		})
	}
}

// A stricter file of rules shows what it would do to what is imported and to a lake.
func TestDryRunsOfOtherRules(t *testing.T) {
	dir := t.TempDir()
	rules := filepath.Join(dir, "rules.yaml")
	if err := os.WriteFile(rules, []byte("rules:\n  value_implausible: {action: fail}\nadd:\n  - {id: night_low, on: glucose, broken_if: 'mgdl < 70.0', action: quarantine}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	lake := filepath.Join("..", "..", "cleanse", "lake", "testdata", "v1")
	var got struct {
		Messages int64
		Changed  []struct {
			From, To string
			Rules    string
			Count    int64
			Examples []string
		}
	}
	if err := json.Unmarshal([]byte(must(t, "replay", "--dry-run", "--lake", lake, "--rules", rules).stdout), &got); err != nil {
		t.Fatal(err)
	}
	if got.Messages != 15 || len(got.Changed) != 1 || got.Changed[0].From != "accepted" || got.Changed[0].To != "quarantined" || got.Changed[0].Rules != "cgm_low,night_low" || got.Changed[0].Count != 1 {
		t.Errorf("%+v, want the one low reading to be quarantined", got)
	}
	if r := runTitrate(t, "replay", "--lake", lake); r.exit != 2 {
		t.Errorf("replay without --dry-run: exit %d, %s", r.exit, r.stderr)
	}
}
