package simulate

import (
	"testing"
	"time"
)

// mealtimes counts the rapid-acting insulin and the meals of a week.
func mealtimes(t *testing.T, p *Person) (doses, meals int) {
	t.Helper()
	for _, s := range during(t, p, 7*24*time.Hour) {
		switch {
		case s.Wire.Type == "insulin" && s.Wire.Kind == "rapid" && s.Wire.Reason != "basal":
			doses++
		case s.Wire.Type == "meal" && s.Wire.Kcal != nil: // fast carbs have none
			meals++
		}
	}
	return doses, meals
}

func TestManagedPeopleTakeOnlyWhatIsAdvised(t *testing.T) {
	free := Options{Patients: 3, Seed: 5, Cohort: "adult"}
	managed := free
	managed.Managed = true
	for i, p := range people(t, managed) {
		doses, meals := mealtimes(t, p)
		ownDoses, _ := mealtimes(t, people(t, free)[i])
		if doses != 0 || ownDoses == 0 || meals == 0 {
			t.Errorf("%s: %d doses managed, %d on their own, %d meals", p.Patient(), doses, ownDoses, meals)
		}
	}
}

func TestManagedPeopleFollowAdviceWhileAwake(t *testing.T) {
	p := people(t, Options{Patients: 1, Seed: 5, Cohort: "adult", Managed: true})[0]
	p.habits.Accept, p.habits.Change = 0, 0
	awake, asleep := 0, 0
	for hour := 1; hour <= 48; hour++ {
		during(t, p, time.Duration(hour)*time.Hour)
		sleeping := p.asleep(p.d.Now)
		answer := one(t, after(t, p, Advice{ID: time.Duration(hour).String(), Kind: "correction", Units: 0.5, At: p.d.Now}, 3), "response")
		switch want := map[bool]string{true: "declined", false: "accepted"}[sleeping]; {
		case answer.Action != want:
			t.Errorf("hour %d: %s, want %s", hour, answer.Action, want)
		case sleeping:
			asleep++
		default:
			awake++
		}
	}
	if awake == 0 || asleep == 0 {
		t.Errorf("%d answers awake, %d asleep", awake, asleep)
	}
}

func TestStrainIsOnEverybody(t *testing.T) {
	o := Options{Patients: 6, Seed: 3, Cohort: "adult", Strain: Strain{Unannounced: 1}}
	for _, p := range people(t, o) {
		if _, meals := mealtimes(t, p); meals != 0 {
			t.Errorf("%s announced %d meals", p.Patient(), meals)
		}
	}
}
