package trial

import (
	"math"
	"testing"
	"time"
)

func TestStressIsTheSumOfItsParts(t *testing.T) {
	var parts Condition
	for _, name := range []string{"life", "faults", "adherence"} {
		c, err := ConditionNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		if c.Strain == Stress.Strain {
			parts.Strain = c.Strain
		}
		parts.Faults = append(parts.Faults, c.Faults...)
		parts.Delay += c.Delay
		parts.Followed += 1 - c.Followed
	}
	if parts.Strain != Stress.Strain || len(parts.Faults) != len(Stress.Faults) || parts.Delay != Stress.Delay ||
		math.Abs(parts.Followed-(1-Stress.Followed)) > 1e-9 {
		t.Errorf("parts are %+v, stress is %+v", parts, Stress)
	}
}

// Whether advice is followed is a matter of the person and the hour: the same in
// each arm, and not helped by repeating it.
func TestHeedFollowsTheConditionsShare(t *testing.T) {
	start := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	followed, longest := 0, time.Duration(0)
	const hours = 4000
	for hour := range hours {
		at := start.Add(time.Duration(hour) * time.Hour)
		delay, follows := Stress.heed(1, "p-0001", "bolus", at)
		if d, f := Stress.heed(1, "p-0001", "bolus", at.Add(30*time.Minute)); d != delay || f != follows {
			t.Fatalf("%v: another mind within the hour", at)
		}
		if follows {
			followed++
		}
		longest = max(longest, delay)
		if _, follows := Nominal.heed(1, "p-0001", "bolus", at); !follows {
			t.Fatalf("%v: nominal people follow everything", at)
		}
	}
	if share := float64(followed) / hours; math.Abs(share-0.85) > 0.02 || longest != 10*time.Minute {
		t.Errorf("%.3f followed, within %v: want 0.85 within 10 min", share, longest)
	}
}
