package feature

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/slab"
	"pgregory.net/rapid"
)

// TestSettingsAreKeptWhole: every field of Settings comes back, of one that is new, too.
func TestSettingsAreKeptWhole(t *testing.T) {
	var full cleanse.Settings
	v := reflect.ValueOf(&full).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Interface().(type) {
		case string:
			f.SetString(v.Type().Field(i).Name)
		case cleanse.Schedule:
			f.Set(reflect.ValueOf(cleanse.Schedule{{Start: 0, Value: float64(i)}, {Start: 60 * i, Value: 2}}))
		case *time.Location:
			f.Set(reflect.ValueOf(time.FixedZone("away", 3600)))
		default:
			if f.CanFloat() {
				f.SetFloat(float64(i) + 0.1)
			} else {
				f.SetInt(int64(i) + 1)
			}
		}
		if v.Field(i).IsZero() {
			t.Fatalf("%s isn't set", v.Type().Field(i).Name)
		}
	}
	for _, want := range []*cleanse.Settings{nil, {}, &full} {
		var r therapy
		var l slab.List
		if r.keep(&l, want); !reflect.DeepEqual(r.look(l), want) {
			t.Errorf("kept %+v, want %+v", r.look(l), want)
		}
	}
}

// TestSettingsAreTheirOwners: whatever many owners do in turns, each has the settings that
// it was given last, and what nobody has takes no room.
func TestSettingsAreTheirOwners(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r therapy
		var lists [6]slab.List
		var want [6]*cleanse.Settings
		for range rapid.IntRange(1, 100).Draw(t, "steps") {
			i := rapid.IntRange(0, len(lists)-1).Draw(t, "owner")
			switch rapid.IntRange(0, 3).Draw(t, "act") {
			case 0:
				want[i] = nil
				r.keep(&lists[i], nil)
			case 1:
				r.keep(&lists[i], r.look(lists[i])) // its own
			default:
				want[i] = drawSettings(t)
				given := want[i].Clone()
				r.keep(&lists[i], given)
				clear(given.ICR)
			}
			for i := range lists {
				if got := r.look(lists[i]); !reflect.DeepEqual(got, want[i]) {
					t.Fatalf("owner %d has %+v, want %+v", i, got, want[i])
				}
			}
		}
		for i := range lists {
			r.keep(&lists[i], nil)
		}
		if len(r.words.number)+len(r.zones.number) > 0 || len(r.words.free) != len(r.words.values) {
			t.Fatalf("nobody has settings, and words %v and zones %v are kept", r.words.values, r.zones.values)
		}
	})
}

var zones = []*time.Location{nil, time.UTC, time.FixedZone("east", 7200)}

func drawSettings(t *rapid.T) *cleanse.Settings {
	schedule := func(name string) (s cleanse.Schedule) {
		for i := range rapid.SampledFrom([]int{0, 1, 1, 2, 5, 1440}).Draw(t, name) { // at most a step a minute
			s = append(s, cleanse.Step{Start: i, Value: rapid.Float64Range(1, 50).Draw(t, "value")})
			if i > 5 {
				s[i].Value = float64(i)
			}
		}
		return s
	}
	return &cleanse.Settings{
		BirthYear: rapid.IntRange(0, 2020).Draw(t, "year"), WeightKg: rapid.Float64Range(0, 90).Draw(t, "weight"),
		Diabetes: rapid.SampledFrom([]string{"", "type1", "type2"}).Draw(t, "diabetes"),
		Insulin:  fmt.Sprint("insulin ", rapid.IntRange(0, 9).Draw(t, "insulin")),
		ICR:      schedule("icr"), ISF: schedule("isf"), BasalPerDay: schedule("basal"),
		Zone: rapid.SampledFrom(zones).Draw(t, "zone"),
	}
}
