package feature

import (
	"reflect"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
)

func TestSensitivityComesFromTheSettingsElseFromInsulin(t *testing.T) {
	var v Vector
	reading := trace(5, 120)
	observe(reading...).Vector(monday, &v)
	near(t, "usual isf", v[ISF], 45)
	near(t, "usual csf", v[CSF], 45./11)

	week := append(trace(5, 120), at(-60*71, dose("long", "", 60)), at(-30, dose("rapid", "", 60)))
	observe(week...).Vector(monday, &v)
	near(t, "isf by total", v[ISF], 1800./40)
	near(t, "csf by total", v[CSF], 1800./500)

	told := append(week, at(-1, cleanse.Event{Kind: cleanse.Profile, Profile: settings(70)}))
	observe(told...).Vector(monday, &v)
	near(t, "told isf", v[ISF], 70)
	near(t, "told csf", v[CSF], 7)
	near(t, "told", v[Told], 1)
}

func TestTimeOfDayIsThePersons(t *testing.T) {
	s := settings(50)
	s.Zone = time.FixedZone("east", 6*3600)
	w := observe(append(trace(5, 120), at(-9, cleanse.Event{Kind: cleanse.Profile, Profile: s}))...)
	var v Vector
	w.Vector(monday, &v) // midnight UTC is six o'clock there
	near(t, "sine", v[DaySin], 1)
	near(t, "cosine", v[DayCos], 0)
}

func TestTheNewestProfileHolds(t *testing.T) {
	newer, older := settings(50), settings(60)
	w := observe(at(-10, cleanse.Event{Kind: cleanse.Profile, Profile: newer}),
		at(-20, cleanse.Event{Kind: cleanse.Profile, Profile: older}))
	if !reflect.DeepEqual(w.Settings(), newer) {
		t.Error("an older profile that came late replaced the newer")
	}
}

func TestFingerprintIsStable(t *testing.T) {
	if a, b := Fingerprint(), Fingerprint(); a != b || len(a) != len(Version)+9 {
		t.Errorf("fingerprints %q and %q", a, b)
	}
}
