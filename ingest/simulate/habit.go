package simulate

import (
	"math/rand/v2"
)

// habits are how a person lives with diabetes.
type habits struct {
	Wake, Sleep float64 // minutes of the local day, on weekdays
	Appetite    float64 // against the cohort's
	CountBias   float64 // carbs counted over carbs eaten, median
	CountSD     float64 // of the logarithm, meal to meal
	Unlogged    float64 // chance that a main meal is never logged
	UnloggedBit float64 // the same of a snack
	Missed      float64 // chance that a logged meal gets no bolus
	Late        float64 // chance that a meal is logged and dosed after eating
	Lead        float64 // minutes between logging and eating, median
	UsesIOB     bool    // takes insulin on board off corrections
	CorrectFrom float64 // mg/dL above which a correction comes to mind
	CorrectGap  float64 // minutes since the last bolus before correcting
	Vigilance   float64 // chance per reading of acting on a high
	Notice      float64 // chance per reading of noticing a low, awake
	NoticeNight float64 // the same asleep, by the alarm
	Training    float64 // chance of exercise on a day
	LongAt      float64 // minute of the day of the long-acting dose
	Sticks      float64 // meter readings a day
	Accept      float64 // chance of taking advice as it is
	Change      float64 // chance of taking it changed
	DaySD       float64 // of the logarithm of a day's sensitivity
}

// drawHabits draws habits. Carb counting errs by about 20 % (Brazeau AS et al.,
// Diabetes Res Clin Pract 2013;99:19), most of all low for large meals (Roversi C et
// al., Diabetes Technol Ther 2020;22:749); missed boluses are what spoils control in
// youth (Burdick J et al., Pediatrics 2004;113:e221), and adolescents are taken to
// miss more. The rest are plausible ranges, not measurements.
func drawHabits(r *rand.Rand, c cohort) habits {
	h := habits{
		Wake: 400 + 35*trunc(r, 2), Sleep: 1365 + 35*trunc(r, 1.8),
		Appetite: lognormal(r, 0.13), CountBias: 0.95 * lognormal(r, 0.08), CountSD: 0.15 + 0.15*r.Float64(),
		Unlogged: 0.02 + 0.06*r.Float64(), UnloggedBit: 0.1 + 0.3*r.Float64(),
		Missed: 0.02 + 0.06*r.Float64(), Late: 0.1 + 0.2*r.Float64(), Lead: 3 + 10*r.Float64(),
		UsesIOB: r.Float64() < 0.75, CorrectFrom: 185 + 50*r.Float64(), CorrectGap: 120 + 90*r.Float64(),
		Vigilance: 0.08 + 0.12*r.Float64(), Notice: 0.3 + 0.4*r.Float64(), NoticeNight: 0.06 + 0.16*r.Float64(),
		Training: 0.1 + 0.3*r.Float64(), LongAt: 1290 + 30*trunc(r, 1.5), Sticks: 2 * r.Float64(),
		Accept: 0.6 + 0.3*r.Float64(), Change: 0.1, DaySD: 0.09 + 0.09*r.Float64(),
	}
	if r.Float64() < 0.3 {
		h.LongAt = h.Wake + 30
	}
	h.fit(c)
	return h
}

// fit adapts habits to an age: adolescents forget more, children are put to bed
// early and watched.
func (h *habits) fit(c cohort) {
	switch {
	case c.name == "adolescent":
		h.Missed, h.Late, h.Vigilance = 2.2*h.Missed, 1.4*h.Late, 0.7*h.Vigilance
	case c.name == "child":
		h.Sleep, h.NoticeNight = h.Sleep-120, 2*h.NoticeNight
	case c.isType2():
		h.Training *= 0.6
	}
}
